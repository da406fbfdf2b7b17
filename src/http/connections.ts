import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** One request over a connection. */
export interface Exchange {
  /** Absent where there is no request that could be answered in form: then `begin` ends the connection. */
  readonly outgoing?: ServerResponse
  /** Whether all of it has come, its body included. */
  isWhole(): boolean
  /** Answers it: in the end `outgoing` closes, whatever became of it. */
  begin(): void
  /** In place of that: its connection went, or ended, before its turn came. */
  drop(): void
}

/**
 * The requests of each connection, one at a time and in their order. Node hands all of them over as they come, and
 * a response that is not the first in line knows neither backpressure nor that its client has gone.
 */
export interface Connections {
  /** A new connection; before anything else of it. */
  open(socket: Socket): void
  /** The address at its other end, which a socket forgets when that is gone. */
  peerOf(socket: Duplex): string
  take(socket: Socket, exchange: Exchange): void
  /** What comes now is no request, or never ends: that is said in its turn, and is the last. */
  takeFault(socket: Duplex, exchange: Exchange): void
  /** From now on each connection ends with the answer to what was asked last. */
  startClosing(): void
  /** Ends those on which nothing is asked, half a request's head being nothing. */
  endIdle(): void
}

/** Nobody sends more requests before the first answer but to do harm; each that waits holds its head. */
export const MAX_WAITING = 50

interface Line {
  readonly socket: Socket
  readonly peer: string
  /** What is being answered. */
  current: Exchange | undefined
  readonly waiting: Exchange[]
  /** What came last, answered or not. */
  last: Exchange | undefined
  /** Nothing more is taken from it. */
  isOver: boolean
}

export const createConnections = (): Connections => {
  const lines = new Map<Duplex, Line>()
  let isClosing = false

  const beginNext = (line: Line): void => {
    const { socket, waiting } = line
    // After an answer with "Connection: close" none follows (RFC 9112, 9.6).
    const next = socket.writable ? waiting.shift() : undefined
    line.current = next
    if (next === undefined) {
      for (const exchange of waiting.splice(0)) exchange.drop()
      if (isClosing || line.isOver) socket.destroySoon()
      return
    }
    if (isClosing) sayLast(line)
    next.begin()
    next.outgoing?.once('close', () => beginNext(line))
  }

  return {
    open: (socket) => {
      const peer = socket.remoteAddress ?? ''
      lines.set(socket, { socket, peer, current: undefined, waiting: [], last: undefined, isOver: false })
      socket.once('close', () => lines.delete(socket))
    },
    peerOf: (socket) => lines.get(socket)?.peer ?? '',
    take: (socket, exchange) => {
      const line = lines.get(socket)
      // Read in one piece with what has ended its connection.
      if (line === undefined || socket.destroyed) return
      line.last = exchange
      line.waiting.push(exchange)
      if (line.waiting.length > MAX_WAITING) socket.destroy()
      else if (line.current === undefined) beginNext(line)
    },
    takeFault: (socket, exchange) => {
      const line = lines.get(socket)
      if (line === undefined || line.isOver) return
      line.isOver = true
      // In the body of a request it has been answered with that, or will be.
      if (line.last?.isWhole() ?? true) line.waiting.push(exchange)
      if (line.current === undefined) beginNext(line)
    },
    startClosing: () => {
      isClosing = true
      for (const line of lines.values()) sayLast(line)
    },
    endIdle: () => {
      for (const { socket, current } of lines.values()) if (current === undefined) socket.destroy()
    },
  }
}

/** Tells the client that nothing is answered after this, while it can still be told. */
const sayLast = ({ current, waiting }: Line): void => {
  const outgoing = current?.outgoing
  if (outgoing === undefined || waiting.length > 0 || outgoing.headersSent) return
  outgoing.setHeader('connection', 'close')
}
