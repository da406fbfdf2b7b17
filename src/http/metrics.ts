import { createServer, type ServerResponse } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AnswerEvent } from '../app/origin/event.ts'
import type { OriginLoad } from '../app/origin/origin.ts'
import { type ByKind, dispatchByKind } from '../core/by-kind.ts'
import type { RequestReport } from './http-message.ts'
import { startListening } from './start-listening.ts'

/**
 * The numbers of the origin, for Prometheus. They have a registry of their own, so that no other metrics are touched.
 */
export type Metrics = ReturnType<typeof createMetrics>

/** A hit takes a millisecond, a render of a large AVIF takes seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** A registry with the metrics of the process, and functions that add more to it. */
export const createMeters = () => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter<L>({ name: `imgsizes_${name}`, help, labelNames: [...labelNames], registers }),
    histogram: <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[],
      buckets: readonly number[] = SECONDS,
    ) =>
      new Histogram<L>({
        name: `imgsizes_${name}`,
        help,
        labelNames: [...labelNames],
        buckets: [...buckets],
        registers,
      }),
    gauge: (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `imgsizes_${name}`,
        help,
        registers,
        collect() {
          this.set(read())
        },
      }),
  }
}

/** The metrics of an origin; `readLoad` is called whenever they are read. */
export const createMetrics = (readLoad: () => OriginLoad) => {
  const { registry, counter, histogram, gauge } = createMeters()
  const requests = counter('requests_total', 'Requests answered', ['outcome', 'status'])
  const requestSeconds = histogram('request_seconds', 'From the request to its answer', ['outcome'])
  const sentBytes = counter('response_bytes_total', 'Bytes of bodies that were sent whole')
  const stages = histogram('stage_seconds', 'Of the parts of an answer', ['stage'])
  const renders = counter('renders_total', 'Results made', ['format', 'purpose'])
  const renderFailures = counter('render_failures_total', 'Renders that failed', ['code'])
  const fetchedBytes = counter('fetched_bytes_total', 'Bytes of originals read')
  const fetchFailures = counter('fetch_failures_total', 'Originals that could not be read', ['code'])
  const lookupFailures = counter('lookup_failures_total', 'Times the store could not be asked', ['code'])
  const storedBytes = counter('stored_bytes_total', 'Bytes of results stored')
  const aliases = counter('aliases_stored_total', 'Results stored under second names')
  const storeRetries = counter('store_retries_total', 'Stores of a result that were tried again', ['code'])
  const storeFailures = counter('store_failures_total', 'Results that could not be stored', ['code'])
  const recordFailures = counter('record_failures_total', 'Times the ledger could not be written')
  const evictions = counter('evicted_bytes_total', 'Bytes of results deleted to keep the folder in bounds')
  const bugs = counter('bugs_total', 'Errors that nobody expected')
  let hits = 0
  let misses = 0
  gauge('renders_running', 'Renders in flight', () => readLoad().running)
  gauge('queue_length', 'Requests that wait for a render', () => readLoad().waiting)
  gauge('uploads_waiting', 'Results that are not stored yet', () => readLoad().uploads)
  gauge('hit_ratio', 'Share of pictures that needed no render, since the start', () =>
    hits + misses === 0 ? 0 : hits / (hits + misses),
  )

  const observe = (stage: string, elapsedMs: number): void => stages.observe({ stage }, elapsedMs / 1000)

  return {
    contentType: registry.contentType,
    read: (): Promise<string> => registry.metrics(),
    countRequest: ({ outcome, status, sizeBytes, elapsedMs }: RequestReport): void => {
      requests.inc({ outcome, status })
      requestSeconds.observe({ outcome }, elapsedMs / 1000)
      sentBytes.inc(sizeBytes)
      if (outcome === 'hit' || outcome === 'revalidated') hits++
      if (outcome === 'miss' || outcome === 'shared') misses++
      if (outcome === 'bug') bugs.inc()
    },
    countEvent: dispatchByKind<AnswerEvent>({
      'looked-up': ({ elapsedMs }) => observe('lookup', elapsedMs),
      'lookup-failed': ({ problem: { code } }) => lookupFailures.inc({ code }),
      fetched: ({ sizeBytes, elapsedMs }) => {
        fetchedBytes.inc(sizeBytes)
        observe('fetch', elapsedMs)
      },
      'fetch-failed': ({ problem: { code } }) => fetchFailures.inc({ code }),
      waited: ({ elapsedMs }) => observe('wait', elapsedMs),
      rendered: ({ format, purpose, elapsedMs }) => {
        renders.inc({ format, purpose })
        observe('render', elapsedMs)
      },
      'render-failed': ({ problem: { code } }) => renderFailures.inc({ code }),
      stored: ({ sizeBytes, elapsedMs }) => {
        storedBytes.inc(sizeBytes)
        observe('store', elapsedMs)
      },
      'store-retried': ({ problem: { code } }) => storeRetries.inc({ code }),
      'store-failed': ({ problem: { code } }) => storeFailures.inc({ code }),
      'record-failed': () => recordFailures.inc(),
      evicted: ({ sizeBytes }) => evictions.inc(sizeBytes),
      'alias-stored': () => aliases.inc(),
      'probe-failed': () => {},
      bug: () => bugs.inc(),
    } satisfies ByKind<AnswerEvent>),
  }
}

/** More than the number of programs that read metrics, and few compared to visitors. */
const MAX_READERS = 32

/** A separate server for metrics, on its own port; the network must limit who reads them. Problem `cannot-listen`. */
export const serveMetrics = async (
  metrics: Pick<Metrics, 'read' | 'contentType'>,
  {
    port,
    host,
    more = () => false,
  }: {
    readonly port: number
    readonly host: string
    /** Answers other paths; false where it did not. */
    readonly more?: (path: string, response: ServerResponse) => boolean
  },
): Promise<{ readonly port: number; close(): void }> => {
  const server = createServer((request, response) => {
    if (more(request.url ?? '', response)) return
    const isAsked = /^\/metrics(?:\?|$)/.test(request.url ?? '')
    if (!isAsked || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Metrics are at /metrics.\n')
      return
    }
    metrics.read().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  server.maxConnections = MAX_READERS
  const flags = '--metrics-port or --metrics-host'
  const own = await startListening(server, { port, host, flags })
  server.on('error', () => {}) // a connection that could not be accepted: Prometheus tries again
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { port: own, close }
}
