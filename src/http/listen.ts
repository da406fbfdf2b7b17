import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { orAborted } from '../app/answer/abort.ts'
import type { ServeTimeouts } from '../config/config.ts'
import { parseTarget } from '../url/target.ts'
import { clientAddress } from './client-address.ts'
import type { Handler } from './handler.ts'
import type { RequestFacts } from './log.ts'
import type { RequestReport } from './report.ts'
import { startListening } from './start-listening.ts'

export interface ListenOptions {
  readonly port: number
  readonly host: string
  readonly handle: Handler
  readonly timeouts: ServeTimeouts
  readonly trustProxy: number
  readonly now: () => number
  /** Told of every request when its answer is sent, or its connection gone. */
  readonly onRequest: (facts: RequestFacts) => void
}

/** A server that listens. */
export interface Listening {
  readonly port: number
  /** Takes no new connection, and ends when the last request is answered; those that are late are cut off. */
  close(signal: AbortSignal): Promise<void>
}

/** A request comes in within this time, body included: we have no use for bodies. */
const REQUEST_TIMEOUT_MS = 30_000
/** A connection on which nothing moves, in either direction: longer than any render takes. */
const IDLE_TIMEOUT_MS = 120_000
const CHECK_EVERY_MS = 2_000

export const listen = async (options: ListenOptions): Promise<Listening> => {
  let isClosing = false
  const listener = toListener(options)
  const server = createServer(
    {
      keepAliveTimeout: options.timeouts.keepAliveMs,
      headersTimeout: options.timeouts.headersMs,
      requestTimeout: Math.max(REQUEST_TIMEOUT_MS, options.timeouts.headersMs),
      connectionsCheckingInterval: CHECK_EVERY_MS,
      noDelay: true,
    },
    (incoming, outgoing) => {
      if (isClosing) outgoing.setHeader('connection', 'close')
      listener(incoming, outgoing)
    },
  )
  server.setTimeout(Math.max(IDLE_TIMEOUT_MS, options.timeouts.keepAliveMs + 1_000))
  await startListening(server, { port: options.port, host: options.host, flag: '--port' })
  return {
    port: (server.address() as AddressInfo).port,
    close: async (signal) => {
      isClosing = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      try {
        await orAborted(closed, signal)
      } finally {
        server.closeAllConnections()
      }
    },
  }
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

const toListener = (options: ListenOptions): Listener => {
  const targets = new WeakMap<IncomingMessage, string>()
  const reports = new WeakMap<IncomingMessage, RequestReport>()
  const respond = getRequestListener((request, env) => {
    const incoming = env.incoming as IncomingMessage
    return options.handle(request, {
      rawTarget: targets.get(incoming) ?? '',
      onReport: (report) => reports.set(incoming, report),
    })
  })
  return (incoming, outgoing) => {
    const startedAt = options.now()
    const target = incoming.url ?? ''
    targets.set(incoming, target)
    // The key is read from the target as it came. A URL made of it would be normalised, or refused with 400 where
    // the target or Host is odd; so the adapter gets one that is always good, and nobody looks at it.
    incoming.url = '/'
    incoming.headers.host = 'localhost'
    outgoing.once('close', () => {
      const report = reports.get(incoming) ?? UNREPORTED
      const isSent = outgoing.writableFinished
      options.onRequest({
        ...report,
        method: incoming.method ?? '',
        path: parseTarget(target).path,
        ip: clientAddress(
          incoming.socket.remoteAddress ?? '',
          incoming.headers['x-forwarded-for']?.toString(),
          options.trustProxy,
        ),
        ...(!isSent && report.outcome !== 'bug' && { outcome: 'gone' }),
        elapsedMs: options.now() - startedAt,
      })
    })
    // It answers its own errors.
    void respond(incoming, outgoing)
  }
}

/** The connection went before there was an answer. */
const UNREPORTED: RequestReport = { outcome: 'gone', status: 499, sizeBytes: 0, elapsedMs: 0 }
