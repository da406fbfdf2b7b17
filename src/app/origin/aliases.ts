import { setMaxListeners } from 'node:events'
import pLimit from 'p-limit'
import { Problem } from '../../core/problem.ts'
import { WRITE_TIMEOUT_MS } from '../../plan/alias.ts'
import { toTag } from '../../plan/ledger-entry.ts'
import type { VerifiedKey } from '../../url/keyring.ts'
import type { Clock } from '../../waiting/clock.ts'
import { orAborted } from '../../waiting/signals.ts'
import { type AliasWrite, isInTime, stateAlias } from '../aliases.ts'
import type { Results } from '../results.ts'
import type { Batches } from './batches.ts'
import type { TellAnswer } from './event.ts'
import { keepRecent } from './keep-recent.ts'
import { persist } from './persist.ts'
import { inStoreTime } from './store-time.ts'
import type { Uploads } from './uploads.ts'

interface AliasesOptions {
  readonly results: Pick<Results, 'store' | 'alias'>
  readonly uploads: Pick<Uploads, 'outcome'>
  readonly batches: Batches
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** Stores results under second names, after they were answered. */
export type Aliases = ReturnType<typeof createAliases>

/** Each holds names but no bytes, and mostly waits for the ledger: up to a minute. Beyond this, names are left out. */
const MAX_WAITING = 5_000
const AT_ONCE = 8
const MAX_KNOWN = 100_000
/** After this time the name may have been deleted, so it is looked up again. */
const KNOWN_FOR_MS = 60_000

/** Stores at most a few names at once; a name that exists already is never overwritten. */
export const createAliases = ({ results, uploads, batches, clock, tell }: AliasesOptions) => {
  const knownSince = keepRecent<string, number>(MAX_KNOWN)
  const running = new Map<string, Promise<void>>()
  const limit = pLimit(AT_ONCE)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // one for each that waits: bounded, and no leak

  const limited = <T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    limit(() => {
      const time = { clock, ms: WRITE_TIMEOUT_MS, signal: closing.signal, subject: name }
      return inStoreTime(`"${name}" was not stored`, time, work)
    })
  const insist = <T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> =>
    persist({ key: name, clock, tell, signal: closing.signal }, () => limited(name, work))

  const write = async (alias: AliasWrite): Promise<void> => {
    const { name } = alias
    const isThere = await insist(
      name,
      async (signal) => (await results.store.head(name, { signal })) !== undefined,
    )
    if (isThere === undefined) return
    // What stands there is never overwritten. Whether its bytes are right is checked by `build`.
    if (isThere) return void knownSince.set(name, clock.now())
    const [at, startedAt] = [clock.date(), clock.now()]
    await batches.add(stateAlias(alias, at))
    await batches.recorded()
    const outcome = await insist(name, async (signal) =>
      isInTime(at, clock.date()) ? results.alias(alias, name, { createOnly: true, signal }) : 'late',
    )
    if (outcome === 'late') tell({ kind: 'store-failed', key: name, problem: tooLate(name) })
    if (outcome === 'stored' || outcome === 'exists') knownSince.set(name, clock.now())
    if (outcome === 'stored') tell({ kind: 'alias-stored', name, elapsedMs: clock.now() - startedAt })
  }
  const writeOnceStored = async (
    name: string,
    { key, variant, transformText: transform }: VerifiedKey,
    given: string | undefined,
  ): Promise<void> => {
    // Somebody stored other bytes first, or nothing was stored: the next request tries again.
    const etag = given === undefined ? (await uploads.outcome(key))?.etag : toTag(given)
    if (etag === undefined) return
    const { source, format } = variant
    await write({ name, source, key, transform, format, etag })
  }
  const isKnown = (name: string): boolean =>
    clock.now() - (knownSince.get(name) ?? Number.NEGATIVE_INFINITY) < KNOWN_FOR_MS

  return {
    /**
     * Stores `result` under `name` too, where that name is free. `etag` is that of the bytes under the result's own
     * key; undefined: they are still being stored, or there are none. Failures are told, and tried again where that may help.
     */
    note: (name: string, result: VerifiedKey, etag: string | undefined): void => {
      // Its bytes are in the store by now, but not yet under this name.
      const isNews = etag === undefined || !isKnown(name)
      if (!isNews || running.has(name) || closing.signal.aborted || running.size >= MAX_WAITING) return
      const task = writeOnceStored(name, result, etag)
        .catch((error: unknown) => {
          if (!closing.signal.aborted) tell({ kind: 'bug', error })
        })
        .finally(() => running.delete(name))
      running.set(name, task)
    },
    /** Stores all that was noted; rejects with the signal's reason where that aborts first. */
    close: async (signal: AbortSignal): Promise<void> => {
      try {
        batches.hurry()
        while (running.size > 0) await orAborted(Promise.all(running.values()), signal)
      } finally {
        closing.abort()
      }
    },
  }
}

const tooLate = (name: string): Problem =>
  new Problem('store-timeout', 'Its record in the ledger is too old by now.', {
    subject: name,
    hint: 'The store did not answer for minutes. The name is stored when it is asked for again.',
  })
