import { parseTarget } from '../url/path.ts'
import type { Clock } from '../waiting/clock.ts'
import { type Handler, type RequestReport, toReport } from './http-message.ts'

/** What a server knows of a request beyond the Fetch standard's `Request`. */
export interface RequestContext {
  /** The request target as it arrived: a `Request` resolves ".." and escapes some bytes. */
  readonly rawTarget?: string
  readonly onReport?: (report: RequestReport) => void
  /**
   * Must call `done` when the answer is sent, or its connection gone: until then its bytes count towards the limit of
   * what is held for visitors. If this is absent, they do not count.
   */
  readonly whenSent?: (done: () => void) => void
}

/** A handler of the Fetch standard's requests. Never rejects. */
export type FetchHandler = (request: Request, context?: RequestContext) => Promise<Response>

/** A handler of the Fetch standard for the origin. */
export const toFetchHandler = (handle: Handler, { now }: Pick<Clock, 'now'>): FetchHandler => {
  return async (request, { rawTarget, onReport, whenSent = (done: () => void) => done() } = {}) => {
    const startedAt = now()
    const { method, headers, signal } = request
    // A request target has no fragment, but the URL of a `Request` may have one.
    const target = parseTarget(rawTarget ?? request.url.replace(/#.*$/s, ''))
    const answer = await handle({ method, headers, signal, target })
    const { status, body = null, release } = answer
    if (release !== undefined) whenSent(release)
    onReport?.(toReport(answer, request, now() - startedAt))
    // Nobody writes to these bytes, so they need no copy; the type only excludes memory that is shared with threads.
    return new Response(body as ReadableStream | Uint8Array<ArrayBuffer> | null, {
      status,
      headers: answer.headers,
    })
  }
}
