import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ServeTimeouts } from '../config/config.ts'
import { orAborted } from '../waiting/signals.ts'
import {
  answerParseError,
  EXPECTATION_UNKNOWN,
  METHOD_NOT_ALLOWED,
  TOO_MANY_CONNECTIONS,
} from './bad-requests.ts'
import {
  type Connections,
  type ConnectionsOptions,
  createConnections,
  type SocketLike,
} from './connections.ts'
import { createExchanges, type ExchangeOptions, type Exchanges } from './exchange.ts'
import { asHttp11, type ParseError, Reread } from './later-minor.ts'
import type { ProblemAnswer } from './problems.ts'
import { startListening, stopListening } from './start-listening.ts'

/** Where to listen, and what limits connections. */
export interface ListenOptions extends ExchangeOptions, Pick<ConnectionsOptions, 'onCrowded'> {
  readonly port: number
  readonly host: string
  readonly timeouts: ServeTimeouts
  /** The most connections at once; idle ones are ended for new ones. */
  readonly maxConnections: number
  /** Called with the reason where a connection could not be accepted: the machine has too little of something. */
  readonly onAcceptFailed: (reason: string) => void
}

/** A server that listens. */
export type Listening = Awaited<ReturnType<typeof listen>>

/** A request must arrive within this time, with its body: bodies are not used. */
const REQUEST_TIMEOUT_MS = 30_000
/** A connection ends when nothing moves on it, in either direction, for this time: longer than any render. */
const IDLE_TIMEOUT_MS = 120_000
const CHECK_EVERY_MS = 2_000
/** For requests that are arriving when the shutdown begins. */
const CLOSING_GRACE_MS = 500

/** How many idle connections are ended when none can be accepted: as many as may wait to be accepted. */
const ENDED_FOR_ROOM = 16

/** Starts a server. Problem `cannot-listen`. */
export const listen = async (options: ListenOptions) => {
  const { maxConnections: maxOpen, onCrowded } = options
  const connections = createConnections({ maxOpen, onCrowded })
  const server = openServer(options.timeouts)
  wire(server, connections, createExchanges(options))
  const port = await startListening(server, { ...options, flags: '--port or --host' })
  server.on('error', (error) => {
    options.onAcceptFailed(error.message)
    connections.endIdle(ENDED_FOR_ROOM)
  })
  return {
    port,
    get connections(): number {
      return connections.count
    },
    /**
     * Accepts no new connection, and ends when the last request is answered and its connection closed. Where `signal`
     * aborts first, it cuts off the rest and rejects.
     */
    close: async (signal: AbortSignal): Promise<void> => {
      const closed = stopListening(server)
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
    requireHostHeader: false, // Node would answer it without a body
    joinDuplicateHeaders: true,
  })
  server.setTimeout(Math.max(IDLE_TIMEOUT_MS, keepAliveMs + 1_000))
  return Object.assign(server, {
    // A client that has sent everything and ends its side is still answered. An old, undocumented option of Node.
    httpAllowHalfOpen: true,
    // `close` calls it. Node's own would cut off an answer that is written and that its client has not yet read.
    closeIdleConnections: () => {},
  })
}

/** Every event of a server ends in an exchange, so that Node never answers by itself. */
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
  // The body that the client holds back is not wanted: the answer says so, and ends the connection.
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
    // Bytes after the last request of a connection do not matter.
    else if (error.code !== 'HPE_CLOSED_CONNECTION') takeFault(socket, answerParseError(error))
  })
}
