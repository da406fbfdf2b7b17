import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { orAborted } from '../app/answer/abort.ts'
import type { ServeTimeouts } from '../config/config.ts'
import { EXPECTATION_UNKNOWN, faultOf } from './bad-requests.ts'
import { createConnections } from './connections.ts'
import { createExchanges, type ExchangeOptions } from './exchange.ts'
import type { ProblemAnswer } from './problems.ts'
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
  const exchanges = createExchanges(options)
  const take = (incoming: IncomingMessage, outgoing: ServerResponse, fault?: ProblemAnswer): void => {
    const { socket } = incoming
    connections.take(socket, exchanges.of(incoming, outgoing, connections.peerOf(socket), fault))
  }
  const server = createServer(
    {
      keepAliveTimeout: options.timeouts.keepAliveMs,
      headersTimeout: options.timeouts.headersMs,
      requestTimeout: Math.max(REQUEST_TIMEOUT_MS, options.timeouts.headersMs),
      connectionsCheckingInterval: CHECK_EVERY_MS,
      noDelay: true,
      requireHostHeader: false, // it would be answered by Node, without a word
    },
    (incoming, outgoing) => take(incoming, outgoing),
  )
  server.on('connection', connections.open)
  server.on('checkExpectation', (incoming, outgoing) => take(incoming, outgoing, EXPECTATION_UNKNOWN))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) socket.destroy()
    // What comes after a request that was to be the last: whose answer is under way, or sent, is nobody's business.
    else if (error.code !== 'HPE_CLOSED_CONNECTION')
      connections.takeFault(socket, exchanges.ofFault(faultOf(error), socket, connections.peerOf(socket)))
  })
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
