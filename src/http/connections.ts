import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** One request over a connection. */
export interface Exchange {
  readonly outgoing: ServerResponse
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
  peerOf(socket: Socket): string
  take(socket: Socket, exchange: Exchange): void
}

/** Nobody sends more requests before the first answer but to do harm; each that waits holds its head. */
export const MAX_WAITING = 50

interface Line {
  readonly socket: Socket
  readonly peer: string
  isBusy: boolean
  readonly waiting: Exchange[]
}

export const createConnections = (): Connections => {
  const lines = new Map<Socket, Line>()

  return {
    open: (socket) => {
      lines.set(socket, { socket, peer: socket.remoteAddress ?? '', isBusy: false, waiting: [] })
      socket.once('close', () => lines.delete(socket))
    },
    peerOf: (socket) => lines.get(socket)?.peer ?? '',
    take: (socket, exchange) => {
      const line = lines.get(socket)
      // Read in one piece with what has ended its connection.
      if (line === undefined || socket.destroyed) return
      line.waiting.push(exchange)
      if (line.waiting.length > MAX_WAITING) socket.destroy()
      else if (!line.isBusy) beginNext(line)
    },
  }
}

const beginNext = (line: Line): void => {
  // After an answer with "Connection: close" none follows (RFC 9112, 9.6).
  const next = line.socket.writable ? line.waiting.shift() : undefined
  line.isBusy = next !== undefined
  if (next === undefined) {
    for (const exchange of line.waiting.splice(0)) exchange.drop()
    return
  }
  next.begin()
  next.outgoing.once('close', () => beginNext(line))
}
