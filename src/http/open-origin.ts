import { createBatches } from '../app/answer/batches.ts'
import type { Clock } from '../app/answer/clock.ts'
import { type ColdKitchen, type ColdOutcome, type ColdRules, renderCold } from '../app/answer/cold.ts'
import type { TellAnswer } from '../app/answer/event.ts'
import { createEviction } from '../app/answer/eviction.ts'
import { createFlights } from '../app/answer/flights.ts'
import { createKnownFailures } from '../app/answer/known-failures.ts'
import { createRecentOriginals } from '../app/answer/recent-originals.ts'
import { createSiblings } from '../app/answer/siblings.ts'
import { createStoredPictures } from '../app/answer/stored-pictures.ts'
import { createTurns } from '../app/answer/turns.ts'
import { createUploads } from '../app/answer/uploads.ts'
import { createAnswerer } from '../app/answer.ts'
import type { Config } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import type { Format } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import { createExpectation } from '../plan/expected.ts'
import type { Renderer } from '../render/port.ts'
import { openForeign } from '../wire/dialects.ts'
import { openExpiringLinks } from '../wire/expiring-links.ts'
import type { Project } from '../wire/project.ts'
import { createCommonHeaders } from './common-headers.ts'
import { createRequestHandler, type Handler } from './handler.ts'
import { createHealth } from './health.ts'
import type { Placeholder } from './problems.ts'

