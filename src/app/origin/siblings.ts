import type { Format } from '../../core/format.ts'
import type { Override } from '../../core/override.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Expectation, ExpectedResult } from '../../plan/expected.ts'
import type { WritableStore } from '../../store/port.ts'
import type { Deadline } from '../../waiting/clock.ts'
import { type ColdParts, renderOne } from './cold.ts'
import { keepRecent } from './keep-recent.ts'
import { isOfOneResult } from './refusal.ts'

interface SiblingsOptions {
  readonly parts: ColdParts
  readonly expectation: Expectation
  readonly readOverride: (source: SourceKey, signal: AbortSignal) => Promise<Override | undefined>
  readonly store: Pick<WritableStore, 'head'>
}

/** Makes a source's other configured results ahead, after one of them was asked for. */
export type Siblings = ReturnType<typeof createSiblings>

/** Sources that wait for their turn, one after the other. Beyond this number, a miss is not followed up. */
const MAX_SOURCES_WAITING = 200
/** A source's results are not checked again within this time. */
const AGAIN_AFTER_MS = 600_000
/** A format whose renders recently took longer than this on average is left to `build`. */
const DEAR_MS = 1_000
const WEIGHT_OF_LAST = 0.2
const MAX_UPLOADS_WAITING = 16

/** A source, and the version of the original that its results are made from. */
interface Filled {
  readonly source: SourceKey
  readonly fingerprint: string
}

/** Works on one source at a time, and only on workers that no visitor needs. */
export const createSiblings = ({ parts, expectation, readOverride, store }: SiblingsOptions) => {
  const { clock, tell, turns, recent, uploads, keyring } = parts
  const stop = new AbortController()
  const filledAt = keepRecent<SourceKey, number>(10_000)
  const waiting = new Set<SourceKey>()
  const costs = new Map<Format, number>()
  let filling: Promise<void> = Promise.resolve()
  let isFilling = false

  const deadline = (): Deadline => ({ signal: stop.signal, until: clock.now() + turns.queueTimeoutMs })
  const isCheap = ({ format }: ExpectedResult): boolean => (costs.get(format) ?? 0) <= DEAR_MS

  /** Makes one result, of the original as it is at that time: a free worker may take long to come. */
  const makeOne = async ({ source, fingerprint }: Filled, result: ExpectedResult): Promise<void> => {
    if (uploads.waiting >= MAX_UPLOADS_WAITING) return // results that visitors waited for are stored first
    const { transform, transformText, format } = result
    const variant = { source, transform, format }
    const key = keyring.keyOf(variant)
    const isThere = uploads.find(key) !== undefined || (await store.head(key, { signal: stop.signal }))
    if (isThere) return
    const release = await turns.takeSpare(stop.signal)
    try {
      await recent.use(source, deadline(), async (original) => {
        if (original.fingerprint !== fingerprint) return
        const work = { original, purpose: 'sibling', waitMs: turns.queueTimeoutMs } as const
        await renderOne({ key, variant, transformText }, work, parts, stop.signal)
      })
    } catch (error) {
      // The other results may well succeed.
      if (!(error instanceof Problem && isOfOneResult(error.code))) throw error
    } finally {
      release()
    }
  }
  const fill = async (source: SourceKey): Promise<void> => {
    const filled = await recent.use(source, deadline(), async ({ source: { isIncluded }, fingerprint }) =>
      isIncluded ? { source, fingerprint } : undefined,
    )
    if (filled === undefined) return
    const override = await readOverride(source, stop.signal)
    for (const result of expectation.of(source, filled.fingerprint, override))
      if (isCheap(result)) await makeOne(filled, result)
  }
  const fillAll = async (): Promise<void> => {
    isFilling = true
    for (const source of waiting) {
      if (stop.signal.aborted) return
      waiting.delete(source)
      filledAt.set(source, clock.now())
      try {
        await fill(source)
      } catch (error) {
        // The visitor's own request has told already what is wrong with this source.
        if (!(error instanceof Problem) && !stop.signal.aborted) tell({ kind: 'bug', error })
      }
    }
    isFilling = false // not a turn later: a miss that is noted in between would wait for the next one
  }

  return {
    /**
     * Says how long a render of this format took, for whatever purpose: without waiting, without reading the original.
     */
    noteRender: (format: Format, elapsedMs: number): void => {
      const known = costs.get(format) ?? elapsedMs
      costs.set(format, known + (elapsedMs - known) * WEIGHT_OF_LAST)
    },
    /** Says that a result of this source was missing and has been made. */
    noteMiss: (source: SourceKey): void => {
      const last = filledAt.get(source) ?? Number.NEGATIVE_INFINITY
      if (clock.now() - last < AGAIN_AFTER_MS) return
      if (waiting.size < MAX_SOURCES_WAITING) waiting.add(source)
      if (!isFilling) filling = fillAll()
    },
    close: async (): Promise<void> => {
      stop.abort()
      await filling
    },
  }
}
