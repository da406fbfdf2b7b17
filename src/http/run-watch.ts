import type { Tell } from '../app/event.ts'
import { createPushes, sendTo } from '../app/watch/push.ts'
import type { Watch } from '../app/watch/session.ts'
import { Problem } from '../core/problem.ts'
import { type MemoryQueue, openMemoryQueue } from '../queue/memory-queue.ts'
import type { Queue, QueueFacts } from '../queue/port.ts'
import { createRerun } from '../waiting/rerun.ts'
import { onAbort } from '../waiting/signals.ts'
import { systemClock } from '../waiting/system-clock.ts'
import { followProjectFolders } from '../wire/follow-folders.ts'
import { followOverrides } from '../wire/follow-overrides.ts'
import type { WatchEnd, WatchRunOptions, WebhookAddress } from '../wire/long-run-options.ts'
import type { Project } from '../wire/project.ts'
import { openQueue } from '../wire/queue.ts'
import { openNaming, openProjectWatch, sendAllDue } from '../wire/watch.ts'
import { type Log, openLog, toLogOptions } from './log.ts'
import { serveMetrics } from './metrics.ts'
import { openProjectHere } from './open-project.ts'
import { probeOutput } from './probe-output.ts'
import { formatListening } from './start-listening.ts'
import { logWatchEvent, logWork } from './watch-log.ts'
import { createWatchMetrics, type WatchMetrics } from './watch-metrics.ts'
import { answerHealth, openWebhook, type Webhook } from './webhook.ts'

/**
 * Records wait a minute at most: no more than is lost with a worker anyway. Where somebody waits for the answer, or
 * looks at the folder, a second.
 */
const RECORD_WITHIN_MS = 60_000
const RECORD_SOON_MS = 1_000
/** The visibility of the queue in memory. */
const OWN_VISIBILITY_MS = 60_000
/** Assumed where the queue may not be asked: the default of SQS. */
const USUAL_FACTS: QueueFacts = { visibilityMs: 30_000 }

/** Runs a worker until `stop` aborts. Rejects with a Problem where it cannot start. */
export const runWatch = async (options: WatchRunOptions, stop: AbortSignal): Promise<WatchEnd> => {
  const { config, programVersion } = options
  const log = openLog(toLogOptions(options))
  const tell: Tell = (event) => logWork(log, event)
  const project = await openProjectHere(config, programVersion, tell)
  try {
    const feed = await openFeed(options)
    try {
      return await work(stop, { ...feed, options, project, log })
    } finally {
      await feed.queue.close()
    }
  } finally {
    await project.close()
    log.flush()
  }
}

interface Feed {
  readonly queue: Queue
  /** The same queue, where senders wait until what they sent is done. */
  readonly own?: MemoryQueue
  readonly webhook?: WebhookAddress
}

const openFeed = async ({ feed }: WatchRunOptions): Promise<Feed> => {
  if (feed.kind === 'queue')
    return { queue: await openQueue(feed.uri, '--events'), ...(feed.webhook && { webhook: feed.webhook }) }
  const own = openMemoryQueue(systemClock, OWN_VISIBILITY_MS)
  return { queue: own, own, ...(feed.kind === 'webhook' && { webhook: feed.webhook }) }
}

interface Opened extends Feed {
  readonly options: WatchRunOptions
  readonly project: Project
  readonly log: Log
}

