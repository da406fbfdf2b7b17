import type { RequestTarget } from '../url/path.ts'

/** Fields of a request by lower-case name; a repeated field is one value, joined by commas. */
export interface Fields {
  get(name: string): string | null
  has(name: string): boolean
}

/** The part of a request that an answer depends on, independent of the server. */
export interface HttpRequest {
  readonly method: string
  /** As it arrived: a `Request` resolves ".." and escapes some bytes. */
  readonly target: RequestTarget
  readonly headers: Fields
  /** Aborts when the client goes away. Made on first use: most answers are ready before a client could go. */
  readonly signal: AbortSignal
}

type HttpBody = Uint8Array | ReadableStream<Uint8Array>

/** Status, header and body; a stream must be consumed or cancelled. */
export interface HttpMessage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Absent for HEAD. */
  readonly body?: HttpBody
}

/** An answer, and what the log and metrics say of it. */
export interface HttpAnswer extends HttpMessage, Pick<RequestReport, 'outcome' | 'code' | 'error'> {
  /**
   * To be called when the answer is sent, or its connection gone: until then its bytes count towards the limit of what
   * is held for visitors.
   */
  readonly release?: () => void
}

/** The origin as a function. Never rejects. */
export type Handler = (request: HttpRequest) => Promise<HttpAnswer>

/** What the log and metrics say of an answer to `request`. */
export const toReport = (
  { status, headers, outcome, code, error }: HttpAnswer,
  { method }: Pick<HttpRequest, 'method'>,
  elapsedMs: number,
): RequestReport => ({
  outcome,
  status,
  code,
  sizeBytes: method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0),
  elapsedMs,
  error,
})

/** How one request ended, in one word; the hit ratio is computed from these. */
export type Outcome =
  /** The picture was in the store, or was being stored; `revalidated` where the visitor had it already. */
  | 'hit'
  | 'revalidated'
  /** Rendered for this request. */
  | 'miss'
  /** Rendered for another request at the same time. */
  | 'shared'
  | 'moved'
  | 'refused'
  /** The visitor went away first. */
  | 'gone'
  | 'health'
  | 'options'
  | 'bug'

/** What is reported of every request when its answer is known. */
export interface RequestReport {
  readonly outcome: Outcome
  readonly status: number
  readonly code?: string | undefined
  /** Bytes of the body to send; 0 where the client went before it had all of them. */
  readonly sizeBytes: number
  readonly elapsedMs: number
  readonly error?: unknown
}