export interface OriginOptions {
  readonly project: Project
  readonly renderer: Renderer
  /** Path that keys lie under, "/" at both ends. */
  readonly mount: string
  /** Renders at once. */
  readonly threads: number
  /** What renders may take at once; originals and results on their way to the store take a part of that beside it. */
  readonly memoryBytes: number
  readonly placeholder?: Placeholder
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** What goes on in an origin at this moment. */
export interface OriginLoad {
  readonly running: number
  readonly waiting: number
  readonly uploads: number
}

/** The origin of a project, whatever it is reached by. */
export interface Origin {
  readonly handle: Handler
  readonly load: OriginLoad
  /** Begins no more renders and is not ready; what is under way goes on. */
  startDraining(): void
  /** Stores what was rendered and records it; rejects where `signal` aborts first. The stores stay open. */
  close(signal: AbortSignal): Promise<void>
}

const MAX_SEGMENT_BYTES = 255
const RETRY_AFTER_SECONDS = 2
const FETCHES_AT_ONCE = 12
/** Few are larger; each that is may exceed the limit by what it is larger. */
const ORDINARY_ORIGINAL_BYTES = 16 * 1024 * 1024
const RECORD_GRACE_MS = 1_000
const FLUSH_TIMEOUT_MS = 10_000

export const openOrigin = (options: OriginOptions): Origin => {
  const { project, renderer, clock } = options
  const memoryBytes = shareOf(options.memoryBytes)
  const { config, keyring, originals, results, ledger, output } = project
  let isDraining = false
  const eviction =
    config.serve.cache &&
    createEviction({ ...config.serve.cache, store: output, keyring, clock, tell: options.tell })
  const tell: TellAnswer = (event) => {
    if (event.kind === 'stored') eviction?.noteStored(event.sizeBytes)
    options.tell(event)
  }
  const batches = createBatches(ledger.record(), clock, tell)
  const stored = createStoredPictures(output)
  const uploads = createUploads({ results, batches, stored, maxBytes: memoryBytes / 4, clock, tell })
  const turns = createTurns({
    workers: options.threads,
    queueLength: config.serve.queue.length,
    queueTimeoutMs: config.serve.queue.timeoutMs,
    clock,
  })
  const originalBytes = Math.max((memoryBytes / 4) * 3, config.limits.sourceBytes)
  const recent = createRecentOriginals({
    originals,
    maxBytes: originalBytes,
    reserveBytes: Math.min(
      Math.max(originalBytes / FETCHES_AT_ONCE, ORDINARY_ORIGINAL_BYTES),
      config.limits.sourceBytes,
    ),
    fetchTimeoutMs: config.limits.fetchTimeoutMs,
    queueTimeoutMs: config.serve.queue.timeoutMs,
    clock,
    tell,
  })
  const failures = createKnownFailures(originals, clock)
  const rules = toRules(project)
  const kitchen: ColdKitchen = {
    rules,
    keyring,
    originals,
    recent,
    failures,
    turns,
    renderer,
    uploads,
    batches,
    clock,
    tell,
  }
  const siblings =
    config.serve.fill === 'siblings'
      ? createSiblings({ kitchen, expectation: project.expect(), store: output })
      : undefined
  const answerer = createAnswerer({
    keyring,
    formats: config.formats,
    room: {
      prefixBytes: output.prefixBytes,
      maxSegmentBytes: config.output.kind === 'folder' ? MAX_SEGMENT_BYTES : Number.POSITIVE_INFINITY,
    },
    stored,
    lookupTimeoutMs: config.limits.fetchTimeoutMs,
    uploads,
    flights: createFlights<ColdOutcome>(),
    renderCold: (wanted, signal) => renderCold(wanted, kitchen, signal),
    isDraining: () => isDraining,
    ...(eviction && { onHit: (key) => eviction.noteUse(key) }),
    ...(siblings && {
      onMiss: ({ variant }, elapsedMs) => siblings.noteMiss(variant.source, variant.format, elapsedMs),
    }),
    clock,
    tell,
  })
  const health = createHealth({
    probe: (signal) => output.probe({ signal }),
    isDraining: () => isDraining,
    clock,
    onFailed: (error) => tell({ kind: 'probe-failed', error }),
  })
  const startDraining = (): void => {
    isDraining = true
    // What nobody asked for yet is not waited for; its end is, by close().
    siblings?.close().catch((error: unknown) => tell({ kind: 'bug', error }))
  }
  return {
    handle: createRequestHandler({
      ...openExpiringLinks(config),
      answerer,
      resolveForeign: openForeign(project, options.mount),
      health,
      mount: options.mount,
      cacheControl: config.cacheControl,
      autoCacheControl: config.serve.autoCacheControl,
      commonHeaders: createCommonHeaders(config.serve),
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      ...(options.placeholder && { placeholder: options.placeholder }),
      clock,
    }),
    get load() {
      const { running, waiting } = turns.load
      return { running, waiting, uploads: uploads.waiting }
    },
    startDraining,
    close: async (signal) => {
      startDraining()
      try {
        await siblings?.close()
        await eviction?.close()
        await uploads.close(signal)
      } finally {
        // What was stored in time is worth a moment more.
        await batches.close(AbortSignal.timeout(signal.aborted ? RECORD_GRACE_MS : FLUSH_TIMEOUT_MS))
      }
    },
  }
}

/** A part of the memory that renders may take, beside it: originals and results are small next to their pixels. */
const shareOf = (memoryBytes: number): number => Math.min(Math.max(memoryBytes / 4, MIN_BYTES), MAX_BYTES)

const MIN_BYTES = 128 * 1024 * 1024
const MAX_BYTES = 1024 * 1024 * 1024

const toRules = ({ config, recipeOf }: Project): ColdRules => {
  const { formats, versions, revision, serve } = config
  const recipe = (format: Format, transformText: string): string =>
    recipeOf(format, serve.encoders, transformText)
  // What is configured, whatever the version: a version says which original, not what is shown of it.
  const allowed = createExpectation({ ...config, versions: false, toMatcher: compileMatch })
  return {
    formats,
    versions,
    revision,
    encoders: serve.encoders,
    recipeOf: recipe,
    ...(serve.allow === 'configured' && { allowed }),
  }
}

/** The path that a configuration's URLs lie under, "/" at both ends. */
export const mountOf = ({ baseUrl }: Pick<Config, 'baseUrl'>): string =>
  new URL(baseUrl, 'http://localhost').pathname

/** A mount as somebody wrote it: "/" at both ends. */
export const toMount = (text: string): string => {
  if (!text.startsWith('/') || /[?#\s]/.test(text))
    throw new Problem(
      'config-invalid',
      `The mount is ${JSON.stringify(text)}; allowed: a path such as /img/.`,
    )
  return text.endsWith('/') ? text : `${text}/`
}
