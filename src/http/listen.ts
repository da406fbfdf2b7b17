import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ServeTimeouts } from '../config/config.ts'
import { orAborted } from '../waiting/signals.ts'
import { EXPECTATION_UNKNOWN, faultOf, METHOD_NOT_ALLOWED, TOO_MANY_CONNECTIONS } from './bad-requests.ts'
import { type Connections, type ConnectionsOptions, createConnections } from './connections.ts'
import { createExchanges, type ExchangeOptions, type Exchanges } from './exchange.ts'
import { asHttp11, type ParseError, Reread } from './later-minor.ts'
import type { ProblemAnswer } from './problems.ts'
import type { SocketLike } from './socket-like.ts'
import { startListening } from './start-listening.ts'

export interface ListenOptions extends ExchangeOptions, Pick<ConnectionsOptions, 'onCrowded'> {
  readonly port: number
  readonly host: string
  readonly timeouts: ServeTimeouts
  /** Connections at once; those on which nothing is asked make room for new ones. */
  readonly maxConnections: number
  /** Told why a connection could not be taken: this machine lacks something. */
  readonly onAcceptFailed: (reason: string) => void
}

/** A server that listens. */
export interface Listening {
  readonly port: number
  /** Open ones. */
  readonly connections: number
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

/** Idle connections that are ended where there is no room for another: as many as may wait to be taken. */
const ENDED_FOR_ROOM = 16

export const listen = async (options: ListenOptions): Promise<Listening> => {
  const { maxConnections: maxOpen, onCrowded } = options
  const connections = createConnections({ maxOpen, onCrowded })
  const server = openServer(options.timeouts)
  wire(server, connections, createExchanges(options))
  await startListening(server, { port: options.port, host: options.host, flags: '--port or --host' })
  server.on('error', (error) => {
    options.onAcceptFailed(error.message)
    connections.endIdle(ENDED_FOR_ROOM)
  })
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections.count
    },
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

const openServer = ({ keepAliveMs, headersMs }: ServeTimeouts): Server => {
  const server = createServer({
    keepAliveTimeout: keepAliveMs,
    headersTimeout: headersMs,
    requestTimeout: Math.max(REQUEST_TIMEOUT_MS, headersMs),
    connectionsCheckingInterval: CHECK_EVERY_MS,
    noDelay: true,
    requireHostHeader: false, // it would be answered by Node, without a word
    joinDuplicateHeaders: true,
  })
  server.setTimeout(Math.max(IDLE_TIMEOUT_MS, keepAliveMs + 1_000))
  // Who has sent all and ends his side is answered. Node has this since its first days, and never documented it.
  return Object.assign(server, { httpAllowHalfOpen: true })
}

/** Has every event of a server end in an exchange: none is left to what Node would do by itself. */
const wire = (server: Server, connections: Connections, exchanges: Exchanges): void => {
  const take = (incoming: IncomingMessage, outgoing: ServerResponse, fault?: ProblemAnswer): void => {
    const { socket } = incoming
    const { peer, isTooMany } = connections.callerOf(socket)
    const refusal = isTooMany ? TOO_MANY_CONNECTIONS : fault
    connections.take(socket, exchanges.of(incoming, outgoing, peer, refusal))
  }
  const takeFault = (socket: Duplex, fault: ProblemAnswer): void =>
    connections.takeFault(socket, exchanges.ofFault(fault, socket, connections.callerOf(socket).peer))

  server.on('connection', connections.open)
  server.on('request', (incoming, outgoing) => take(incoming, outgoing))
  // Nobody wants the body that the client holds back: it is told so, and that its connection ends.
  server.on('checkContinue', (incoming, outgoing) => take(incoming, outgoing))
  server.on('checkExpectation', (incoming, outgoing) => take(incoming, outgoing, EXPECTATION_UNKNOWN))
  server.on('connect', (_, socket) => takeFault(socket, METHOD_NOT_ALLOWED))
  const rereads = new WeakMap<Duplex, Reread>()
  server.on('clientError', (error: ParseError, socket) => {
    const [again, amended] = [rereads.get(socket), asHttp11(error)]
    if (!socket.writable) socket.destroy()
    else if (again !== undefined) again.give(error.rawPacket ?? Buffer.alloc(0))
    else if (amended !== undefined) {
      const reread = new Reread(socket as SocketLike, amended)
      rereads.set(socket, reread)
      const begin = (): void => void server.emit('connection', reread)
      connections.takeFault(socket, { isWhole: () => true, begin, drop: () => {} })
    }
    // What comes after a request that was to be the last: whose answer is under way, or sent, is nobody's business.
    else if (error.code !== 'HPE_CLOSED_CONNECTION') takeFault(socket, faultOf(error))
  })
}
