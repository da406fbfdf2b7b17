import { isSameObject, type SeenObject } from '../../core/mark.ts'
import { asProblem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Variant } from '../../core/variant.ts'
import type { ListedSource } from '../../plan/group.ts'
import type { ClaimedKey, Keyring } from '../../url/keyring.ts'
import { createFlights } from '../../waiting/flights.ts'
import type { Originals } from '../originals.ts'
import { toCurrentTransform, type VersionRules } from './current-transform.ts'
import type { TellAnswer } from './event.ts'
import { keepRecent } from './keep-recent.ts'
import type { RecentOriginals } from './recent-originals.ts'
import { type Refused, refuse, toRefused } from './refusal.ts'
import { findInTime, type SourceTime } from './store-time.ts'
import type { Turns } from './turns.ts'

/** Finds which key a URL without a version means at this moment. */
export interface CurrentKeys {
  /** The key of a variant of its original as it is now, or was seconds ago. Rejects only on abort, and on bugs. */
  find(variant: Variant, signal: AbortSignal): Promise<ClaimedKey | Refused>
}

interface CurrentKeysOptions extends SourceTime {
  readonly versions: VersionRules
  readonly keyring: Pick<Keyring, 'claimOf'>
  readonly originals: Pick<Originals, 'find'>
  readonly recent: Pick<RecentOriginals, 'use'>
  readonly turns: Pick<Turns, 'queueTimeoutMs'>
  readonly tell: TellAnswer
}

/** A page asks for its pictures of one source within a second or two. */
const FRESH_MS = 2_000
/** For a source whose store shows no mark: only reading all of its bytes would tell whether it changed. */
const UNMARKED_MS = 60_000
const MISSING_MS = 15_000
/** An entry takes some hundred bytes. */
const MAX_KNOWN = 50_000

/** What an original was at the last look; without a fingerprint, there was none. */
interface Known {
  readonly fingerprint?: string
  readonly seen?: SeenObject
  /** The time until which this is believed without another look. */
  readonly until: number
}

/**
 * Looks at an original every few seconds at most, and shares the look among all who want one of its pictures. On S3 the
 * look tells whether the bytes are the same; elsewhere they are read again where size or date have changed.
 */
export const createCurrentKeys = (options: CurrentKeysOptions): CurrentKeys => {
  const { versions, keyring, recent, turns, clock, tell } = options
  const known = keepRecent<SourceKey, Known>(MAX_KNOWN)
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
  /** Where the original's store fails, its stored results are shown until the original is known to have changed. */
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
        if (fingerprint === undefined) return refuse('source-missing')
        const transform = toCurrentTransform(variant.transform, fingerprint, versions)
        return keyring.claimOf({ ...variant, transform })
      } catch (error) {
        if (signal.aborted) throw error
        return toRefused(asProblem(error))
      }
    },
  }
}

/** The fingerprint that the original had at an earlier look, if its size and mark are still the same. */
const recall = (entry: Known | undefined, look: SeenObject): string | undefined =>
  isSameObject(entry?.seen, look) ? entry?.fingerprint : undefined
