import { setMaxListeners } from 'node:events'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { Problem } from '../../core/problem.ts'
import { WRITE_TIMEOUT_MS } from '../../plan/alias.ts'
import { toTag } from '../../plan/ledger-entry.ts'
import type { VerifiedKey } from '../../url/keyring.ts'
import type { Clock } from '../../waiting/clock.ts'
import { orAborted } from '../../waiting/signals.ts'
import { withTimeLimit } from '../../waiting/time-limit.ts'
import { type AliasWrite, isInTime, stateAlias } from '../aliases.ts'
import type { Results } from '../results.ts'
import type { Batches } from './batches.ts'
import type { TellAnswer } from './event.ts'
import { persist } from './persist.ts'
import type { Uploads } from './uploads.ts'

export interface AliasesOptions {
  readonly results: Pick<Results, 'store' | 'alias'>
  readonly uploads: Pick<Uploads, 'outcome'>
  readonly batches: Batches
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** Stores results under second names, after they were answered. */
export interface Aliases {
  /**
   * Has `result` stored as `name` too where nothing stands there. `etag` is that of the bytes that stand under its
   * key; absent: it is on its way there. Failures are told, and tried again while there is hope.
   */
  note(name: string, result: VerifiedKey, etag: string | undefined): void
  /** Stores what was noted; rejects with the signal's reason where that aborts first. */
  close(signal: AbortSignal): Promise<void>
}

/** Each holds names, no bytes, and mostly waits for the ledger: a minute on a busy origin. What is more is left out. */
const MAX_WAITING = 5_000
const AT_ONCE = 8
const MAX_KNOWN = 100_000
/** Whoever asks for a name that stood so long ago has perhaps not found it: it is looked up again. */
const KNOWN_FOR_MS = 60_000

export const createAliases = (options: AliasesOptions): Aliases => {
  const { results, uploads, batches, clock, tell } = options
  const knownSince = new LRUCache<string, number>({ max: MAX_KNOWN })
  const running = new Map<string, Promise<void>>()
  const limit = pLimit(AT_ONCE)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // one for each that waits: bounded, and no leak

  const limited = <T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    limit(() =>
      withTimeLimit(
        clock,
        { ms: WRITE_TIMEOUT_MS, signal: closing.signal, onTimeout: () => tooSlow(name) },
        work,
      ),
    )
  const insist = <T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> =>
    persist({ key: name, clock, tell, signal: closing.signal }, () => limited(name, work))

  const write = async (alias: AliasWrite): Promise<void> => {
    const { name } = alias
    const isThere = await insist(
      name,
      async (signal) => (await results.store.head(name, { signal })) !== undefined,
    )
    if (isThere === undefined) return
    // Whatever stands there is nobody's to overwrite: that its bytes are right is for `build` to see to.
    if (isThere) return void knownSince.set(name, clock.now())
    const at = clock.now()
    await batches.add(stateAlias(alias, at))
    await batches.recorded()
    const outcome = await insist(name, async (signal) =>
      isInTime(at, clock.now()) ? results.alias(alias, name, { createOnly: true, signal }) : 'late',
    )
    if (outcome === 'late') tell({ kind: 'store-failed', key: name, problem: tooLate(name) })
    if (outcome === 'stored' || outcome === 'exists') knownSince.set(name, clock.now())
    if (outcome === 'stored') tell({ kind: 'alias-stored', name, elapsedMs: clock.now() - at })
  }
  const writeOnceStored = async (
    name: string,
    { key, variant, transformText: transform }: VerifiedKey,
    given: string | undefined,
  ): Promise<void> => {
    // Another has stored other bytes first, or nobody any: left to the next who asks.
    const etag = given === undefined ? (await uploads.outcome(key))?.etag : toTag(given)
    if (etag === undefined) return
    const { source, format } = variant
    await write({ name, source, key, transform, format, etag })
  }
  const isKnown = (name: string): boolean =>
    clock.now() - (knownSince.get(name) ?? Number.NEGATIVE_INFINITY) < KNOWN_FOR_MS

  return {
    note: (name, result, etag) => {
      // What was just made was in the store under no name.
      const isNews = etag === undefined || !isKnown(name)
      if (!isNews || running.has(name) || closing.signal.aborted || running.size >= MAX_WAITING) return
      const task = writeOnceStored(name, result, etag)
        .catch((error: unknown) => {
          if (!closing.signal.aborted) tell({ kind: 'bug', error })
        })
        .finally(() => running.delete(name))
      running.set(name, task)
    },
    close: async (signal) => {
      try {
        batches.hurry()
        while (running.size > 0) await orAborted(Promise.all(running.values()), signal)
      } finally {
        closing.abort()
      }
    },
  }
}

const tooSlow = (name: string): Problem =>
  new Problem('store-timeout', `"${name}" was not stored within ${WRITE_TIMEOUT_MS / 1000} s.`, {
    subject: name,
  })

const tooLate = (name: string): Problem =>
  new Problem('store-timeout', 'Its record in the ledger has become too old.', {
    subject: name,
    hint: 'The store was away for minutes; it is stored when it is asked for again.',
  })
