import { LRUCache } from 'lru-cache'
import { isSameLook, type Look } from '../../core/mark.ts'
import { asProblem, Problem } from '../../core/problem.ts'
import type { ProblemCode } from '../../core/problem-codes.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { ListedSource } from '../../plan/group.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { Originals } from '../originals.ts'
import { isOfOneResult, isPerhapsOurs, type Refused, refuse } from './refusal.ts'
import { findInTime, type SourceTime } from './source-time.ts'

/** What went wrong lately, so that it is not tried again for every visitor. */
export interface KnownFailures {
  /** The refusal that still holds for a key, of its source or of this one result. */
  find(key: VariantKey, source: SourceKey, signal: AbortSignal): Promise<Refused | undefined>
  /** There is no such original. */
  addMissing(source: SourceKey): void
  /**
   * No picture can be made of an original. Asked for by `key`: what another key may well give is held against that
   * one alone, and against the original when a second one has taken too long, too.
   */
  add(refused: Refused, source: ListedSource, key?: VariantKey): void
  /**
   * The same of one that was not even read: known at once, while it is looked up, and where that fails, forgotten.
   * Nobody needs to wait for it.
   */
  addUnread(refused: Refused, source: SourceKey): Promise<void>
}

const MISSING_MS = 15_000
const UNRENDERABLE_MS = 600_000
/** Where nothing shows whether the original is still the same: a server's page of excuse in its place is soon gone. */
const UNPROVEN_MS = 15_000
const PERHAPS_OURS_MS = 60_000
/** Some hundred bytes each. */
const MAX_FAILURES = 10_000

/** No key and no source has such a name. */
const suspectId = (source: SourceKey): string => `\0${source}`

interface Failure {
  readonly refused: Refused
  readonly until: number
  /** The original that failed; absent where there was none. */
  readonly original?: Look
  /** Whose failure it was. */
  readonly key?: VariantKey | undefined
}

const howLong = (code: ProblemCode, { mark }: Look): number => {
  if (isPerhapsOurs(code)) return PERHAPS_OURS_MS
  return mark === undefined ? UNPROVEN_MS : UNRENDERABLE_MS
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
    if (original?.mark === undefined) return true
    return isSameLook(await findInTime(source, options, signal), original)
  }

  /** Whether a result of another key took too long of late. One is a dear transform, two are the picture. */
  const isSuspect = (source: SourceKey, key: VariantKey): boolean => {
    const before = recall(suspectId(source))
    return before !== undefined && before.key !== key
  }
  const add: KnownFailures['add'] = (refused, { key: source, sizeBytes, mark }, key) => {
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
    addUnread: async (refused, source) => {
      const failure = { refused, until: clock.now() + options.fetchTimeoutMs }
      failures.set(source, failure)
      const found = await findInTime(source, options, new AbortController().signal).catch(asProblem)
      if (failures.get(source) === failure) failures.delete(source)
      if (found !== undefined && !(found instanceof Problem)) add(refused, found)
    },
  }
}
