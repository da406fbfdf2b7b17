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
  /**
   * Takes no new connection, and ends when the last request is answered, and with it its connection; where `signal`
   * aborts first, cuts off the rest and rejects.
   */
  close(signal: AbortSignal): Promise<void>
}

/** A request comes in within this time, body included: we have no use for bodies. */
const REQUEST_TIMEOUT_MS = 30_000
/** A connection on which nothing moves, in either direction: longer than any render takes. */
const IDLE_TIMEOUT_MS = 120_000
const CHECK_EVERY_MS = 2_000
/** For a request that is on its way when the end begins. */
const CLOSING_GRACE_MS = 500

export const listen = async (options: ListenOptions): Promise<Listening> => {
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
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      connections.startClosing()
      const grace = setTimeout(connections.endIdle, CLOSING_GRACE_MS)
      try {
        await orAborted(closed, signal)
      } finally {
        clearTimeout(grace)
        server.closeAllConnections()
      }
    },
  }
}
