import { isSameObject, type SeenObject } from '../../core/mark.ts'
import { asProblem, Problem, type ProblemCode } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { ListedSource } from '../../plan/group.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { Originals } from '../originals.ts'
import { keepRecent } from './keep-recent.ts'
import { isOfOneResult, isPerhapsOurs, type Refused, refuse } from './refusal.ts'
import { findInTime, type SourceTime } from './store-time.ts'

/** Remembers recent failures, so that the same work is not tried again for each visitor. */
export type KnownFailures = ReturnType<typeof createKnownFailures>

const MISSING_MS = 15_000
const UNRENDERABLE_MS = 600_000
/** Where nothing shows whether the original is still the same. An HTTP server may send an error page for a moment. */
const UNPROVEN_MS = 15_000
const PERHAPS_OURS_MS = 60_000
/** An entry takes some hundred bytes. */
const MAX_FAILURES = 10_000

/** An id that no key and no source can have. */
const suspectId = (source: SourceKey): string => `\0${source}`

interface Failure {
  readonly refused: Refused
  readonly until: number
  /** The original that failed; undefined where there was none. */
  readonly original?: SeenObject
  /** The key that failed; undefined where all of the source did. */
  readonly key?: VariantKey | undefined
}

const howLong = (code: ProblemCode, { mark }: SeenObject): number => {
  if (isPerhapsOurs(code)) return PERHAPS_OURS_MS
  return mark === undefined ? UNPROVEN_MS : UNRENDERABLE_MS
}

/** Keeps failures in bounded memory, each for a limited time. */
export const createKnownFailures = (
  options: SourceTime & { readonly originals: Pick<Originals, 'find'> },
) => {
  const { clock } = options
  const failures = keepRecent<string, Failure>(MAX_FAILURES)

  const recall = (id: string): Failure | undefined => {
    const failure = failures.get(id)
    if (failure === undefined || clock.now() < failure.until) return failure
    failures.delete(id)
    return undefined
  }
  /** Whether the original is still the one that failed. A store without marks cannot tell; then only time decides. */
  const stands = async ({ original }: Failure, source: SourceKey, signal: AbortSignal): Promise<boolean> => {
    if (original?.mark === undefined) return true
    return isSameObject(await findInTime(source, options, signal), original)
  }

  /** Whether another key took too long recently. One slow key means a costly transform; two mean a costly picture. */
  const isSuspect = (source: SourceKey, key: VariantKey): boolean => {
    const before = recall(suspectId(source))
    return before !== undefined && before.key !== key
  }
  /**
   * Notes that no picture can be made of an original. With `key`, where another key of the source may still succeed:
   * only that key is refused, and the whole original once a second key has taken too long.
   */
  const add = (refused: Refused, { key: source, sizeBytes, mark }: ListedSource, key?: VariantKey): void => {
    const { code } = refused
    const failure = {
      refused,
      until: clock.now() + howLong(code, { sizeBytes, mark }),
      original: { sizeBytes, mark },
      key,
    }
    const isOfKey = isOfOneResult(code) || (key && isPerhapsOurs(code) && !isSuspect(source, key))
    failures.set(isOfKey && key ? key : source, failure)
    if (isPerhapsOurs(code)) failures.set(suspectId(source), failure)
  }

  return {
    /** The refusal that still applies to a key: of its source, or of this one result. */
    find: async (key: VariantKey, source: SourceKey, signal: AbortSignal): Promise<Refused | undefined> => {
      for (const id of [source, key]) {
        const failure = recall(id)
        if (failure === undefined) continue
        if (await stands(failure, source, signal)) return failure.refused
        failures.delete(id)
      }
      return undefined
    },
    /** Notes that there is no such original. */
    addMissing: (source: SourceKey): void => {
      failures.set(source, { refused: refuse('source-missing'), until: clock.now() + MISSING_MS })
    },
    add,
    /**
     * The same as `add` for an original that was not even read. The refusal applies at once; then the original is looked
     * up, and where that fails, the refusal is forgotten. The caller need not wait.
     */
    addUnread: async (refused: Refused, source: SourceKey): Promise<void> => {
      const failure = { refused, until: clock.now() + options.fetchTimeoutMs }
      failures.set(source, failure)
      const found = await findInTime(source, options).catch(asProblem)
      if (failures.get(source) === failure) failures.delete(source)
      if (found !== undefined && !(found instanceof Problem)) add(refused, found)
    },
  }
}
