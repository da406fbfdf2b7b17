import type { Config } from '../../config/config.ts'
import type { Renderer } from '../../render/port.ts'
import type { WritableStore } from '../../store/port.ts'
import type { Keyring } from '../../url/keyring.ts'
import type { Clock } from '../../waiting/clock.ts'
import type { Ledger } from '../ledger/ledger.ts'
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

/** The parts of a project that making a missing result needs. */
export interface OriginPartsOptions {
  readonly config: Config
  readonly keyring: Keyring
  readonly originals: Originals
  readonly results: Results
  readonly ledger: Ledger
  readonly output: WritableStore
  /** The present time by the clock of the store that holds the ledger. */
  readonly ledgerNow: () => number
  readonly rules: ColdRules
  readonly renderer: Renderer
  readonly threads: number
  /** Memory that all renders together may take; what the origin holds in addition is a share of it. */
  readonly memoryBytes: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** Everything that makes a missing result and stores it. */
export interface OriginParts extends ColdParts {
  readonly keyring: Keyring
  readonly stored: StoredPictures
  readonly outgoing: Outgoing
  /** Present where a dialect has results stored under second names. */
  readonly aliases?: Aliases
}

/** Divides the memory among the parts. */
export const createOriginParts = (options: OriginPartsOptions): OriginParts => {
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

/** The origin's share of the render memory, in bytes: originals and results are small compared to decoded pixels. */
const shareOf = (memoryBytes: number): number => Math.min(Math.max(memoryBytes / 4, MIN_BYTES), MAX_BYTES)

/** Memory for small results that are asked for often, in bytes: an eighth of the origin's share. */
export const hotBytesOf = (memoryBytes: number): number => shareOf(memoryBytes) / 8

const MIN_BYTES = 64 * 1024 * 1024
const MAX_BYTES = 512 * 1024 * 1024

const FETCHES_AT_ONCE = 12
/** Few originals are larger; each of those may exceed the limit by the difference. */
const ORDINARY_ORIGINAL_BYTES = 16 * 1024 * 1024

/** Enough for the pictures of pages that are being looked at; more does not help. */
const MAX_IDLE_BYTES = 24 * 1024 * 1024

const createRecent = (options: OriginPartsOptions, shareBytes: number): RecentOriginals => {
  const { limits } = options.config
  const maxBytes = Math.max(shareBytes, limits.sourceBytes)
  const reserveBytes = Math.max(maxBytes / FETCHES_AT_ONCE, ORDINARY_ORIGINAL_BYTES)
  return createRecentOriginals({
    ...options,
    maxBytes,
    idleBytes: Math.min(shareBytes / 8, MAX_IDLE_BYTES),
    reserveBytes: Math.min(reserveBytes, limits.sourceBytes),
    fetchTimeoutMs: limits.fetchTimeoutMs,
  })
}

const createSecondNames = (
  { config, results, ledgerNow, clock, tell }: OriginPartsOptions,
  parts: { readonly uploads: Uploads; readonly batches: Batches },
): Pick<OriginParts, 'aliases'> =>
  config.dialects.some((dialect) => 'cacheFolder' in dialect)
    ? { aliases: createAliases({ ...parts, results, clock: { ...clock, date: ledgerNow }, tell }) }
    : {}
