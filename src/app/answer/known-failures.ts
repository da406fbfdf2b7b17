import { LRUCache } from 'lru-cache'
import { asProblem, Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { ListedSource } from '../../plan/group.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { Originals } from '../originals.ts'
import { isPerhapsOurs, type Refused, refuse } from './refusal.ts'
import { findInTime, type SourceTime } from './source-time.ts'

/** What went wrong lately, so that it is not tried again for every visitor. */
export interface KnownFailures {
  /** The refusal that still holds for a key, of its source or of this one result. */
  find(key: VariantKey, source: SourceKey, signal: AbortSignal): Promise<Refused | undefined>
  /** There is no such original. */
  addMissing(source: SourceKey): void
  /** No picture can be made of an original; `key` where that is so of one result only. */
  add(refused: Refused, source: ListedSource, key?: VariantKey): void
  /** The same of one that was not even read: it is looked up, and where that fails, forgotten. */
  addUnread(refused: Refused, source: SourceKey, signal: AbortSignal): Promise<void>
}

const MISSING_MS = 15_000
const UNRENDERABLE_MS = 600_000
const PERHAPS_OURS_MS = 60_000
/** Some hundred bytes each. */
const MAX_FAILURES = 10_000

interface Failure {
  readonly refused: Refused
  readonly until: number
  /** The original that failed; absent where there was none. */
  readonly original?: Pick<ListedSource, 'sizeBytes' | 'mark'>
}

export const createKnownFailures = (
  options: SourceTime & { readonly originals: Pick<Originals, 'find'> },
): KnownFailures => {
  const { clock } = options
  const failures = new LRUCache<string, Failure>({ max: MAX_FAILURES })

  const recall = (id: string): Failure | undefined => {
    const failure = failures.get(id)
    if (failure === undefined || clock.now() < failure.until) return failure
    failures.delete(id)
    return undefined
  }
  /** Whether the original is still the one that failed; a store that shows no marks cannot tell, so time decides. */
  const stands = async ({ original }: Failure, source: SourceKey, signal: AbortSignal): Promise<boolean> => {
    if (original === undefined || original.mark === '') return true
    const found = await findInTime(source, options, signal)
    return found?.sizeBytes === original.sizeBytes && found.mark === original.mark
  }

  const add: KnownFailures['add'] = (refused, { key: source, sizeBytes, mark }, key) => {
    const holdsMs = isPerhapsOurs(refused.code) ? PERHAPS_OURS_MS : UNRENDERABLE_MS
    failures.set(key ?? source, {
      refused,
      until: clock.now() + holdsMs,
      original: { sizeBytes, mark },
    })
  }

  return {
    find: async (key, source, signal) => {
      for (const id of [source, key]) {
        const failure = recall(id)
        if (failure === undefined) continue
        if (await stands(failure, source, signal)) return failure.refused
        failures.delete(id)
      }
      return undefined
    },
    addMissing: (source) => {
      failures.set(source, {
        refused: refuse('missing', 'source-missing'),
        until: clock.now() + MISSING_MS,
      })
    },
    add,
    addUnread: async (refused, source, signal) => {
      const found = await findInTime(source, options, signal).catch(asProblem)
      if (found !== undefined && !(found instanceof Problem)) add(refused, found)
    },
  }
}
