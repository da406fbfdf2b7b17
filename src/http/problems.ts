import type { ServerResponse } from 'node:http'
import type { RefusalReason } from '../app/origin/refusal.ts'
import { type ProblemCode, toProblemType } from '../core/problem-codes.ts'

/** The status of each refusal (docs/reference/contracts.md). */
const STATUS: Readonly<Record<RefusalReason, number>> = {
  'no-key': 404,
  forbidden: 403,
  missing: 404,
  unrenderable: 422,
  'source-failed': 502,
  'source-late': 504,
  overloaded: 503,
  draining: 503,
  'store-failed': 503,
}

export const statusOf = (reason: RefusalReason): number => STATUS[reason]

/** What the world is told; nothing of how we are built. */
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
  503: 'Too much is asked for at the moment.',
  504: 'The original was not fetched in time.',
  505: 'Only HTTP/1 is spoken here.',
}

/** Of one status, more than one thing may be said. */
const TITLES_OF_CODES: Readonly<Partial<Record<ProblemCode, string>>> = {
  'body-too-large': 'The body is too large.',
  'event-not-kept': 'The event could not be kept: send it again.',
  'event-unreadable': 'The body is no event that is known.',
  'events-full': 'Too many events wait: send it again later.',
  'not-an-event': 'Events are sent here by POST.',
  'token-wrong': 'The token is missing or wrong.',
  draining: 'This server is about to stop.',
  'not-ready': 'This server is not ready.',
  'store-changing': 'The picture is being replaced.',
  'store-unavailable': 'The pictures cannot be reached at the moment.',
}

/** A picture in place of the text, for pages that want one. */
export interface Placeholder {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: string
}

export interface ProblemAnswer {
  readonly status: number
  /** Stable, for programs. */
  readonly code: ProblemCode
  readonly headers?: Readonly<Record<string, string>>
  readonly retryAfterSeconds?: number
  /** What caches are told where they may keep it; default: {@link CLIENT_ERROR_MAX_AGE_SECONDS}. */
  readonly cacheControl?: string
}

export const CLIENT_ERROR_MAX_AGE_SECONDS = 15

/** An answer whole, for whatever it is sent by. */
export interface WholeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

/** An error as `application/problem+json` (RFC 9457), or as a picture with the true status. */
export const formatProblem = (
  problem: ProblemAnswer,
  headers: Readonly<Record<string, string>>,
  placeholder?: Placeholder,
): WholeAnswer => {
  const { status, code, retryAfterSeconds } = problem
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

/** Sends it by Node's own response. */
export const sendProblem = (response: ServerResponse, problem: ProblemAnswer): void => {
  const { status, headers, body } = formatProblem(problem, {})
  response.writeHead(status, headers).end(body)
}