const work = async (stop: AbortSignal, opened: Opened): Promise<WatchEnd> => {
  const { options, project, log, queue, own, webhook } = opened
  const { threads, memoryBytes } = options
  const bounds = { threads, memoryBytes }
  await probeOutput(project.output, systemClock)
  const facts = await findFacts(queue, log)
  const renderer = project.openRenderer(bounds)
  const metrics = createWatchMetrics(() => watch.load, systemClock.date)
  const watch: Watch = openProjectWatch(project, {
    renderer,
    bounds,
    queue,
    facts,
    recordWithinMs: own === undefined ? Math.min(RECORD_WITHIN_MS, facts.visibilityMs) : RECORD_SOON_MS,
    clock: systemClock,
    tell: (event) => {
      metrics.countWork(event)
      logWork(log, event)
    },
    tellWatch: (event) => {
      metrics.countWatch(event)
      logWatchEvent(log, event)
    },
  })
  const closing: (() => Promise<void>)[] = [() => renderer.close()]
  const isReady = (): boolean => watch.isWell && !stop.aborted
  try {
    closing.unshift(await openMetrics(options, { metrics, isReady, log }))
    const { drainMs } = options.config.serve.timeouts
    let stopDeadline: AbortSignal | undefined
    onAbort(stop, () => {
      stopDeadline = AbortSignal.timeout(drainMs)
      own?.refuse()
    })
    // Work also ends, and begins again, where the store is lost.
    const findDeadline = (): AbortSignal => stopDeadline ?? AbortSignal.timeout(drainMs)
    const opening = webhook && (await openPushes(webhook, { ...opened, metrics, isReady }))
    if (opening !== undefined) closing.unshift(() => opening.close(findDeadline()))
    if (options.feed.kind === 'folders') {
      const folders = await followProjectFolders(project, { queue, stop, log })
      closing.unshift(folders.close)
    } else {
      // Each of several workers would send all that is due, so there `plan --to` does it once.
      const compareAll = createRerun(async () => {
        if (own !== undefined) await sendAllDue(project, own, { tell: () => {}, signal: stop })
      })
      const fail = (error: unknown): void => log.error('warning', error)
      const onChanged = (): void => {
        log.info('overrides-changed')
        compareAll().catch(fail)
      }
      const following = followOverrides(project, { onChanged, onFailed: fail })
      closing.unshift(async () => following.close())
    }
    log.info('watching', { ...describeFeed(opened), ...(opening && { port: opening.port }) })
    const isDrained = await watch.run(stop, findDeadline)
    if (isDrained) log.info('drained')
    return isDrained ? 'drained' : 'late'
  } finally {
    for (const close of closing) await close()
  }
}

const describeFeed = ({ options, queue }: Opened): Readonly<Record<string, unknown>> =>
  options.feed.kind === 'folders' ? { folders: true } : { queue: queue.place }

/** How the queue is set up; where this may not be asked, the log says what is assumed. */
const findFacts = async (queue: Queue, log: Log): Promise<QueueFacts> => {
  try {
    return await queue.facts()
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'queue-denied') throw error
    log.error('warning', error)
    return USUAL_FACTS
  }
}

const openMetrics = async (
  { metricsPort, metricsHost }: WatchRunOptions,
  { metrics, isReady, log }: { metrics: WatchMetrics; isReady: () => boolean; log: Log },
): Promise<() => Promise<void>> => {
  if (metricsPort === undefined) return async () => {}
  const { port, close } = await serveMetrics(metrics, {
    port: metricsPort,
    host: metricsHost,
    more: (path, response) => answerHealth(path, response, isReady()),
  })
  log.info('metrics', { url: formatListening(metricsHost, port, '/metrics') })
  return async () => close()
}

const openPushes = async (
  { host, port, token }: WebhookAddress,
  {
    project,
    queue,
    own,
    log,
    metrics,
    isReady,
  }: Opened & { readonly metrics: WatchMetrics; readonly isReady: () => boolean },
): Promise<Webhook> => {
  const pushes = createPushes({
    nameSources: openNaming(project, (event) => logWatchEvent(log, event)),
    send: own === undefined ? sendTo(queue) : own.submit,
    onFailed: (problem) => log.error('push-failed', problem),
    onIgnored: (ignored) => logWatchEvent(log, { ...ignored, kind: 'message-ignored' }),
  })
  const webhook = await openWebhook({
    host,
    port,
    token,
    keep: pushes.keep,
    isReady,
    onAnswer: metrics.countPush,
  })
  process.stdout.write(`imgsizes takes events at ${formatListening(host, webhook.port, '/')}\n`)
  return webhook
}
