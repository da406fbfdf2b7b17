import { randomUUID } from 'node:crypto'
import { orAborted } from '../app/answer/abort.ts'
import type { AnswerEvent } from '../app/answer/event.ts'
import { refuseWithBuild } from '../app/answer/eviction.ts'
import { mountOf } from '../config/base-url.ts'
import { Problem } from '../core/problem.ts'
import type { Renderer } from '../render/port.ts'
import { openProject, type Project } from '../wire/project.ts'
import type { ServeRunOptions } from '../wire/serve-options.ts'
import { boundThreads } from './bound-threads.ts'
import { createCommonHeaders } from './common-headers.ts'
import { guardSecret } from './guard-secret.ts'
import { type Listening, listen } from './listen.ts'
import { formatLink, formatListening } from './listening-url.ts'
import { type Log, openLog } from './log.ts'
import { createMetrics, type Metrics, serveMetrics } from './metrics.ts'
import { listMissingFolders } from './missing-folders.ts'
import { type Origin, openOrigin, toMount } from './open-origin.ts'
import { readPlaceholder } from './placeholder.ts'
import type { Placeholder } from './problems.ts'
import { systemClock } from './system-clock.ts'

/**
 * Runs the origin until `signal` aborts, then drains it: 0 where all was answered, stored and recorded in time,
 * else 1. Rejects with a Problem where it cannot start.
 */
export const runServer = async (options: ServeRunOptions, signal: AbortSignal): Promise<number> => {
  const { config, host } = options
  guardSecret(config, host)
  const log = openLog({
    ...config.serve.log,
    ...(options.verbose && { level: 'debug' }),
    ...(options.quiet && { level: 'error' }),
    json: options.json,
    random: systemClock.random,
  })
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
      if (event.kind === 'warning') log.error('warning', event.problem)
    },
  })
  const code = await serveProject(signal, { options, project, log, ...(placeholder && { placeholder }) })
  // A request to a store that hangs would keep the process for as long as its client is patient.
  if (code !== 0) setTimeout(() => process.exit(code), LEAVE_AFTER_MS).unref()
  return code
}

interface Opened {
  readonly options: ServeRunOptions
  readonly project: Project
  readonly log: Log
  readonly placeholder?: Placeholder
}

/** Closes the project, too. */
const serveProject = async (signal: AbortSignal, opened: Opened): Promise<number> => {
  const { options, project, log, placeholder } = opened
  const { config, memoryBytes } = options
  const threads = boundThreads(options.threads, process.env.UV_THREADPOOL_SIZE)
  const renderer = await project.openRenderer({ threads, memoryBytes })
  try {
    if (config.serve.cache !== undefined) await refuseWithBuild(project.ledger)
    const metrics = createMetrics(() => origin.load)
    const origin: Origin = openOrigin({
      project,
      renderer,
      mount: options.mount === undefined ? mountOf(config) : toMount(options.mount),
      threads,
      memoryBytes,
      ...(placeholder && { placeholder }),
      clock: systemClock,
      tell: (event: AnswerEvent) => {
        metrics.countEvent(event)
        log.event(event)
      },
    })
    return await serveUntil(signal, { options, origin, metrics, log })
  } finally {
    await closeRenderer(renderer, log)
    await project.close()
    log.flush()
  }
}

/**
 * Waits a moment for renders that nobody waits for; one that does not end would keep the process, `process.exit` or
 * not, for Node joins its threads. Ended by the signal that it was told to end with, or would be: 143, not 0.
 */
const closeRenderer = async (renderer: Renderer, log: Log): Promise<void> => {
  const force = setTimeout(() => {
    log.error('killed', new Error('a render did not end'))
    log.flush()
    process.removeAllListeners('SIGTERM')
    process.kill(process.pid, 'SIGTERM')
  }, LEAVE_AFTER_MS)
  await renderer.close().finally(() => clearTimeout(force))
}

interface Running {
  readonly options: ServeRunOptions
  readonly origin: Origin
  readonly metrics: Metrics
  readonly log: Log
}

const serveUntil = async (signal: AbortSignal, running: Running): Promise<number> => {
  const { options, origin, metrics, log } = running
  const { config, host, metricsPort } = options
  const metricsServer =
    metricsPort === undefined ? undefined : await serveMetrics(metrics, { port: metricsPort, host })
  const closeMetrics = (): void => {
    metricsServer?.close()
    metricsServer?.closeAllConnections()
  }
  try {
    const listening = await listen({
      port: options.port,
      host,
      handle: origin.handle,
      commonHeaders: createCommonHeaders(config.serve),
      timeouts: config.serve.timeouts,
      trustProxy: config.serve.trustProxy,
      now: systemClock.now,
      onRequest: (facts) => {
        metrics.countRequest(facts)
        log.request(facts)
      },
    })
    announce(options, listening)
    await untilAborted(signal)
    return await drain(listening, running)
  } finally {
    closeMetrics()
  }
}

/** Answers what has been asked, stores what has been rendered, records what has been stored; in that order. */
const drain = async (listening: Listening, { options, origin, log }: Running): Promise<number> => {
  const { drainMs } = options.config.serve.timeouts
  const startedAt = systemClock.now()
  const deadline = AbortSignal.timeout(drainMs)
  origin.startDraining()
  try {
    await listening.close(deadline)
    await origin.close(deadline)
    log.info('drained', { elapsedMs: systemClock.now() - startedAt })
    return 0
  } catch (error) {
    if (!deadline.aborted && !(error instanceof Problem)) throw error
    const reason = deadline.aborted ? new Error(`not within ${drainMs / 1000} s`) : error
    log.error('not drained', reason)
    // What was stored may still be recorded.
    await origin.close(deadline).catch(() => {})
    return 1
  }
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
