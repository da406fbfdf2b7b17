import { errorCodeOf } from '../core/error-code.ts'
import { Problem, type ProblemCode } from '../core/problem.ts'

/** What went wrong with a request to a service of AWS, or to a compatible one. */
type ServiceFault =
  | 'credentials'
  | 'region'
  | 'denied'
  | 'timeout'
  | 'failing'
  | 'refused'
  /** The network failed before there was any answer. */
  | 'unreachable'
  /** An answer came, but not from such a service. */
  | 'unreadable'

const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidSecurity',
  'RequestTimeTooSkewed',
])

const REGION = new Set([
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
])

/** Nobody follows them: a request is signed for one host. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308])

const OVERLOADED = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'InternalError',
  'RequestTimeout',
  'RequestThrottled',
  'Throttling',
  'ThrottlingException',
])

/** That an answer came. */
const isAnswered = (error: unknown): error is Error & { $metadata: { httpStatusCode?: number } } =>
  error instanceof Error && '$metadata' in error

/** The SDK marks errors that a service has sent; all others are from the network, or its own. */
const isServiceError = (error: unknown): error is Error & { $metadata: { httpStatusCode?: number } } =>
  isAnswered(error) && '$fault' in error

/** The status of any answer, also of one that is not from the service: a page of a proxy in front of it. 0 for none. */
export const answerStatusOf = (error: unknown): number =>
  isAnswered(error) ? (error.$metadata.httpStatusCode ?? 0) : 0

/** The HTTP status of a service's refusal; undefined where no answer came. */
export const serviceStatusOf = (error: unknown): number | undefined =>
  isServiceError(error) ? error.$metadata.httpStatusCode : undefined

/** The service's own code (`NoSuchKey`, …), or that of the network (`ECONNREFUSED`, …). */
export const serviceCodeOf = (error: unknown): string => {
  if (isServiceError(error)) return error.name
  if (!(error instanceof Error)) return ''
  return errorCodeOf(error) || error.name
}

/** The kind of an error; undefined where it is a bug, or an abort. */
export const serviceFaultOf = (error: Error): ServiceFault | undefined => {
  const code = serviceCodeOf(error)
  const status = answerStatusOf(error)
  if (CREDENTIALS.has(code)) return 'credentials'
  if (!isServiceError(error)) {
    // The SDK names a connection that was reset a timeout, too.
    if (error.name === 'TimeoutError' && !BROKEN.has(code)) return 'timeout'
    if (isNetworkCode(code)) return 'unreachable'
    if (!isUnreadable(error)) return undefined
    return isFailing(status) ? 'failing' : 'unreadable'
  }
  if (REGION.has(code) || REDIRECTS.has(status)) return 'region'
  if (status === 401 || status === 403) return 'denied'
  if (isFailing(status) || OVERLOADED.has(code)) return 'failing'
  return status >= 400 ? 'refused' : undefined
}

const BROKEN = new Set(['ECONNRESET', 'EPIPE'])

const isFailing = (status: number): boolean => status >= 500 || status === 429

/** Whether an answer came that the SDK cannot read; it does not repeat such a request. */
export const isUnreadable = (error: unknown): boolean =>
  error instanceof Error &&
  !isServiceError(error) &&
  !isNetworkCode(serviceCodeOf(error)) &&
  ('$metadata' in error || '$response' in error)

/** Codes of Node's that begin with `ERR_` are mistakes of ours, except some of TLS. */
const isNetworkCode = (code: string): boolean =>
  /^(E[A-Z0-9]+|EAI_[A-Z]+|ERR_(TLS|SSL)_.*|.*CERT.*|UNABLE_TO_.*)$/.test(code)

/** The SDK attaches request and answer to its errors, with sockets and signed headers: these must not be logged. */
const withoutRequest = (error: Error): Error => {
  const { name, message, stack } = error
  return Object.assign(new Error(message), { name, code: serviceCodeOf(error), stack: stack ?? '' })
}

/** What each kind of error means for the user of one service. */
export type RefusalMeanings = Readonly<Record<ServiceFault, RefusalMeaning>>

/** What a refusal means for the user. */
export interface RefusalMeaning {
  readonly code: ProblemCode
  readonly reason: string
  readonly hint: string
}

/**
 * A refusal, or a network that failed, as a Problem about `what`; any other error, a bug or an abort, is returned as it
 * is. The SDK has made all of its attempts before.
 */
export const toServiceProblem = (
  error: unknown,
  {
    what,
    subject,
    judge,
  }: {
    readonly what: string
    readonly subject?: string | undefined
    readonly judge: (error: Error) => RefusalMeaning | undefined
  },
): unknown => {
  if (error instanceof Problem || !(error instanceof Error) || error.name === 'AbortError') return error
  const verdict = judge(error)
  if (verdict === undefined) return error
  const code = serviceCodeOf(error)
  // An answer without a body has no code of S3's.
  const found = isUnreadable(error) || /^Unknown/.test(code) ? `HTTP ${answerStatusOf(error)}` : code
  return new Problem(verdict.code, `${what}: ${verdict.reason} (${found})`, {
    hint: verdict.hint,
    subject,
    cause: withoutRequest(error),
  })
}

/** The same for every service. */
export const CREDENTIALS_WRONG = {
  reason: 'the credentials are missing or wrong',
  hint: 'They come from the usual AWS places: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role; the clock must be right, too.',
} as const
