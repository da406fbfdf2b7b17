import type { ServerResponse } from 'node:http'
import type { SocketLike } from './socket-like.ts'

const PROBE_EVERY_MS = 500
/** How long nothing may be sent: to a client of HTTP/1.0, which cannot be probed, or after the sending has stopped. */
const TIMEOUT_MS = 5_000

/**
 * A client that has ended its side may still wait for an answer, or may have gone. Both look the same until something
 * is sent: a client that has gone answers with a reset. So while `current` is being made, it is sent "102 Processing"
 * now and then, which every client of HTTP/1.1 skips (RFC 9110, 15.2).
 */
export const probeWhenHalfClosed = (socket: SocketLike, current: () => ServerResponse | undefined): void => {
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
