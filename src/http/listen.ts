import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { orAborted } from '../app/answer/abort.ts'
import type { ServeTimeouts } from '../config/config.ts'
import { createConnections } from './connections.ts'
import { createExchanges, type ExchangeOptions } from './exchange.ts'
import { startListening } from './start-listening.ts'

export interface ListenOptions extends ExchangeOptions {
  readonly port: number
  readonly host: string
  readonly timeouts: ServeTimeouts
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
  const connections = createConnections()
  const toExchange = createExchanges(options)
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
      const { socket } = incoming
      connections.take(socket, toExchange(incoming, outgoing, connections.peerOf(socket)))
    },
  )
  server.on('connection', connections.open)
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
