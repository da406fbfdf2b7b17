import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** A connection: a socket, or something that behaves like one. */
export interface SocketLike extends Duplex {
  readonly remoteAddress?: string | undefined
  /** Ends it when everything written has been sent. */
  destroySoon(): void
  /** Sets how long nothing may move on it. */
  setTimeout(ms: number): unknown
}

/** One request on a connection. */
export interface Exchange {
  /** Undefined where the bytes were no request that can be answered normally: then `begin` ends the connection. */
  readonly outgoing?: ServerResponse
  /** The connection ends with this answer; bytes after it are no request. */
  readonly isLast?: boolean
  /** Whether all of it has arrived, with its body. */
  isWhole(): boolean
  /** Begins to answer it; in the end `outgoing` closes, whatever happens. */
  begin(): void
  /** Called instead of `begin` where the connection ended before its turn came. */
  drop(): void
}

interface Caller {
  /** The address of the other end, which a socket forgets when the connection is gone. */
  readonly peer: string
  /** It was beyond the limit, and is answered so. */
  readonly isTooMany: boolean
}

/**
 * The requests of each connection, answered one at a time and in order. Node hands over all of them as they arrive, and
 * a response that is not the first in line notices neither backpressure nor that its client has gone.
 */
export type Connections = ReturnType<typeof createConnections>

/** The limit of connections, and who is told about it. */
export interface ConnectionsOptions {
  /** Beyond it, each new connection ends the one that is idle for longest; if none is idle, the new one is refused. */
  readonly maxOpen: number
  /** Called with each connection that was ended or refused for this reason. */
  readonly onCrowded: (what: 'ended' | 'refused') => void
}

/** So many requests of one connection may wait; no more are read until one is answered. Each holds its head. */
export const MAX_WAITING = 16
/** The limit for all connections: one read may contain 2,000 requests. A connection that exceeds it is ended. */
const MAX_WAITING_IN_ALL = 20_000

interface Line extends Caller {
  readonly socket: SocketLike
  isTooMany: boolean
  current: Exchange | undefined
  readonly waiting: Exchange[]
  /** The request that came last, answered or not. */
  last: Exchange | undefined
  /** No more requests are taken from it. */
  isOver: boolean
}

const NOBODY: Caller = { peer: '', isTooMany: false }

/** Keeps the order of requests for each connection. */
export const createConnections = ({ maxOpen, onCrowded }: ConnectionsOptions) => {
  const lines = new Map<Duplex, Line>()
  /** Connections without a request, the longest idle first. */
  const idle = new Set<Line>()
  let waitingInAll = 0
  let isClosing = false

  const beginNext = (line: Line): void => {
    const { socket, waiting } = line
    // After an answer with "Connection: close" none follows (RFC 9112, 9.6).
    const next = socket.writable ? waiting.shift() : undefined
    line.current = next
    if (next === undefined) {
      waitingInAll -= waiting.length
      for (const exchange of waiting.splice(0)) exchange.drop()
      // Requests that come after the end, from a client that does not read, end it no second time.
      if ((isClosing || line.isOver) && !socket.writableEnded) socket.destroySoon()
      else if (lines.has(socket)) idle.add(line)
    } else {
      waitingInAll--
      idle.delete(line)
      if (isClosing || next.isLast) sayLast(line)
      next.begin()
      next.outgoing?.once('close', () => {
        // Without a break, the answers of one client that sends many requests at once come before everybody else's.
        if (waiting.length > 0) setImmediate(beginNext, line)
        else beginNext(line)
      })
    }
    if (waiting.length < MAX_WAITING && socket.isPaused()) socket.resume()
  }
  const add = (line: Line, exchange: Exchange): void => {
    line.waiting.push(exchange)
    waitingInAll++
    if (line.current === undefined) beginNext(line)
    else if (waitingInAll > MAX_WAITING_IN_ALL) line.socket.destroy()
    else if (line.waiting.length >= MAX_WAITING) line.socket.pause()
  }
  const makeRoom = (newcomer: Line): void => {
    const [longest] = idle
    newcomer.isTooMany = longest === newcomer
    onCrowded(newcomer.isTooMany ? 'refused' : 'ended')
    if (!newcomer.isTooMany) longest?.socket.destroy()
  }

  return {
    get count(): number {
      return lines.size
    },
    /** To be called with a new connection before anything else. */
    open: (socket: SocketLike): void => {
      const peer = socket.remoteAddress ?? ''
      const line: Line = {
        socket,
        peer,
        isTooMany: false,
        current: undefined,
        waiting: [],
        last: undefined,
        isOver: false,
      }
      lines.set(socket, line)
      idle.add(line)
      socket.on('error', () => {}) // its end tells the same; Node removes its own listener after CONNECT
      socket.once('close', () => {
        lines.delete(socket)
        idle.delete(line)
      })
      probeWhenHalfClosed(socket, () => line.current?.outgoing)
      if (lines.size > maxOpen) makeRoom(line)
    },
    callerOf: (socket: Duplex): Caller => lines.get(socket) ?? NOBODY,
    take: (socket: Duplex, exchange: Exchange): void => {
      const line = lines.get(socket)
      // It came in the same read as the request that ended, or will end, its connection.
      if (line === undefined || line.isOver || socket.destroyed) return
      line.last = exchange
      line.isOver = exchange.isLast === true
      add(line, exchange)
    },
    /**
     * The bytes that arrive now are no request, or one without an end: it is answered so in its turn, as the last one.
     */
    takeFault: (socket: Duplex, exchange: Exchange): void => {
      const line = lines.get(socket)
      if (line === undefined || line.isOver) return
      line.isOver = true
      // If it lies in the body of a request, that request has been answered so, or will be.
      if (line.last?.isWhole() ?? true) add(line, exchange)
      else if (line.current === undefined) beginNext(line)
    },
    /** From now on, each connection ends with the answer to its last request. */
    startClosing: (): void => {
      isClosing = true
      for (const line of lines.values()) sayLast(line)
    },
    /**
     * Ends connections without a request (half a head counts as none): all, or at most so many, the longest idle first.
     */
    endIdle: (most: number = Number.POSITIVE_INFINITY): void => {
      let ended = 0
      for (const { socket } of idle) if (ended++ < most) socket.destroy()
    },
  }
}

/** Tells the client that nothing is answered after this, if it can still be told. */
const sayLast = ({ current, waiting }: Line): void => {
  const outgoing = current?.outgoing
  if (outgoing === undefined || waiting.length > 0 || outgoing.headersSent) return
  outgoing.setHeader('connection', 'close')
}

const PROBE_EVERY_MS = 500
/** How long nothing may be sent: to a client of HTTP/1.0, which cannot be probed, or after the sending has stopped. */
const TIMEOUT_MS = 5_000

/**
 * A client that has ended its side may still wait for an answer, or may have gone. Both look the same until something
 * is sent: a client that has gone answers with a reset. So while `current` is being made, it is sent "102 Processing"
 * now and then, which every client of HTTP/1.1 skips (RFC 9110, 15.2).
 */
const probeWhenHalfClosed = (socket: SocketLike, current: () => ServerResponse | undefined): void => {
  socket.once('end', () => {
    socket.setTimeout(TIMEOUT_MS)
    const probe = (): void => {
      const outgoing = current()
      if (outgoing !== undefined && !outgoing.headersSent && outgoing.req.httpVersionMinor > 0)
        outgoing.writeProcessing()
    }
    const timer = setInterval(probe, PROBE_EVERY_MS)
    socket.once('close', () => clearInterval(timer))
  })
}
