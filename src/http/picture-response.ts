import type { PictureAnswer } from '../app/origin/answer.ts'
import type { RequestedKey } from '../app/origin/name-key.ts'
import { cancel, type PictureBody } from '../app/origin/picture-body.ts'
import type { RequestRules } from '../app/origin/read-request.ts'
import type { Refused } from '../app/origin/refusal.ts'
import { contentTypeOf, VECTOR_POLICY } from '../core/format.ts'
import type { ByteRange } from '../store/port.ts'
import { encodePath } from '../url/path.ts'
import type { Clock } from '../waiting/clock.ts'
import { type CommonHeaders, withAccept } from './common-headers.ts'
import {
  allowsRange,
  checkConditions,
  formatContentRange,
  parseRange,
  type Validators,
} from './conditions.ts'
import type { HttpMessage, HttpRequest } from './http-message.ts'
import { CLIENT_ERROR_MAX_AGE_SECONDS, type ProblemAnswer } from './problems.ts'

/** What decides the headers of pictures. */
export interface PictureHeaders {
  /** The path above our keys, with "/" at both ends. */
  readonly mount: string
  readonly cacheControl: string
  readonly autoCacheControl: string
  readonly commonHeaders: CommonHeaders
  /** Whether an answer names the key that was chosen; default true. */
  readonly namesKey?: boolean
}

type SentPicture = Extract<PictureAnswer, { kind: 'stored' | 'rendered' }>

/** A response, a problem, a refusal by the store, or `changed`: the picture was replaced while it was answered. */
type PictureOutcome = HttpMessage | ProblemAnswer | Refused | 'changed'

/** One result as HTTP: conditions, range, headers, and the body where it is wanted. */
export const toPictureResponse = async (
  request: Pick<HttpRequest, 'method' | 'headers'>,
  answer: SentPicture,
  options: PictureHeaders & { readonly now: number },
): Promise<PictureOutcome> => {
  const { etag, sizeBytes, ...facts } = factsOf(answer)
  // Whatever the store's clock says, `Last-Modified` is never in the future (RFC 9110, 8.8.2.1).
  const modifiedAt = Math.min(facts.modifiedAt, options.now)
  const validators: Validators = { etag: `"${etag}"`, modifiedAt }
  const always = describe(request, answer, { ...options, validators })
  const condition = checkConditions(request.headers, validators)
  if (condition !== 'send') {
    await discard(answer)
    if (condition === 'not-modified') return { status: 304, headers: always }
    return { code: 'precondition-failed', headers: varyOf(request, answer, options) }
  }
  const wantsRange = request.method === 'GET' && allowsRange(request.headers, validators, options.now)
  const wanted = parseRange(wantsRange ? request.headers.get('range') : null, sizeBytes)
  if (wanted.kind === 'unsatisfiable') {
    await discard(answer)
    const contentRange = formatContentRange(undefined, sizeBytes)
    const headers = { ...varyOf(request, answer, options), 'content-range': contentRange }
    return { code: 'range-not-satisfiable', headers }
  }
  const range = wanted.kind === 'part' ? wanted.range : undefined
  const body = request.method === 'HEAD' ? null : await readBody(answer, range)
  if (body === undefined) return 'changed'
  if (body !== null && 'kind' in body) return body
  const length = range === undefined ? sizeBytes : range.end - range.start + 1
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...always,
      'content-type': contentTypeOf(answer.format),
      'content-length': String(length),
      'accept-ranges': 'bytes',
      ...(range !== undefined && { 'content-range': formatContentRange(range, sizeBytes) }),
    },
    ...(body !== null && { body }),
  }
}

const factsOf = (answer: SentPicture): { etag: string; sizeBytes: number; modifiedAt: number } => {
  if (answer.kind === 'stored') return answer.picture
  const { md5, bytes, renderedAt } = answer.upload
  return { etag: md5, sizeBytes: bytes.length, modifiedAt: renderedAt }
}

