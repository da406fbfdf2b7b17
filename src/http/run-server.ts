import { existsSync } from 'node:fs'
import type { AnswerEvent, TellAnswer } from '../app/origin/event.ts'
import { refuseWithBuild } from '../app/origin/eviction.ts'
import { hotBytesOf } from '../app/origin/origin-parts.ts'
import { mountOf } from '../config/base-url.ts'
import { type Config, folderOf } from '../config/config.ts'
import { type ByKind, dispatchByKind } from '../core/by-kind.ts'
import { Problem } from '../core/problem.ts'
import { untilAborted } from '../waiting/signals.ts'
import { systemClock } from '../waiting/system-clock.ts'
import type { ServeEnd, ServeRunOptions } from '../wire/long-run-options.ts'
import type { Project } from '../wire/project.ts'
import { boundConnections } from './bound-connections.ts'
import { createCollector } from './collect-garbage.ts'
import { createCommonHeaders } from './common-headers.ts'
import { guardSecret, warnOfSecret } from './guard-secret.ts'
import { type Listening, listen } from './listen.ts'
import { type Log, openLog, type RequestFacts, toLogOptions } from './log.ts'
import { createMetrics, type Metrics, serveMetrics } from './metrics.ts'
import { type HttpOrigin, openHttpOrigin } from './open-origin.ts'
import { openProjectHere } from './open-project.ts'
import { readPlaceholder } from './placeholder-picture.ts'
import { probeOutput } from './probe-output.ts'
import type { PlaceholderPicture } from './problems.ts'
import { formatLink, formatListening } from './start-listening.ts'
import type { WorkerOptions } from './workers/messages.ts'
import { type Notification, reviveEvent } from './workers/notifications.ts'
import { openWorkers } from './workers/open-workers.ts'

/** Runs the origin until `stop` aborts, then drains it. Rejects with a Problem where it cannot start. */
export const runServer = async (options: ServeRunOptions, stop: AbortSignal): Promise<ServeEnd> => {
  const { config, host } = options
  guardSecret(config, host)
  const log = openLog(toLogOptions(options))
  const warning = warnOfSecret(config, host)
  if (warning !== undefined) log.error('warning', warning)
  const placeholder = readPlaceholder(config)
  for (const path of listMissingFolders(config))
    log.warn('no such source folder', {
      path,
      hint: 'Pictures that are stored are served; all others are answered 502.',
    })
  const project = await openProjectHere(config, options.programVersion, (event) => {
    if (event.kind === 'warning' || event.kind === 'ledger-unread') log.error('warning', event.problem)
  })
  const end = await serveProject(stop, { options, project, log, placeholder })
  // A client may wait long for a store that hangs: such a request must not keep the process alive.
  if (end !== 'drained') setTimeout(() => process.exit(), LEAVE_AFTER_MS).unref()
  return end
}

interface Opened {
  readonly options: ServeRunOptions
  readonly project: Project
  readonly log: Log
  readonly placeholder?: PlaceholderPicture | undefined
}

const serveProject = async (stop: AbortSignal, opened: Opened): Promise<ServeEnd> => {
  const { options, project, log, placeholder } = opened
  const { config, threads, memoryBytes } = options
  const renderer = project.openRenderer({ threads, memoryBytes })
  try {
    await probeOutput(project.output, systemClock)
    if (config.serve.cache !== undefined) await refuseWithBuild(project.ledger)
    // Without a port nobody reads metrics, so nothing is counted.
    const metrics = options.metricsPort === undefined ? undefined : createMetrics(() => origin.load)
    const losses = { count: 0 }
    const place = { mount: mountOf(config, options.mount), placeholder }
    const collect = createCollector()
    const tell = (event: AnswerEvent): void => {
      if (event.kind === 'rendered') collect(event.sizeBytes)
      if (event.kind === 'store-failed') losses.count++
      metrics?.countEvent(event)
      log.event(event)
    }
    const origin: HttpOrigin = openHttpOrigin({
      ...place,
      project,
      renderer,
      threads,
      memoryBytes,
      clock: systemClock,
      tell,
    })
    return await serveUntil(stop, { options, place, origin, metrics, tell, losses, log })
  } finally {
    await renderer.close()
    await project.close()
    log.flush()
  }
}

