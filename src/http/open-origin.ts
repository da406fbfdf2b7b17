import { type ColdOutcome, renderCold } from '../app/answer/cold.ts'
import { type CurrentKeys, createCurrentKeys } from '../app/answer/current-keys.ts'
import type { TellAnswer } from '../app/answer/event.ts'
import { createEviction, type Eviction } from '../app/answer/eviction.ts'
import { createMaker, type Maker } from '../app/answer/maker.ts'
import { createSiblings, type Siblings } from '../app/answer/siblings.ts'
import { createAnswerer } from '../app/answer.ts'
import { Problem } from '../core/problem.ts'
import type { Renderer } from '../render/port.ts'
import type { Clock } from '../waiting/clock.ts'
import { createFlights } from '../waiting/flights.ts'
import type { Project } from '../wire/project.ts'
import { toNamingRules } from '../wire/request-rules.ts'
import { createHealth } from './health.ts'
import type { Handler } from './message.ts'
import { type Kitchen, openKitchen } from './open-kitchen.ts'
import { createOriginHandler } from './origin-handler.ts'
import type { Placeholder } from './problems.ts'
import type { OwnerSide } from './workers/ask-server.ts'

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
  /** What it does for processes that answer beside it. */
  readonly owner: OwnerSide
  readonly load: OriginLoad
  /** Begins no more renders and is not ready; what is under way goes on. */
  startDraining(): void
  /** Stores what was rendered and records it; rejects where `signal` aborts first. The stores stay open. */
  close(signal: AbortSignal): Promise<void>
}

const RECORD_GRACE_MS = 1_000
const FLUSH_TIMEOUT_MS = 10_000

export const openOrigin = (options: OriginOptions): Origin => {
  const { project, renderer, clock } = options
  const { config, output } = project
  const state = { isDraining: false }
  const isDraining = (): boolean => state.isDraining
  const eviction = openEviction(options)
  const tell: TellAnswer = (event) => {
    if (event.kind === 'stored') eviction?.noteStored(event.sizeBytes)
    if (event.kind === 'rendered') siblings?.noteRender(event.format, event.elapsedMs)
    options.tell(event)
  }
  const kitchen = openKitchen({ ...options, tell })
  const { turns, uploads } = kitchen
  const siblings = openSiblings(project, kitchen)
  const maker = openMaker(kitchen, siblings, isDraining)
  const currentKeys = openCurrentKeys(project, kitchen)
  const health = createHealth({
    probe: async (signal) => void (await Promise.all([output.probe({ signal }), renderer.probe()])),
    isDraining,
    clock,
    onFailed: (error) => tell({ kind: 'probe-failed', error }),
  })
  const startDraining = (): void => {
    state.isDraining = true
    // What nobody asked for yet is not waited for; its end is, by close().
    siblings?.close().catch((error: unknown) => tell({ kind: 'bug', error }))
  }
  return {
    handle: createOriginHandler({
      ...options,
      ...project,
      answerer: createAnswerer({
        ...kitchen,
        ...toNamingRules(project),
        lookupTimeoutMs: config.limits.fetchTimeoutMs,
        maker,
        ...currentKeys,
        ...(eviction && { onHit: (key) => eviction.noteUse(key) }),
      }),
      unsent: kitchen.unsent,
      health,
    }),
    owner: {
      ...kitchen,
      ...currentKeys,
      maker,
      health,
      noteUse: (key) => eviction?.noteUse(key),
    },
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
        await closeStoring(kitchen, signal)
      } finally {
        // What was stored in time is worth a moment more.
        const patienceMs = signal.aborted ? RECORD_GRACE_MS : FLUSH_TIMEOUT_MS
        await kitchen.batches.close(AbortSignal.timeout(patienceMs))
      }
    },
  }
}

/** Results first: an alias is of one that stands. */
const closeStoring = async ({ uploads, aliases }: Kitchen, signal: AbortSignal): Promise<void> => {
  try {
    await uploads.close(signal)
  } finally {
    await aliases?.close(signal)
  }
}

const openEviction = ({ project, clock, tell }: OriginOptions): Eviction | undefined => {
  const { config, keyring, output } = project
  // Ages go by the clock that dates what is stored.
  const storeClock = { ...clock, now: () => clock.now() + output.clockOffsetMs() }
  return (
    config.serve.cache &&
    createEviction({ ...config.serve.cache, store: output, keyring, clock: storeClock, tell })
  )
}

const openSiblings = (project: Project, kitchen: Kitchen): Siblings | undefined =>
  project.config.serve.fill === 'siblings'
    ? createSiblings({ kitchen, expectation: project.expect(), store: project.output })
    : undefined

const openMaker = (kitchen: Kitchen, siblings: Siblings | undefined, isDraining: () => boolean): Maker =>
  createMaker({
    ...kitchen,
    flights: createFlights<ColdOutcome>(),
    renderCold: (wanted, signal) => renderCold(wanted, kitchen, signal),
    isDraining,
    ...(siblings && { onMiss: ({ variant }) => siblings.noteMiss(variant.source) }),
  })

const openCurrentKeys = (
  { config, originals }: Project,
  kitchen: Kitchen,
): { readonly currentKeys?: CurrentKeys } => {
  if (!config.versions || config.dialects.length === 0) return {}
  const { fetchTimeoutMs } = config.limits
  return {
    currentKeys: createCurrentKeys({ ...kitchen, originals, versions: kitchen.rules, fetchTimeoutMs }),
  }
}

/** A mount as somebody wrote it: "/" at both ends. */
export const toMount = (text: string): string => {
  if (!text.startsWith('/') || /[?#\s]/.test(text))
    throw new Problem(
      'config-invalid',
      `The mount is ${JSON.stringify(text)}; allowed: a path such as /img/.`,
    )
  return text.endsWith('/') ? text : `${text}/`
}
