import type { Duplex } from 'node:stream'

/** The two ends of a connection: a socket, or what stands for one. */
export interface SocketLike extends Duplex {
  readonly remoteAddress?: string | undefined
  /** Ends it when all that was written is sent. */
  destroySoon(): void
  /** How long nothing may move on it. */
  setTimeout(ms: number): unknown
}