interface Running {
  readonly options: ServeRunOptions
  readonly place: Pick<WorkerOptions, 'mount' | 'placeholder'>
  readonly origin: HttpOrigin
  readonly metrics: Metrics | undefined
  readonly tell: TellAnswer
  /** How many results could not be stored so far. */
  readonly losses: { readonly count: number }
  readonly log: Log
}

const serveUntil = async (signal: AbortSignal, running: Running): Promise<ServeEnd> => {
  const { options, metrics, log } = running
  const { metricsPort = 0, metricsHost } = options
  const exporter = metrics && (await serveMetrics(metrics, { port: metricsPort, host: metricsHost }))
  try {
    const listening = await (options.workers > 1 ? listenByWorkers(running) : listenHere(running))
    announce(options, listening)
    if (exporter !== undefined)
      log.info('metrics', { url: formatListening(metricsHost, exporter.port, '/metrics') })
    await untilAborted(signal)
    return await drain(listening, running)
  } finally {
    exporter?.close()
  }
}

type Open = Pick<Listening, 'port' | 'close'>

const listenHere = (running: Running): Promise<Open> => {
  const { options, origin, log } = running
  const { config, port, host, threads } = options
  return listen({
    port,
    host,
    handle: origin.handle,
    commonHeaders: createCommonHeaders(config.serve),
    timeouts: config.serve.timeouts,
    trustProxy: config.serve.trustProxy,
    ...boundConnections({ threads, log, now: systemClock.now }),
    now: systemClock.now,
    onRequest: (facts) => noteRequest(facts, running),
  })
}

const noteRequest = (facts: RequestFacts, { metrics, log }: Running): void => {
  metrics?.countRequest(facts)
  log.request(facts)
}

/** Listens in processes that answer hits; this process owns the project and renders. */
const listenByWorkers = (running: Running): Promise<Open> => {
  const { options, place, origin, metrics, log } = running
  const { config, port, host, workers, memoryBytes } = options
  const { level } = toLogOptions(options)
  return openWorkers({
    count: workers,
    worker: {
      ...place,
      config,
      port,
      host,
      hotBytes: hotBytesOf(memoryBytes) / workers,
      wants: { isCounted: metrics !== undefined, level },
    },
    owner: origin.owner,
    onNotification: takeNotification(running),
    onDied: (how) => log.warn('a worker died', { reason: `It ended ${how}. A new one is started.` }),
  })
}

const takeNotification = (running: Running): ((notification: Notification) => void) => {
  const { origin, tell, log } = running
  const { noteUse, keyring, aliases } = origin.owner
  return dispatchByKind<Notification>({
    request: ({ facts }) => noteRequest(facts, running),
    event: ({ event }) => tell(reviveEvent(event)),
    warning: ({ message, more }) => log.warn(message, more),
    error: ({ message, error }) => log.error(message, error),
    used: ({ key }) => noteUse(key),
    alias: ({ name, key, etag }) => {
      const result = keyring.verify(key)
      if (result !== undefined) aliases?.note(name, result, etag)
    },
  } satisfies ByKind<Notification>)
}

/** Answers what was asked, stores what was rendered, records what was stored; in this order. */
const drain = async (listening: Open, { options, origin, losses, log }: Running): Promise<ServeEnd> => {
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
  const isAnswered = await isDone(listening.close(deadline), 'not all requests were answered')
  const isSaved = await isDone(origin.close(deadline), 'not all results were stored')
  if (!isSaved || losses.count > lostBefore) return 'lost'
  if (!isAnswered) return 'late'
  log.info('drained', { elapsedMs: systemClock.now() - startedAt })
  return 'drained'
}

/** Time to close threads and files, once it is clear that something else does not end. */
const LEAVE_AFTER_MS = 1_000

/** The address goes to stdout: whoever starts it with port 0 reads the port there. */
const announce = ({ config, host, json, mount }: ServeRunOptions, { port }: Open): void => {
  const path = mountOf(config, mount)
  const text = json
    ? JSON.stringify({ version: 1, listening: formatListening(host, port, path), port })
    : `imgsizes listens on ${formatLink(host, port, path)}`
  process.stdout.write(`${text}\n`)
}

/** Source folders that do not exist. What is stored is served all the same, but most often this is a mistake. */
const listMissingFolders = ({ sources }: Pick<Config, 'sources'>): readonly string[] =>
  sources.flatMap(({ place }) => folderOf(place) ?? []).filter((folder) => !existsSync(folder))
