import { Duplex } from 'node:stream'
import type { SocketLike } from './connections.ts'

/** The error that Node's `clientError` reports for bytes that are no request. */
export interface ParseError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer
  readonly bytesParsed?: number
}

const REQUEST_LINE = /^[!-~]+ [!-~]+ HTTP\/([0-9]\.[0-9])\r\n/

/** The bytes from the refused request on, and its version; undefined where its first line came in pieces. */
const readRefused = (error: ParseError): { line: string; version: string; rest: Buffer } => {
  const { rawPacket, bytesParsed } = error
  const lineAt = rawPacket?.lastIndexOf('\n', Math.max(0, (bytesParsed ?? 0) - 1)) ?? 0
  const rest = rawPacket?.subarray(lineAt + 1) ?? Buffer.alloc(0)
  const [line = '', version = ''] = REQUEST_LINE.exec(rest.toString('latin1')) ?? []
  return { line, version, rest }
}

/** Whether Node refused the request only for a version that it does not know. */
export const isOtherVersion = (error: ParseError): boolean =>
  error.code === 'HPE_INVALID_VERSION' && /^(?!1\.[01]$)./.test(readRefused(error).version)

/** Whether Node refused the request only for a method that it does not know. */
export const isOtherMethod = (error: ParseError): boolean =>
  error.code === 'HPE_INVALID_METHOD' && readRefused(error).line !== ''

/**
 * A request of HTTP/1.2 to 1.9, which Node refuses, rewritten as HTTP/1.1, as RFC 9110, 2.5, allows; with the bytes
 * that came after it. Undefined where it is no such request.
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
 * A connection that Node reads again from the request that it refused: it reads what it is given by `give`, and what it
 * writes goes to `socket`.
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

  /** Adds further bytes: Node reports each piece of them as one that it does not understand. */
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
