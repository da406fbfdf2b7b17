import { Problem } from '../../core/problem.ts'
import type { WritableStore } from '../../store/port.ts'
import type { Keyring, VariantKey } from '../../url/keyring.ts'
import type { Clock } from '../../waiting/clock.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { TellAnswer } from './event.ts'
import { keepRecent } from './keep-recent.ts'

interface EvictionOptions {
  readonly store: Pick<WritableStore, 'list' | 'deleteAll'>
  readonly keyring: Pick<Keyring, 'verify'>
  readonly maxBytes: number
  readonly inactiveMs: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

interface Aged {
  readonly key: VariantKey
  readonly sizeBytes: number
  readonly step: number
}

/** Keeps a place that only `serve` fills within bounds: results that were not asked for longest go first. */
export type Eviction = ReturnType<typeof createEviction>

/** Results whose exact last use is known. For others, the time when they were stored counts. */
const MAX_USES = 200_000
/** A sweep goes down to this share of the limit, and starts again when the rest of the limit has been stored since. */
const SWEPT_SHARE = 0.9
const FILLED_SHARE = 0.05
const SWEEP_EVERY_MS = 600_000
/**
 * Ages are rounded to so many steps, on a logarithmic scale from now to `inactiveMs`, so that memory does not grow
 * with the folder. This is the step beyond the last.
 */
const TOO_OLD = 2_048
const DELETE_AT_ONCE = 500

/** Sweeps now and then by itself until it is closed. */
export const createEviction = ({ store, keyring, maxBytes, inactiveMs, clock, tell }: EvictionOptions) => {
  const uses = keepRecent<VariantKey, number>(MAX_USES)
  const stop = new AbortController()
  const { signal } = stop
  let storedBytes = 0
  let sweeping: Promise<void> | undefined

  const stepOf = (key: VariantKey, modifiedAt: number): number => {
    const ageMs = Math.max(0, clock.date() - Math.max(uses.get(key) ?? 0, modifiedAt))
    if (ageMs >= inactiveMs) return TOO_OLD
    return Math.floor((Math.log1p(ageMs) / Math.log1p(inactiveMs)) * TOO_OLD)
  }
  const listAged = async function* (): AsyncGenerator<Aged> {
    for await (const { key, sizeBytes, modifiedAt } of store.list({ signal, onUnlisted: () => {} })) {
      const verified = keyring.verify(key)
      if (verified !== undefined)
        yield { key: verified.key, sizeBytes, step: stepOf(verified.key, modifiedAt) }
    }
  }
  const measure = async (): Promise<readonly number[]> => {
    const bytesByStep = new Array<number>(TOO_OLD).fill(0)
    for await (const { step, sizeBytes } of listAged())
      bytesByStep[step] = (bytesByStep[step] ?? 0) + sizeBytes
    return bytesByStep
  }
  const deleteAll = async (keys: readonly VariantKey[]): Promise<void> => {
    const [failure] = await store.deleteAll(keys, { signal })
    if (failure !== undefined) throw new Problem('store-denied', failure.message, { subject: failure.key })
  }
  const deleteBeyond = async (line: Line): Promise<void> => {
    const evicted = { results: 0, sizeBytes: 0 }
    let surplusBytes = line.surplusBytes
    let keys: VariantKey[] = []
    for await (const { key, sizeBytes, step } of listAged()) {
      if (step < line.step || (step === line.step && surplusBytes <= 0)) continue
      if (step === line.step) surplusBytes -= sizeBytes
      keys.push(key)
      evicted.results++
      evicted.sizeBytes += sizeBytes
      if (keys.length < DELETE_AT_ONCE) continue
      await deleteAll(keys)
      keys = []
    }
    await deleteAll(keys)
    if (evicted.results > 0) tell({ kind: 'evicted', ...evicted })
  }
  const sweepOnce = async (isFull: boolean): Promise<void> => {
    storedBytes = 0
    const bytesByStep = await measure()
    const heldBytes = bytesByStep.slice(0, TOO_OLD).reduce((sum, bytes) => sum + bytes, 0)
    const isTooMuch = isFull || heldBytes > maxBytes
    const limitBytes = isTooMuch ? Math.min(heldBytes, maxBytes) : Number.POSITIVE_INFINITY
    await deleteBeyond(drawLine(bytesByStep, limitBytes))
  }
  /** Deletes, now, what is too old or exceeds the size limit; of a full disk, what is stored exceeds it. */
  const sweep = (isFull = false): Promise<void> => {
    sweeping ??= sweepOnce(isFull).finally(() => {
      sweeping = undefined
    })
    return sweeping
  }
  const sweepAside = (isFull?: boolean): void => {
    sweep(isFull).catch((error: unknown) => {
      if (!signal.aborted) tell({ kind: 'bug', error })
    })
  }
  const sweepEverySoOften = async (): Promise<void> => {
    while (!signal.aborted) {
      sweepAside()
      await clock.wait(SWEEP_EVERY_MS, signal)
    }
  }
  sweepEverySoOften().catch(() => {}) // closed

  return {
    noteUse: (key: VariantKey): void => void uses.set(key, clock.date()),
    noteStored: (sizeBytes: number): void => {
      storedBytes += sizeBytes
      if (storedBytes >= maxBytes * FILLED_SHARE) sweepAside()
    },
    noteFull: (): void => sweepAside(true),
    sweep,
    close: async (): Promise<void> => {
      stop.abort(new Error('closed'))
      await sweeping?.catch(() => {})
    },
  }
}

/** The age at which deleting starts: all older results go, and of this age as many bytes as are needed. */
interface Line {
  readonly step: number
  readonly surplusBytes: number
}

const drawLine = (bytesByStep: readonly number[], maxBytes: number): Line => {
  let kept = 0
  for (const [step, bytes] of bytesByStep.slice(0, TOO_OLD).entries()) {
    kept += bytes
    const surplusBytes = kept - maxBytes * SWEPT_SHARE
    if (surplusBytes > 0) return { step, surplusBytes }
  }
  return { step: TOO_OLD, surplusBytes: Number.POSITIVE_INFINITY }
}

/**
 * Fails with `config-invalid` where the ledger knows results that `build` made. If `serve` deleted them, each build
 * would make them again.
 */
export const refuseWithBuild = async (ledger: Ledger): Promise<void> => {
  const snapshot = await ledger.open()
  for await (const { results } of snapshot.entries())
    if (results.some(({ maker }) => maker === 'build'))
      throw new Problem('config-invalid', 'serve.cache is set, and build has written to the same output.', {
        subject: 'serve.cache',
        hint: 'Give `serve` an output of its own, or leave serve.cache out.',
      })
  if (!snapshot.isWhole())
    throw new Problem(
      'ledger-unread',
      'serve.cache is set, and a part of the ledger (under .imgsizes/, the record of what results were made from) could not be read.',
      {
        hint: 'That part may name results that build made, which serve must not delete. Start again when the store can be read.',
      },
    )
}
