import type { ServerResponse } from 'node:http'
import { type ProblemCode, problemStatusOf, toProblemType } from '../core/problem.ts'

/** What visitors are told; it shows nothing of how the server is built. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not valid HTTP.',
  403: 'The signature is wrong.',
  404: 'There is no such picture.',
  405: 'Only GET, HEAD and OPTIONS are answered here.',
  408: 'The request did not arrive in time.',
  412: 'The picture is not the one that the request names.',
  416: 'The picture has no such part.',
  417: 'The expectation of the request cannot be met.',
  422: 'No picture can be made of this original.',
  431: 'The headers of the request are too large.',
  499: 'The client went away.',
  500: 'Something is wrong with this server.',
  502: 'The original could not be fetched.',
  503: 'Too many requests at the moment.',
  504: 'The original was not fetched in time.',
  505: 'Only HTTP/1 is supported here.',
}

/** Texts of codes that share a status with others. */
const TITLES_OF_CODES: Readonly<Partial<Record<ProblemCode, string>>> = {
  'body-too-large': 'The body is too large.',
  'event-not-kept': 'The event could not be kept: send it again.',
  'event-unreadable': 'The body is not an event of a known format.',
  'events-full': 'Too many events wait: send it again later.',
  'not-an-event': 'Events are sent here by POST.',
  'token-wrong': 'The token is missing or wrong.',
  draining: 'This server is about to stop.',
  'not-ready': 'This server is not ready.',
  'store-changing': 'The picture is being replaced.',
  'store-unavailable': 'The pictures cannot be reached at the moment.',
}

/** A picture to send instead of the text, for pages that want one. */
export interface PlaceholderPicture {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: string
}

/** An error to be answered, with the status of its code. */
export interface ProblemAnswer {
  /** Stable, for programs. */
  readonly code: ProblemCode
  readonly headers?: Readonly<Record<string, string>>
  readonly retryAfterSeconds?: number
  /** The `Cache-Control` where caches may keep the answer; default: {@link CLIENT_ERROR_MAX_AGE_SECONDS}. */
  readonly cacheControl?: string
}

/** How long caches may keep an error that is the request's fault. */
export const CLIENT_ERROR_MAX_AGE_SECONDS = 15

/** A whole answer, for any server. */
export interface WholeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

/** An error as `application/problem+json` (RFC 9457), or as a picture with the true status. */
export const formatProblem = (
  problem: ProblemAnswer,
  headers: Readonly<Record<string, string>>,
  placeholder?: PlaceholderPicture,
): WholeAnswer => {
  const { code, retryAfterSeconds } = problem
  const status = problemStatusOf(code)
  const { cacheControl = `max-age=${CLIENT_ERROR_MAX_AGE_SECONDS}` } = problem
  const title = TITLES_OF_CODES[code] ?? TITLES[status] ?? 'The request failed.'
  const text = `${JSON.stringify({ type: toProblemType(code), title, status, code })}\n`
  const body = placeholder?.bytes ?? new TextEncoder().encode(text)
  return {
    status,
    headers: {
      ...headers,
      ...problem.headers,
      'content-type': placeholder?.contentType ?? 'application/problem+json',
      'content-length': String(body.length),
      'cache-control': status < 500 ? cacheControl : 'no-store',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
    body,
  }
}

/** Sends a problem by Node's own response. */
export const sendProblem = (response: ServerResponse, problem: ProblemAnswer): void => {
  const { status, headers, body } = formatProblem(problem, {})
  response.writeHead(status, headers).end(body)
}
