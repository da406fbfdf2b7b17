import { Duplex } from 'node:stream'
import type { SocketLike } from './socket-like.ts'

/** What Node's `clientError` is told of bytes that are no request. */
export interface ParseError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer
  readonly bytesParsed?: number
}

const REQUEST_LINE = /^[!-~]+ [!-~]+ HTTP\/([0-9]\.[0-9])\r\n/

/** What was read from the request on that Node has refused, and its version; none where its first line is in pieces. */
const readRefused = ({
  rawPacket,
  bytesParsed,
}: ParseError): { line: string; version: string; rest: Buffer } => {
  const lineAt = rawPacket?.lastIndexOf('\n', Math.max(0, (bytesParsed ?? 0) - 1)) ?? 0
  const rest = rawPacket?.subarray(lineAt + 1) ?? Buffer.alloc(0)
  const [line = '', version = ''] = REQUEST_LINE.exec(rest.toString('latin1')) ?? []
  return { line, version, rest }
}

/** Whether Node has refused a request of another version than it knows, well written but for that. */
export const isOtherVersion = (error: ParseError): boolean =>
  error.code === 'HPE_INVALID_VERSION' && /^(?!1\.[01]$)./.test(readRefused(error).version)

/**
 * A request of HTTP/1.2 to 1.9, which Node refuses, as HTTP/1.1, which all of them can be read as (RFC 9110, 2.5), and
 * what was read with it; undefined where it is no such request.
 */
export const asHttp11 = (error: ParseError): Buffer | undefined => {
  if (!isOtherVersion(error)) return undefined
  const { line, version, rest } = readRefused(error)
  if (!version.startsWith('1.')) return undefined
  const amended = Buffer.from(rest)
  amended.write('1.1\r\n', line.length - 5, 'latin1')
  return amended
}

/**
 * A connection to be read anew from where Node has stopped to understand it: what comes in is what it is given, what
 * goes out goes to `socket`.
 */
export class Reread extends Duplex implements SocketLike {
  readonly #socket: SocketLike

  constructor(socket: SocketLike, bytes: Buffer) {
    super()
    this.#socket = socket
    this.give(bytes)
    socket.once('end', () => this.push(null))
    socket.once('close', () => this.destroy())
  }

  /** More of what has come: Node hands over each piece as one that it does not understand. */
  give(bytes: Buffer): void {
    if (!this.push(bytes)) this.#socket.pause()
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  destroySoon(): void {
    this.end()
  }

  setTimeout(ms: number): this {
    this.#socket.setTimeout(ms)
    return this
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, encoding, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroySoon()
    done(error)
  }
}
