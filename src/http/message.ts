import type { RequestReport } from './report.ts'

/** Fields of a request by lower-case name; one that came more than once is one, with commas. */
export interface Fields {
  get(name: string): string | null
  has(name: string): boolean
}

/** A request as far as an answer depends on it, whatever it came by. */
export interface HttpRequest {
  readonly method: string
  /** As it came: a `Request` resolves ".." and escapes some bytes. */
  readonly target: string
  readonly headers: Fields
  /** Aborts when the client goes away. Made where it is asked for: most answers are there before anybody could go. */
  readonly signal: AbortSignal
}

type HttpBody = Uint8Array | ReadableStream<Uint8Array>

/** Status, header and body; a stream must be consumed or cancelled. */
export interface HttpMessage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** None for HEAD. */
  readonly body?: HttpBody
}

/** An answer, and what is to be told of it. */
export interface HttpAnswer extends HttpMessage, Pick<RequestReport, 'outcome' | 'code' | 'error'> {
  /**
   * To be called when it is sent, or its connection gone: until then its bytes count towards what may be held for
   * visitors.
   */
  readonly release?: () => void
}

/** The origin as a function. Never rejects. */
export type Handler = (request: HttpRequest) => Promise<HttpAnswer>

/** What is told of an answer to `request`. */
export const toReport = (
  { status, headers, outcome, code, error }: HttpAnswer,
  { method }: Pick<HttpRequest, 'method'>,
  elapsedMs: number,
): RequestReport => ({
  outcome,
  status,
  ...(code !== undefined && { code }),
  sizeBytes: method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0),
  elapsedMs,
  ...(error !== undefined && { error }),
})
