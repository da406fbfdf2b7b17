import { randomUUID } from 'node:crypto'
import { orAborted } from '../app/answer/abort.ts'
import type { AnswerEvent } from '../app/answer/event.ts'
import { refuseWithBuild } from '../app/answer/eviction.ts'
import { mountOf } from '../config/base-url.ts'
import { Problem } from '../core/problem.ts'
import { openProject, type Project } from '../wire/project.ts'
import type { ServeEnd, ServeRunOptions } from '../wire/serve-options.ts'
import { boundConnections } from './bound-connections.ts'
import { createCommonHeaders } from './common-headers.ts'
import { guardSecret, warnOfSecret } from './guard-secret.ts'
import { type Listening, listen } from './listen.ts'
import { formatLink, formatListening } from './listening-url.ts'
import { type Log, openLog } from './log.ts'
import { createMetrics, type Metrics, serveMetrics } from './metrics.ts'
import { listMissingFolders } from './missing-folders.ts'
import { type Origin, openOrigin, toMount } from './open-origin.ts'
import { readPlaceholder } from './placeholder.ts'
import { probeOutput } from './probe-output.ts'
import type { Placeholder } from './problems.ts'
import { systemClock } from './system-clock.ts'

/** Runs the origin until it is to stop, then drains it. Rejects with a Problem where it cannot start. */
export const runServer = async (options: ServeRunOptions, stop: AbortSignal): Promise<ServeEnd> => {
  const { config, host } = options
  guardSecret(config, host)
  const log = openLog({
    ...config.serve.log,
    ...(options.verbose && { level: 'debug' }),
    ...(options.quiet && { level: 'error' }),
    json: options.json,
    random: systemClock.random,
  })
  const warning = warnOfSecret(config, host)
  if (warning !== undefined) log.error('warning', warning)
  const placeholder = readPlaceholder(config)
  for (const path of listMissingFolders(config))
    log.warn('no such source folder', {
      path,
      hint: 'Only what is stored can be served: all else of it is 502.',
    })
  const project = await openProject(config, {
    now: systemClock.now,
    newId: randomUUID,
    programVersion: options.programVersion,
    tell: (event) => {
      if (event.kind === 'warning' || event.kind === 'ledger-unread') log.error('warning', event.problem)
    },
  })
  const end = await serveProject(stop, { options, project, log, ...(placeholder && { placeholder }) })
  // A request to a store that hangs would keep the process for as long as its client is patient.
  if (end !== 'drained') setTimeout(() => process.exit(), LEAVE_AFTER_MS).unref()
  return end
}

interface Opened {
  readonly options: ServeRunOptions
  readonly project: Project
  readonly log: Log
  readonly placeholder?: Placeholder
}

/** Closes the project, too. */
const serveProject = async (stop: AbortSignal, opened: Opened): Promise<ServeEnd> => {
  const { options, project, log, placeholder } = opened
  const { config, threads, memoryBytes } = options
  const renderer = await project.openRenderer({ threads, memoryBytes })
  try {
    await probeOutput(project.output, systemClock)
    if (config.serve.cache !== undefined) await refuseWithBuild(project.ledger)
    const metrics = createMetrics(() => origin.load)
    const losses = { count: 0 }
    const origin: Origin = openOrigin({
      project,
      renderer,
      mount: options.mount === undefined ? mountOf(config) : toMount(options.mount),
      threads,
      memoryBytes,
      ...(placeholder && { placeholder }),
      clock: systemClock,
      tell: (event: AnswerEvent) => {
        if (event.kind === 'store-failed') losses.count++
        metrics.countEvent(event)
        log.event(event)
      },
    })
    return await serveUntil(stop, { options, origin, metrics, losses, log })
  } finally {
    await renderer.close()
    await project.close()
    log.flush()
  }
}

interface Running {
  readonly options: ServeRunOptions
  readonly origin: Origin
  readonly metrics: Metrics
  /** Results that could not be stored so far. */
  readonly losses: { readonly count: number }
  readonly log: Log
}

const serveUntil = async (signal: AbortSignal, running: Running): Promise<ServeEnd> => {
  const { options, origin, metrics, log } = running
  const { config, host, metricsPort, metricsHost } = options
  const told =
    metricsPort === undefined
      ? undefined
      : await serveMetrics(metrics, { port: metricsPort, host: metricsHost })
  const closeMetrics = (): void => {
    told?.server.close()
    told?.server.closeAllConnections()
  }
  try {
    const listening = await listen({
      port: options.port,
      host,
      handle: origin.handle,
      commonHeaders: createCommonHeaders(config.serve),
      timeouts: config.serve.timeouts,
      trustProxy: config.serve.trustProxy,
      ...boundConnections({ threads: options.threads, log, now: systemClock.now }),
      now: systemClock.now,
      onRequest: (facts) => {
        metrics.countRequest(facts)
        log.request(facts)
      },
    })
    announce(options, listening)
    if (told !== undefined) log.info('metrics', { url: formatListening(metricsHost, told.port, '/metrics') })
    await untilAborted(signal)
    return await drain(listening, running)
  } finally {
    closeMetrics()
  }
}

/** Answers what has been asked, stores what has been rendered, records what has been stored; in that order. */
const drain = async (listening: Listening, { options, origin, losses, log }: Running): Promise<ServeEnd> => {
  const { drainMs } = options.config.serve.timeouts
  const startedAt = systemClock.now()
  const deadline = AbortSignal.timeout(drainMs)
  const lostBefore = losses.count
  const isDone = (work: Promise<void>, whatIfNot: string): Promise<boolean> =>
    work.then(
      () => true,
      (error: unknown) => {
        if (!deadline.aborted && !(error instanceof Problem)) throw error
        log.error(whatIfNot, deadline.aborted ? new Error(`not within ${drainMs / 1000} s`) : error)
        return false
      },
    )
  origin.startDraining()
  const isAnswered = await isDone(listening.close(deadline), 'not all was answered')
  const isSaved = await isDone(origin.close(deadline), 'not all was stored')
  if (!isSaved || losses.count > lostBefore) return 'lost'
  if (!isAnswered) return 'late'
  log.info('drained', { elapsedMs: systemClock.now() - startedAt })
  return 'drained'
}

/** Time to close threads and files, once it is clear that something else will not end. */
const LEAVE_AFTER_MS = 1_000

const untilAborted = (signal: AbortSignal): Promise<void> =>
  orAborted(new Promise<never>(() => {}), signal).catch(() => {})

/** Where it listens goes to stdout: whoever starts it with port 0 reads it there. */
const announce = ({ config, host, json, mount }: ServeRunOptions, { port }: Listening): void => {
  const path = mount === undefined ? mountOf(config) : toMount(mount)
  const text = json
    ? JSON.stringify({ version: 1, listening: formatListening(host, port, path), port })
    : `imgsizes listens on ${formatLink(host, port, path)}`
  process.stdout.write(`${text}\n`)
}
