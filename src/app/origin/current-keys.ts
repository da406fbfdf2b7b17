import { LRUCache } from 'lru-cache'
import { isSameLook, type Look } from '../../core/mark.ts'
import { asProblem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Variant } from '../../core/variant.ts'
import type { ListedSource } from '../../plan/group.ts'
import type { Keyring, VariantKey } from '../../url/keyring.ts'
import { createFlights } from '../../waiting/flights.ts'
import type { Originals } from '../originals.ts'
import { toCurrentTransform, type VersionRules } from './current-transform.ts'
import type { TellAnswer } from './event.ts'
import type { RecentOriginals } from './recent-originals.ts'
import { type Refused, refuse, toRefused } from './refusal.ts'
import { findInTime, type SourceTime } from './source-time.ts'
import type { Turns } from './turns.ts'

/** The keys of what URLs that name no version mean at this moment. */
export interface CurrentKeys {
  /** The key of a variant of its original as it is now, or was seconds ago. Rejects only on abort, and on bugs. */
  find(variant: Variant, signal: AbortSignal): Promise<VariantKey | Refused>
}

export interface CurrentKeysOptions extends SourceTime {
  readonly versions: VersionRules
  readonly keyring: Pick<Keyring, 'keyOf'>
  readonly originals: Pick<Originals, 'find'>
  readonly recent: Pick<RecentOriginals, 'use'>
  readonly turns: Pick<Turns, 'queueTimeoutMs'>
  readonly tell: TellAnswer
}

/** A page's pictures of one source are asked for within a second or two. */
const FRESH_MS = 2_000
/** Of a source whose store shows no mark: only a read of all its bytes would tell. */
const UNMARKED_MS = 60_000
const MISSING_MS = 15_000
/** Some hundred bytes each. */
const MAX_KNOWN = 50_000

/** What an original was when it was looked at last; without a fingerprint there was none. */
interface Known {
  readonly fingerprint?: string
  readonly seen?: Look
  /** Until when it is believed without a look. */
  readonly until: number
}

/**
 * A look at the original every few seconds, shared by all who want one of its pictures: on S3 that tells its bytes;
 * elsewhere they are read where size or date are not those that they were last read with.
 */
export const createCurrentKeys = (options: CurrentKeysOptions): CurrentKeys => {
  const { versions, keyring, recent, turns, clock, tell } = options
  const known = new LRUCache<SourceKey, Known>({ max: MAX_KNOWN })
  const looks = createFlights<Known>()

  const learn = (source: SourceKey, entry: Omit<Known, 'until'>, holdsMs: number): Known => {
    const learnt = { ...entry, until: clock.now() + holdsMs }
    known.set(source, learnt)
    return learnt
  }
  const learnFound = ({ key, sizeBytes, mark }: ListedSource, fingerprint: string): Known =>
    learn(key, { fingerprint, seen: { sizeBytes, mark } }, mark === undefined ? UNMARKED_MS : FRESH_MS)

  const look = async (source: SourceKey, signal: AbortSignal): Promise<Known> => {
    const found = await findInTime(source, options, signal)
    if (found === undefined) return learn(source, {}, MISSING_MS)
    const fingerprint = found.fingerprint ?? recall(known.get(source), found)
    if (fingerprint !== undefined) return learnFound(found, fingerprint)
    const deadline = { signal, until: clock.now() + turns.queueTimeoutMs }
    const read = await recent.use(source, deadline, async (original) =>
      learnFound(original.source, original.fingerprint),
    )
    return read ?? learn(source, {}, MISSING_MS)
  }
  /** Where its store fails, a stored result is shown for as long as the original is not known to be another. */
  const lookOrTrust = async (source: SourceKey, signal: AbortSignal): Promise<Known> => {
    try {
      return await look(source, signal)
    } catch (error) {
      if (signal.aborted) throw error
      const problem = asProblem(error)
      if (problem.code !== 'overloaded') tell({ kind: 'fetch-failed', source, problem })
      const before = known.get(source)
      if (before?.fingerprint === undefined) throw problem
      return learn(source, before, FRESH_MS)
    }
  }
  const find = async (source: SourceKey, signal: AbortSignal): Promise<Known> => {
    const entry = known.get(source)
    if (entry !== undefined && clock.now() < entry.until) return entry
    return looks.join(source, signal, (shared) => lookOrTrust(source, shared))
  }

  return {
    find: async (variant, signal) => {
      try {
        const { fingerprint } = await find(variant.source, signal)
        if (fingerprint === undefined) return refuse('missing', 'source-missing')
        const transform = toCurrentTransform(variant.transform, fingerprint, versions)
        return keyring.keyOf({ ...variant, transform })
      } catch (error) {
        if (signal.aborted) throw error
        return toRefused(asProblem(error))
      }
    },
  }
}

/** What an original was when it had this size and mark. */
const recall = (entry: Known | undefined, look: Look): string | undefined =>
  isSameLook(entry?.seen, look) ? entry?.fingerprint : undefined
