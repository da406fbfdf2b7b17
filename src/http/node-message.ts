import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RequestTarget } from '../url/path.ts'
import type { Fields, HttpMessage, HttpRequest } from './http-message.ts'

/** A request of Node's; its client counts as present while `outgoing` is open. */
export class NodeRequest implements HttpRequest {
  readonly method: string
  readonly target: RequestTarget
  readonly headers: Fields
  readonly #outgoing: ServerResponse
  #controller: AbortController | undefined

  constructor({ method = '', headers }: IncomingMessage, outgoing: ServerResponse, target: RequestTarget) {
    this.method = method
    this.target = target
    this.headers = {
      get: (name) => headers[name]?.toString() ?? null,
      has: (name) => headers[name] !== undefined,
    }
    this.#outgoing = outgoing
  }

  get signal(): AbortSignal {
    this.#controller ??= abortWith(this.#outgoing)
    return this.#controller.signal
  }
}

/** Made once: an abort without a reason creates an exception with a stack each time. */
const GONE = new Error('The client went away.')

const abortWith = (outgoing: ServerResponse): AbortController => {
  const controller = new AbortController()
  const abort = (): void => {
    if (!outgoing.writableFinished) controller.abort(GONE)
  }
  if (outgoing.closed || outgoing.destroyed) abort()
  else outgoing.once('close', abort)
  return controller
}

/**
 * Sends an answer. If its body breaks off, the connection is ended, so that nobody takes it for whole. Never rejects.
 */
export const send = async (
  { status, headers, body }: HttpMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  if (outgoing.destroyed)
    return void (body instanceof ReadableStream && (await body.cancel().catch(() => {})))
  outgoing.writeHead(status, headers)
  if (!(body instanceof ReadableStream)) return void outgoing.end(body)
  await pipeline(Readable.fromWeb(body), outgoing).catch(() => outgoing.destroy())
}
