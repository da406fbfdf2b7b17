import { type Aliases, createAliases } from '../app/answer/aliases.ts'
import { type Batches, createBatches } from '../app/answer/batches.ts'
import type { ColdKitchen, ColdRules } from '../app/answer/cold.ts'
import type { TellAnswer } from '../app/answer/event.ts'
import { createKnownFailures } from '../app/answer/known-failures.ts'
import { createRecentOriginals, type RecentOriginals } from '../app/answer/recent-originals.ts'
import { createStoredPictures, type StoredPictures } from '../app/answer/stored-pictures.ts'
import { createTurns } from '../app/answer/turns.ts'
import { createUnsent, type Unsent } from '../app/answer/unsent.ts'
import { createUploads, type Uploads } from '../app/answer/uploads.ts'
import type { Renderer } from '../render/port.ts'
import type { Keyring } from '../url/keyring.ts'
import type { Clock } from '../waiting/clock.ts'
import type { Project } from '../wire/project.ts'
import { toGateRules } from '../wire/request-rules.ts'

export interface KitchenOptions {
  readonly project: Project
  readonly renderer: Renderer
  readonly threads: number
  /** What renders may take at once; what is held beside it is a part of that. */
  readonly memoryBytes: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** Everything that makes what is not in the store, and puts it there. */
export interface Kitchen extends ColdKitchen {
  readonly keyring: Keyring
  readonly stored: StoredPictures
  readonly unsent: Unsent
  /** Present where some dialect has results stored under second names. */
  readonly aliases?: Aliases
}

export const openKitchen = (options: KitchenOptions): Kitchen => {
  const { project, renderer, threads, clock, tell } = options
  const { config, keyring, originals, ledger, output } = project
  const heldBytes = shareOf(options.memoryBytes)
  const batches = createBatches(ledger.record(), clock, tell)
  const stored = createStoredPictures({
    store: output,
    hotBytes: hotBytesOf(options.memoryBytes),
    now: clock.now,
  })
  const uploads = openUploads(options, { batches, stored, maxBytes: heldBytes / 4 })
  return {
    rules: toRules(project),
    keyring,
    originals,
    stored,
    batches,
    renderer,
    recent: openRecent(options, (heldBytes / 8) * 5),
    failures: createKnownFailures({ originals, fetchTimeoutMs: config.limits.fetchTimeoutMs, clock }),
    turns: createTurns({
      workers: threads,
      queueLength: config.serve.queue.length,
      queueTimeoutMs: config.serve.queue.timeoutMs,
      clock,
    }),
    uploads,
    unsent: createUnsent(heldBytes / 4),
    ...openAliases(options, { uploads, batches }),
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
/** Few are larger; each that is may exceed the limit by what it is larger. */
const ORDINARY_ORIGINAL_BYTES = 16 * 1024 * 1024

const openRecent = ({ project, clock, tell }: KitchenOptions, shareBytes: number): RecentOriginals => {
  const { limits } = project.config
  const maxBytes = Math.max(shareBytes, limits.sourceBytes)
  const reserveBytes = Math.max(maxBytes / FETCHES_AT_ONCE, ORDINARY_ORIGINAL_BYTES)
  return createRecentOriginals({
    originals: project.originals,
    maxBytes,
    reserveBytes: Math.min(reserveBytes, limits.sourceBytes),
    fetchTimeoutMs: limits.fetchTimeoutMs,
    clock,
    tell,
  })
}

const openUploads = (
  { project, clock, tell }: KitchenOptions,
  parts: { readonly batches: Batches; readonly stored: StoredPictures; readonly maxBytes: number },
): Uploads => createUploads({ ...parts, results: project.results, clock, tell })

const openAliases = (
  { project, clock, tell }: KitchenOptions,
  parts: { readonly uploads: Uploads; readonly batches: Batches },
): Pick<Kitchen, 'aliases'> => {
  const { config, results } = project
  const isWanted = config.dialects.some((dialect) => 'cacheFolder' in dialect)
  return isWanted
    ? { aliases: createAliases({ ...parts, results, clock: { ...clock, now: project.now }, tell }) }
    : {}
}

const toRules = ({ config, recipeOf }: Project): ColdRules => {
  const { encoders } = config.serve
  return {
    ...toGateRules(config),
    encoders,
    recipeOf: (format, transformText) => recipeOf(format, encoders, transformText),
  }
}