/** The fields that 200, 206 and 304 have in common (RFC 9110, 15.4.5). */
const describe = (
  request: Pick<HttpRequest, 'headers'>,
  answer: SentPicture,
  options: PictureHeaders & { readonly validators: Validators },
) => {
  const { validators, mount, cacheControl, autoCacheControl, namesKey = true } = options
  return {
    ...options.commonHeaders(request),
    ...varyOf(request, answer, options),
    ...(answer.format === 'svg' && { 'content-security-policy': VECTOR_POLICY }),
    etag: validators.etag,
    'last-modified': new Date(validators.modifiedAt).toUTCString(),
    'cache-control': answer.isNegotiated ? autoCacheControl : cacheControl,
    ...(answer.isNegotiated && namesKey && { 'content-location': mount + encodePath(answer.key) }),
  }
}

/** The `Vary` of an answer, also of errors and redirects; with `Accept` where that has chosen the format. */
export const varyOf = (
  request: Pick<HttpRequest, 'headers'>,
  { isNegotiated }: { readonly isNegotiated: boolean },
  { commonHeaders }: Pick<PictureHeaders, 'commonHeaders'>,
): { readonly vary?: string } => (isNegotiated ? { vary: withAccept(commonHeaders(request).vary) } : {})

const discard = async (answer: SentPicture): Promise<void> => {
  if (answer.kind === 'stored') await cancel(answer.picture.body)
}

const readBody = async (
  answer: SentPicture,
  range: ByteRange | undefined,
): Promise<PictureBody | Refused | undefined> => {
  const body = answer.kind === 'rendered' ? answer.upload.bytes : answer.picture.body
  // A view of the same memory, not a copy.
  if (body instanceof Uint8Array)
    return range === undefined ? body : body.subarray(range.start, range.end + 1)
  if (range === undefined && body !== undefined) return body
  await cancel(body)
  return answer.kind === 'stored' ? answer.picture.open(range) : undefined
}

/** What may depend on the URL of a request. */
export interface AnswerHeaders extends PictureHeaders {
  /** The `Cache-Control` of an error that caches may keep; undefined: as for any other. */
  readonly errorCacheControl?: string
  /** The query that a redirect needs, where links expire. */
  readonly queryOf?: (keyText: string) => string
}

/** What decides how long answers to a URL may be cached. */
export interface UrlRules extends PictureHeaders, Pick<RequestRules, 'expiring'> {
  /** The `Cache-Control` of answers to URLs of other image servers, which have no version. */
  readonly foreignCacheControl: string
  readonly clock: Pick<Clock, 'date'>
}

const LONGEST_PRIVATE_SECONDS = 86_400

/**
 * The options for an answer that is sent now. Where the link expires, the answer is cached no longer than that, and not
 * by shared caches, and does not name the key, which does not expire.
 */
export const forUrl = <T extends UrlRules>(
  { expires, foreign }: Pick<RequestedKey, 'expires' | 'foreign'>,
  rules: T,
): T & AnswerHeaders => {
  if (expires === undefined)
    return foreign === undefined ? rules : { ...rules, cacheControl: rules.foreignCacheControl }
  const { expiring } = rules
  const cacheControl = privately(expires, LONGEST_PRIVATE_SECONDS, rules)
  return {
    ...rules,
    cacheControl,
    autoCacheControl: cacheControl,
    errorCacheControl: privately(expires, CLIENT_ERROR_MAX_AGE_SECONDS, rules),
    namesKey: false,
    ...(expiring && { queryOf: (movedTo: string) => `?${expiring.queryOf(movedTo, expires)}` }),
  }
}

const privately = (expires: number, mostSeconds: number, { clock }: Pick<UrlRules, 'clock'>): string => {
  const leftSeconds = Math.max(0, expires - Math.ceil(clock.date() / 1000))
  return `private, max-age=${Math.min(leftSeconds, mostSeconds)}`
}
