import { isSameObject } from '../../core/mark.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { type Lease, openBudget } from '../../waiting/budget.ts'
import { type Clock, type Deadline, leftMs } from '../../waiting/clock.ts'
import { createFlights } from '../../waiting/flights.ts'
import { heedTimeLimit } from '../../waiting/time-limit.ts'
import type { Original, Originals } from '../originals.ts'
import { type BufferPool, createBufferPool } from './buffer-pool.ts'
import type { TellAnswer } from './event.ts'
import { findInTime, inSourceTime } from './store-time.ts'

interface RecentOriginalsOptions {
  readonly originals: Pick<Originals, 'find' | 'read'>
  /**
   * For originals that are kept or being read. An original larger than `reserveBytes` may exceed it by the difference.
   */
  readonly maxBytes: number
  /** For those of them that nobody uses at the moment; as much again is free to be read into. */
  readonly idleBytes: number
  /** What an original counts as before its size is known. */
  readonly reserveBytes: number
  readonly fetchTimeoutMs: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** Whole originals, shared by all who need one at the same time, and kept for a moment after that. */
export type RecentOriginals = ReturnType<typeof createRecentOriginals>

/** A page asks for its pictures of one source within a second or two. */
const FRESH_MS = 2_000
/** After that, it is kept only while its store says that it is the same. */
const KEEP_MS = 30_000

interface Held {
  readonly original: Original
  readonly fetchedInMs: number
  readonly memory: Lease
  /** When the store last showed that this is the current object. */
  checkedAt: number
  users: number
  /** False from the end of the read to the first use. Somebody waits for it, so it is not evicted. */
  isClaimed: boolean
  isCurrent: boolean
  /** Its memory has been given back and may hold other bytes. */
  isGone: boolean
}

/** Reads each original into memory that is used again (`buffer-pool`). */
export const createRecentOriginals = (options: RecentOriginalsOptions) => {
  const { reserveBytes, clock } = options
  const held = createHeldOriginals(options)
  const loads = createFlights<Held | undefined>()

  const isSame = async (source: SourceKey, entry: Held, signal: AbortSignal): Promise<boolean> => {
    const seen = entry.original.source
    return seen.mark !== undefined && isSameObject(await findInTime(source, options, signal), seen)
  }
  const read = async (source: SourceKey, deadline: Deadline): Promise<Held | undefined> => {
    const { memory, buffers } = held
    const { signal } = deadline
    const limit = { ms: leftMs(clock, deadline), signal, onTimeout: noMemory }
    const lease =
      memory.tryAcquire(reserveBytes) ??
      (await heedTimeLimit(clock, limit, (limited) => memory.acquire(reserveBytes, { signal: limited })))
    const startedAt = clock.now()
    let original: Original | undefined
    try {
      original = await readInTime(source, buffers, options, signal)
    } finally {
      lease.resize(original?.bytes.length ?? 0)
    }
    return original && held.add(source, { original, fetchedInMs: clock.now() - startedAt, memory: lease })
  }
  const load = async (source: SourceKey, deadline: Deadline): Promise<Held | undefined> => {
    const entry = held.get(source)
    if (entry === undefined) return read(source, deadline)
    const age = clock.now() - entry.checkedAt
    if (age < FRESH_MS) return entry
    held.take(entry) // so that it is not evicted meanwhile
    try {
      if (age < KEEP_MS && (await isSame(source, entry, deadline.signal))) {
        entry.checkedAt = clock.now()
        return entry
      }
    } finally {
      held.release(entry)
    }
    return read(source, deadline)
  }

  return {
    /**
     * Runs `work` on an original; undefined where there is none, or it is excluded. Problem `overloaded` where no memory
     * is free in time; whoever shares a read shares the deadline of the first. `fetchedInMs` is the part of the wait that
     * reading took: it has a time limit of its own.
     */
    use: async <T>(
      source: SourceKey,
      { signal, until }: Deadline,
      work: (original: Original, fetchedInMs: number) => Promise<T>,
    ): Promise<T | undefined> => {
      const askedAt = clock.now()
      let entry: Held | undefined
      // An entry may be evicted between the end of the load and this line.
      do entry = await loads.join(source, signal, (shared) => load(source, { signal: shared, until }))
      while (entry?.isGone)
      if (entry === undefined) return undefined
      held.take(entry)
      if (entry.isCurrent) held.moveToEnd(source, entry)
      try {
        return await work(entry.original, Math.min(entry.fetchedInMs, clock.now() - askedAt))
      } finally {
        held.release(entry)
      }
    },
  }
}

/** Originals in memory, and who uses them; the one unused for longest is evicted first. */
const createHeldOriginals = ({ maxBytes, idleBytes: maxIdleBytes, clock }: RecentOriginalsOptions) => {
  const held = new Map<SourceKey, Held>()
  const buffers = createBufferPool(maxIdleBytes)
  /** The bytes of originals that nobody uses at the moment. */
  let idleBytes = 0

  const forget = (source: SourceKey, entry: Held): void => {
    if (held.get(source) === entry) held.delete(source)
    if (entry.isCurrent && entry.isClaimed && entry.users === 0) idleBytes -= entry.original.bytes.length
    entry.isCurrent = false
    if (entry.users === 0) discard(entry)
  }
  const discard = (entry: Held): void => {
    entry.isGone = true
    buffers.give(entry.original.bytes)
    entry.memory.release()
  }
  const evictOne = (): boolean => {
    for (const [source, entry] of held) {
      // The one it was read for may have gone away at that very moment.
      const isAwaited = !entry.isClaimed && clock.now() - entry.checkedAt < FRESH_MS
      if (entry.users > 0 || isAwaited) continue
      forget(source, entry)
      return true
    }
    return false
  }
  const dropIdle = (): void => {
    for (const [source, entry] of held) {
      if (entry.users > 0 || !entry.isClaimed) continue
      if (idleBytes <= maxIdleBytes && clock.now() - entry.checkedAt < KEEP_MS) return
      forget(source, entry)
    }
  }
  const memory = openBudget(maxBytes, evictOne)

  return {
    buffers,
    memory,
    get: (source: SourceKey): Held | undefined => held.get(source),
    /** In place of what was held of this source. */
    add: (source: SourceKey, read: Pick<Held, 'original' | 'fetchedInMs' | 'memory'>): Held => {
      const state = { checkedAt: clock.now(), users: 0, isClaimed: false, isCurrent: true, isGone: false }
      const entry: Held = { ...read, ...state }
      const previous = held.get(source)
      if (previous !== undefined) forget(source, previous)
      held.set(source, entry)
      return entry
    },
    moveToEnd: (source: SourceKey, entry: Held): void => {
      held.delete(source)
      held.set(source, entry)
    },
    take: (entry: Held): void => {
      if (entry.users === 0 && entry.isCurrent && entry.isClaimed) idleBytes -= entry.original.bytes.length
      entry.isClaimed = true
      entry.users++
    },
    release: (entry: Held): void => {
      entry.users--
      if (entry.users > 0) return
      if (entry.isCurrent) {
        idleBytes += entry.original.bytes.length
        dropIdle()
        memory.settle()
      } else discard(entry)
    },
  }
}

const readInTime = async (
  source: SourceKey,
  { take }: BufferPool,
  options: RecentOriginalsOptions,
  signal: AbortSignal,
): Promise<Original | undefined> => {
  const { originals, clock, tell } = options
  const startedAt = clock.now()
  const original = await inSourceTime(source, options, signal, (limited) =>
    originals.read(source, { signal: limited, allocate: take }),
  )
  if (original !== undefined)
    tell({ kind: 'fetched', source, sizeBytes: original.bytes.length, elapsedMs: clock.now() - startedAt })
  return original
}

const noMemory = (): Problem => new Problem('overloaded', 'No memory was free in time for another original.')
