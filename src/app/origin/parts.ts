import type { Config } from '../../config/config.ts'
import type { Renderer } from '../../render/port.ts'
import type { WritableStore } from '../../store/port.ts'
import type { Keyring } from '../../url/keyring.ts'
import type { Clock } from '../../waiting/clock.ts'
import type { Ledger } from '../ledger.ts'
import type { Originals } from '../originals.ts'
import type { Results } from '../results.ts'
import { type Aliases, createAliases } from './aliases.ts'
import { type Batches, createBatches } from './batches.ts'
import type { ColdParts, ColdRules } from './cold.ts'
import type { TellAnswer } from './event.ts'
import { createKnownFailures } from './known-failures.ts'
import { createOutgoing, type Outgoing } from './outgoing.ts'
import { createRecentOriginals, type RecentOriginals } from './recent-originals.ts'
import { createStoredPictures, type StoredPictures } from './stored-pictures.ts'
import { createTurns } from './turns.ts'
import { createUploads, type Uploads } from './uploads.ts'

/** A project, as far as what makes a missing result needs it. */
export interface PartsOptions {
  readonly config: Config
  readonly keyring: Keyring
  readonly originals: Originals
  readonly results: Results
  readonly ledger: Ledger
  readonly output: WritableStore
  /** The time by the clock of the place where the ledger is. */
  readonly ledgerNow: () => number
  readonly rules: ColdRules
  readonly renderer: Renderer
  /** Renders at once. */
  readonly threads: number
  /** What renders may take at once; what is held beside it is a part of that. */
  readonly memoryBytes: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** Everything that makes what is not in the store, and puts it there. */
export interface Parts extends ColdParts {
  readonly keyring: Keyring
  readonly stored: StoredPictures
  readonly outgoing: Outgoing
  /** Present where some dialect has results stored under second names. */
  readonly aliases?: Aliases
}

export const createParts = (options: PartsOptions): Parts => {
  const { config, keyring, originals, rules, renderer, threads, clock, tell } = options
  const heldBytes = shareOf(options.memoryBytes)
  const batches = createBatches(options.ledger.record(), clock, tell)
  const stored = createStoredPictures({
    store: options.output,
    hotBytes: hotBytesOf(options.memoryBytes),
    now: clock.now,
  })
  const uploads = createUploads({ ...options, batches, stored, maxBytes: heldBytes / 4 })
  return {
    rules,
    keyring,
    originals,
    stored,
    batches,
    renderer,
    recent: createRecent(options, (heldBytes / 8) * 5),
    failures: createKnownFailures({ originals, fetchTimeoutMs: config.limits.fetchTimeoutMs, clock }),
    turns: createTurns({
      workers: threads,
      queueLength: config.serve.queue.length,
      queueTimeoutMs: config.serve.queue.timeoutMs,
      clock,
    }),
    uploads,
    outgoing: createOutgoing(heldBytes / 4),
    ...createSecondNames(options, { uploads, batches }),
    clock,
    tell,
  }
}

/** A part of the memory that renders may take, beside it: originals and results are small next to their pixels. */
const shareOf = (memoryBytes: number): number => Math.min(Math.max(memoryBytes / 4, MIN_BYTES), MAX_BYTES)

/** Of that, what small results take that are asked for again and again. */
export const hotBytesOf = (memoryBytes: number): number => shareOf(memoryBytes) / 8

const MIN_BYTES = 128 * 1024 * 1024
const MAX_BYTES = 512 * 1024 * 1024

const FETCHES_AT_ONCE = 12
/** Few are larger; each that is may exceed the limit by the difference. */
const ORDINARY_ORIGINAL_BYTES = 16 * 1024 * 1024

const createRecent = (options: PartsOptions, shareBytes: number): RecentOriginals => {
  const { limits } = options.config
  const maxBytes = Math.max(shareBytes, limits.sourceBytes)
  const reserveBytes = Math.max(maxBytes / FETCHES_AT_ONCE, ORDINARY_ORIGINAL_BYTES)
  return createRecentOriginals({
    ...options,
    maxBytes,
    reserveBytes: Math.min(reserveBytes, limits.sourceBytes),
    fetchTimeoutMs: limits.fetchTimeoutMs,
  })
}

const createSecondNames = (
  { config, results, ledgerNow, clock, tell }: PartsOptions,
  parts: { readonly uploads: Uploads; readonly batches: Batches },
): Pick<Parts, 'aliases'> =>
  config.dialects.some((dialect) => 'cacheFolder' in dialect)
    ? { aliases: createAliases({ ...parts, results, clock: { ...clock, now: ledgerNow }, tell }) }
    : {}
