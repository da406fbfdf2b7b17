import { S3ServiceException } from '@aws-sdk/client-s3'
import { Problem } from '../core/problem.ts'

/** What was being done when S3 refused. */
export interface S3Action {
  /** The place in words. */
  readonly place: string
  /** The permission that it needs, as IAM names it. */
  readonly permission: string
  readonly key?: string | undefined
}

/** HTTP status of S3's refusal; undefined where no answer came. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined

/** S3's own code (`NoSuchKey`, …), or that of the network (`ECONNREFUSED`, …). */
const codeOf = (error: unknown): string => {
  if (error instanceof S3ServiceException) return error.name
  if (!(error instanceof Error)) return ''
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/** Whether the bucket itself is what is missing. */
export const isNoBucket = (error: unknown): boolean => codeOf(error) === 'NoSuchBucket'

/** Whether S3 says that the key does not exist; a HEAD says so of a missing bucket in the same way. */
export const isNoKey = (error: unknown): boolean => statusOf(error) === 404 && !isNoBucket(error)

/** Whether S3 says for certain that the key, and not the bucket, does not exist. */
export const isSurelyNoKey = (error: unknown): boolean => codeOf(error) === 'NoSuchKey'

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

const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage', 'EntityTooLarge'])

const OVERLOADED = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'InternalError',
  'RequestTimeout',
  'Throttling',
])

/**
 * A refusal by S3, or a network that failed, as a Problem; any other error, a bug or an abort, is returned as it
 * is. Attempts have been made and used up by the SDK before.
 */
export const toS3Problem = (error: unknown, action: S3Action): unknown => {
  if (error instanceof Problem || !(error instanceof Error) || error.name === 'AbortError') return error
  const verdict = judge(error, action)
  if (verdict === undefined) return error
  const subject = action.key === undefined ? action.place : `"${action.key}" in ${action.place}`
  return new Problem(verdict.code, `${subject}: ${verdict.reason} (${codeOf(error)})`, {
    hint: verdict.hint,
    ...(action.key !== undefined && { subject: action.key }),
    cause: withoutRequest(error),
  })
}

/** The SDK hangs request and answer on its errors, sockets and signed headers included: nothing for a log. */
const withoutRequest = (error: Error): Error => {
  const { name, message, stack } = error
  return Object.assign(new Error(message), { name, code: codeOf(error), stack: stack ?? '' })
}

interface Verdict {
  readonly code: string
  readonly reason: string
  readonly hint: string
}

const judge = (error: Error, { permission }: S3Action): Verdict | undefined => {
  const code = codeOf(error)
  const status = statusOf(error) ?? 0
  if (code === 'NoSuchBucket') return MISSING
  if (CREDENTIALS.has(code)) return WRONG_CREDENTIALS
  if (REGION.has(code) || status === 301) return WRONG_REGION
  if (status === 401 || status === 403) return denied(permission)
  if (FULL.has(code) || status === 507) return STORE_FULL
  if (error.name === 'TimeoutError') return TOO_SLOW
  if (status === 501) return unsupported(permission)
  if (status >= 500 || status === 429 || OVERLOADED.has(code)) return FAILING
  if (status >= 400)
    return { code: 'store-refused', reason: error.message, hint: hintOf(code, error.message) }
  if (isNetworkCode(code)) return UNREACHABLE
  return isUnreadable(error) ? NO_S3 : undefined
}

/** Whether an answer came that the SDK cannot read; it does not ask for such a one again. */
export const isUnreadable = (error: unknown): boolean =>
  error instanceof Error &&
  !(error instanceof S3ServiceException) &&
  !isNetworkCode(codeOf(error)) &&
  ('$metadata' in error || '$response' in error)

/** Node's own mistakes of ours begin with `ERR_`, as do some of TLS, which are not ours. */
const isNetworkCode = (code: string): boolean =>
  /^(E[A-Z0-9]+|EAI_[A-Z]+|ERR_(TLS|SSL)_.*|.*CERT.*|UNABLE_TO_.*)$/.test(code)

const REFUSED_HINT =
  'Check the settings in the query of the s3:// URI (acl, storageClass, checksums, sse, requestPayer).'

/** S3 has a code for the one refusal, and of the other only words. */
const hintOf = (code: string, message: string): string => {
  if (code === 'AccessControlListNotSupported')
    return 'The bucket has its ACLs disabled: leave `acl` out of the s3:// URI, and open it by its bucket policy.'
  if (code === 'MissingContentMD5' || /Content-MD5|x-amz-checksum/i.test(message))
    return 'The bucket wants a checksum with every object, as with object lock: add checksums=supported to the s3:// URI.'
  return REFUSED_HINT
}

const unsupported = (permission: string): Verdict => ({
  code: 'store-unsupported',
  reason: `this store cannot do ${permission.replaceAll('s3:', '')}`,
  hint: 'docs/reference/s3-servers.md tells what is known of S3 servers; imgsizes needs this of one.',
})

const MISSING: Verdict = {
  code: 'store-missing',
  reason: 'the bucket does not exist',
  hint: 'Check the name and the endpoint, or create the bucket; imgsizes never does.',
}

const WRONG_CREDENTIALS: Verdict = {
  code: 'store-credentials',
  reason: 'the credentials are missing or wrong',
  hint: 'They come from the usual AWS places: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role; the clock must be right, too.',
}

const WRONG_REGION: Verdict = {
  code: 'store-region',
  reason: 'the bucket is in another region',
  hint: 'Set AWS_REGION, or ?region=… in the s3:// URI.',
}

const STORE_FULL: Verdict = {
  code: 'store-full',
  reason: 'the store is full or over its quota',
  hint: 'Make room and run again; what was stored is whole.',
}

const TOO_SLOW: Verdict = {
  code: 'store-timeout',
  reason: 'the store took too long to answer',
  hint: 'Check the network, or lower --concurrency.',
}

const FAILING: Verdict = {
  code: 'store-unavailable',
  reason: 'the store keeps failing',
  hint: 'Run again later, or lower --concurrency.',
}

const NO_S3: Verdict = {
  code: 'store-unavailable',
  reason: 'the answer is not one of S3',
  hint: 'Check the endpoint: it must be the S3 interface itself, not a website or a console.',
}

const UNREACHABLE: Verdict = {
  code: 'store-unavailable',
  reason: 'the store cannot be reached',
  hint: 'Check the endpoint and the network.',
}

const denied = (permission: string): Verdict => ({
  code: 'store-denied',
  reason: `access denied; it needs the permission ${permission}`,
  hint: `Grant ${permission} to the credentials that are in use.`,
})
