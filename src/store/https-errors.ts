import { errorCodeOf } from '../core/error-code.ts'
import { Problem } from '../core/problem.ts'

/** The Problem for an answer that is neither 2xx nor "not found". */
export const toStatusProblem = (url: URL, key: string, status: number): Problem => {
  const what = `"${key}": ${url.host} answered ${status}`
  if (status === 401 || status === 403 || status === 407)
    return new Problem('store-denied', what, {
      subject: key,
      hint: 'Allow this machine to read it, or configure the headers that the server asks for.',
    })
  return new Problem('store-unavailable', what, {
    subject: key,
    hint: 'Check whether the URL opens elsewhere.',
  })
}

/** An answer that may soon be another: too many requests, or a server behind it is away. */
export class PassingStatus extends Error {
  override readonly name = 'PassingStatus'
  readonly problem: Problem
  /** After how long to ask again, if the server said so. */
  readonly retryAfterMs: number | undefined

  constructor(problem: Problem, retryAfter: string | undefined) {
    super(problem.message)
    this.problem = problem
    this.retryAfterMs = /^[0-9]{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : undefined
  }
}

/** Whether the same request may soon get another answer. */
export const isPassingStatus = (status: number): boolean => status === 429 || (status >= 502 && status <= 504)

/** Whether a failed request may succeed when it is repeated: the connection broke, not the answer. */
export const isBroken = (error: unknown): boolean => BROKEN.has(errorCodeOf(error))

const BROKEN = new Set([
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'EAI_AGAIN',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
])

const SLOW = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

/** A failed connection as a Problem; any other error, a bug, is returned as it is. */
export const toNetworkProblem = (error: unknown, key: string, host: string): unknown => {
  if (error instanceof PassingStatus) return error.problem
  if (error instanceof Problem || !(error instanceof Error)) return error
  const code = errorCodeOf(error)
  if (SLOW.has(code) || error.name === 'TimeoutError') return tookTooLong(key, host, error)
  if (!isBroken(error) && !BY_NAME.has(error.name) && !IS_NETWORK.test(code)) return error
  return new Problem('store-unavailable', `"${key}": ${host} cannot be read (${code || error.message})`, {
    subject: key,
    hint: 'Check the host name and the network.',
    cause: error,
  })
}

/** Errors without a code: a body that is too short, and an answer that is not HTTP. */
const BY_NAME = new Set(['BodyCutOff', 'HTTPParserError'])

// Codes of system calls, DNS, undici and TLS; `ERR_INVALID_…` would be a mistake of ours.
const IS_NETWORK =
  /^(E(?!RR_)[A-Z0-9_]+|UND_ERR_(?!INVALID).+|ERR_(TLS|SSL)_.*|HPE_.*|.*CERT.*|UNABLE_TO_.*)$/

const tookTooLong = (key: string, host: string, cause: unknown): Problem =>
  new Problem('store-timeout', `"${key}": ${host} took too long`, {
    subject: key,
    hint: 'Try again, or raise limits.fetchTimeout.',
    cause,
  })
