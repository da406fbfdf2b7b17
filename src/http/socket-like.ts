import type { Duplex } from 'node:stream'

/** A connection: a socket, or something that behaves like one. */
export interface SocketLike extends Duplex {
  readonly remoteAddress?: string | undefined
  /** Ends it when everything written has been sent. */
  destroySoon(): void
  /** Sets how long nothing may move on it. */
  setTimeout(ms: number): unknown
}
