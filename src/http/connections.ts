import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { probeWhenHalfClosed } from './half-closed.ts'
import type { SocketLike } from './socket-like.ts'

/** One request over a connection. */
export interface Exchange {
  /** Absent where there is no request that could be answered in form: then `begin` ends the connection. */
  readonly outgoing?: ServerResponse
  /** Its connection ends with it: what comes after it is no request. */
  readonly isLast?: boolean
  /** Whether all of it has come, its body included. */
  isWhole(): boolean
  /** Answers it: in the end `outgoing` closes, whatever became of it. */
  begin(): void
  /** In place of that: its connection went, or ended, before its turn came. */
  drop(): void
}

/** What is known of a connection. */
interface Caller {
  /** The address at its other end, which a socket forgets when that is gone. */
  readonly peer: string
  /** There was no room for it: it is told so. */
  readonly isTooMany: boolean
}

/**
 * The requests of each connection, one at a time and in their order. Node hands all of them over as they come, and
 * a response that is not the first in line knows neither backpressure nor that its client has gone.
 */
export interface Connections {
  readonly count: number
  /** A new connection; before anything else of it. */
  open(socket: SocketLike): void
  callerOf(socket: Duplex): Caller
  take(socket: Duplex, exchange: Exchange): void
  /** What comes now is no request, or never ends: that is said in its turn, and is the last. */
  takeFault(socket: Duplex, exchange: Exchange): void
  /** From now on each connection ends with the answer to what was asked last. */
  startClosing(): void
  /** Ends those on which nothing is asked, half a request's head being nothing: all, or the longest idle so many. */
  endIdle(most?: number): void
}

export interface ConnectionsOptions {
  /** Above it, the longest idle is ended for each that is opened; where none is idle, the new one is too many. */
  readonly maxOpen: number
  /** Told of each that was ended, or was too many, for that. */
  readonly onCrowded: (what: 'ended' | 'refused') => void
}

/** As many requests of one connection wait to be answered; more are not read before. Each holds its head. */
export const MAX_WAITING = 16
/** Of all connections together: what is read in one piece may hold 2,000 requests. One too many ends its connection. */
const MAX_WAITING_IN_ALL = 20_000

interface Line extends Caller {
  readonly socket: SocketLike
  isTooMany: boolean
  /** What is being answered. */
  current: Exchange | undefined
  readonly waiting: Exchange[]
  /** What came last, answered or not. */
  last: Exchange | undefined
  /** Nothing more is taken from it. */
  isOver: boolean
}

const NOBODY: Caller = { peer: '', isTooMany: false }

export const createConnections = ({ maxOpen, onCrowded }: ConnectionsOptions): Connections => {
  const lines = new Map<Duplex, Line>()
  /** Those on which nothing is asked, the longest idle first. */
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
      if (isClosing || line.isOver) socket.destroySoon()
      else if (lines.has(socket)) idle.add(line)
    } else {
      waitingInAll--
      idle.delete(line)
      if (isClosing || next.isLast) sayLast(line)
      next.begin()
      next.outgoing?.once('close', () => beginNext(line))
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
    get count() {
      return lines.size
    },
    open: (socket) => {
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
      socket.on('error', () => {}) // told by its end; Node takes its own listener away with CONNECT
      socket.once('close', () => {
        lines.delete(socket)
        idle.delete(line)
      })
      probeWhenHalfClosed(socket, () => line.current?.outgoing)
      if (lines.size > maxOpen) makeRoom(line)
    },
    callerOf: (socket) => lines.get(socket) ?? NOBODY,
    take: (socket, exchange) => {
      const line = lines.get(socket)
      // Read in one piece with what has ended its connection, or will.
      if (line === undefined || line.isOver || socket.destroyed) return
      line.last = exchange
      line.isOver = exchange.isLast === true
      add(line, exchange)
    },
    takeFault: (socket, exchange) => {
      const line = lines.get(socket)
      if (line === undefined || line.isOver) return
      line.isOver = true
      // In the body of a request it has been answered with that, or will be.
      if (line.last?.isWhole() ?? true) add(line, exchange)
      else if (line.current === undefined) beginNext(line)
    },
    startClosing: () => {
      isClosing = true
      for (const line of lines.values()) sayLast(line)
    },
    endIdle: (most = Number.POSITIVE_INFINITY) => {
      let ended = 0
      for (const { socket } of idle) if (ended++ < most) socket.destroy()
    },
  }
}

/** Tells the client that nothing is answered after this, while it can still be told. */
const sayLast = ({ current, waiting }: Line): void => {
  const outgoing = current?.outgoing
  if (outgoing === undefined || waiting.length > 0 || outgoing.headersSent) return
  outgoing.setHeader('connection', 'close')
}
