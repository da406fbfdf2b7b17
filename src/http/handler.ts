import type { Answerer, PictureAnswer } from '../app/origin/answer.ts'
import type { RequestedKey } from '../app/origin/name-key.ts'
import type { Outgoing } from '../app/origin/outgoing.ts'
import { type RequestRules, readRequest } from '../app/origin/read-request.ts'
import { type ProblemCode, problemStatusOf } from '../core/problem.ts'
import { unreachable } from '../core/unreachable.ts'
import { encodePath } from '../url/path.ts'
import type { Clock } from '../waiting/clock.ts'
import { ALLOW, METHOD_NOT_ALLOWED } from './bad-requests.ts'
import { type CommonHeaders, withAccept } from './common-headers.ts'
import type { Health } from './health.ts'
import type { Fields, Handler, HttpAnswer, HttpMessage, HttpRequest, Outcome } from './http-message.ts'
import { type AnswerHeaders, forUrl, toPictureResponse, type UrlRules, varyOf } from './picture-response.ts'
import { formatProblem, type PlaceholderPicture, type ProblemAnswer, type WholeAnswer } from './problems.ts'

/** What requests are answered with. */
export interface HandlerOptions extends UrlRules, RequestRules {
  readonly answerer: Answerer
  readonly outgoing: Pick<Outgoing, 'hold'>
  readonly health: Health
  /** The body of answers 404 and 422. */
  readonly placeholder?: PlaceholderPicture | undefined
  readonly clock: Clock
}

const isProblem = (response: HttpMessage | ProblemAnswer): response is ProblemAnswer => 'code' in response

interface Reply extends Pick<HttpAnswer, 'outcome' | 'error' | 'release'> {
  readonly response: HttpMessage | ProblemAnswer
}

/** The origin as a function. Never rejects. */
export const createRequestHandler =
  (options: HandlerOptions): Handler =>
  async (request) => {
    const { response, ...told } = await respond(request, options)
    if (!isProblem(response)) return { ...response, ...told }
    return { ...refuse(response, request, options), ...told, code: response.code }
  }

const respond = async (request: HttpRequest, options: HandlerOptions): Promise<Reply> => {
  try {
    if (request.method === 'OPTIONS') return { response: toOptions(request, options), outcome: 'options' }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refused(METHOD_NOT_ALLOWED)
    const { target } = request
    const { path } = target
    if (target.hasFragment) return refused({ code: 'not-a-key' })
    if (path === '/healthz') return healthReply(request, true, options)
    if (path === '/readyz') return healthReply(request, await options.health.isReady(), options)
    const now = Math.floor(options.clock.date() / 1000)
    const accept = request.headers.get('accept')
    const read = readRequest({ ...target, now, ...(accept !== null && { accept }) }, options)
    if (read.kind === 'refused') {
      return limitLife(refused({ code: read.code }), forUrl(read, options))
    }
    return await answerKey(read, request, options)
  } catch (error) {
    if (request.signal.aborted) return { response: { code: 'client-gone' }, outcome: 'gone' }
    return { response: { code: 'internal' }, outcome: 'bug', error }
  }
}

/** A picture that was replaced between the look and the read is looked at again. */
const MAX_ATTEMPTS = 3

const answerKey = async (
  asked: RequestedKey,
  request: HttpRequest,
  options: HandlerOptions,
): Promise<Reply> => {
  const { claim, foreign } = asked
  const accept = request.headers.get('accept')
  const question = {
    claim,
    ...(foreign && { foreign: request.method === 'HEAD' ? withoutAlias(foreign) : foreign }),
    ...(accept !== null && { accept }),
    wantsBody: request.method === 'GET' && !isPartial(request.headers),
    get signal() {
      return request.signal
    },
  }
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const answer = await options.answerer.answer(question)
    const release = answer.kind === 'rendered' ? options.outgoing.hold(answer.upload.bytes) : undefined
    // Only now: the remaining life of a link has become shorter.
    const own = forUrl(asked, options)
    const reply = await toReply(request, answer, own)
    if (reply !== 'changed') return limitLife(release === undefined ? reply : { ...reply, release }, own)
  }
  return refused(unavailable('store-changing'))
}

/** An error may be cached no longer than its link lives. */
const limitLife = (reply: Reply, { errorCacheControl }: AnswerHeaders): Reply => {
  const { response } = reply
  if (errorCacheControl === undefined || !isProblem(response)) return reply
  return { ...reply, response: { ...response, cacheControl: errorCacheControl } }
}

/** A HEAD request stores no alias: it does not show that a page looked for the picture under its second name. */
const withoutAlias = ({ isNegotiated }: NonNullable<RequestedKey['foreign']>) => ({ isNegotiated })

/** Whether the answer may need no body, or only a part. */
const isPartial = (headers: Fields): boolean =>
  headers.has('if-none-match') ||
  headers.has('if-modified-since') ||
  headers.has('range') ||
  headers.has('if-match') ||
  headers.has('if-unmodified-since')

const toReply = async (
  request: HttpRequest,
  answer: PictureAnswer,
  options: HandlerOptions & AnswerHeaders,
): Promise<Reply | 'changed'> => {
  switch (answer.kind) {
    case 'stored':
    case 'rendered': {
      const response = await toPictureResponse(request, answer, { ...options, now: options.clock.date() })
      if (response === 'changed') return response
      if ('kind' in response) return toReply(request, response, options)
      return { response, outcome: outcomeOf(answer, response) }
    }
    case 'moved':
      return { response: toRedirect(request, answer, options), outcome: 'moved' }
    case 'refused': {
      const { code } = answer
      return refused(problemStatusOf(code) === 503 ? unavailable(code) : { code })
    }
    default:
      return unreachable(answer)
  }
}

const outcomeOf = (
  answer: Extract<PictureAnswer, { kind: 'stored' | 'rendered' }>,
  response: HttpMessage | ProblemAnswer,
): Outcome => {
  if (isProblem(response)) return 'refused'
  if (answer.kind === 'rendered' && answer.madeFor !== 'earlier')
    return answer.madeFor === 'this' ? 'miss' : 'shared'
  return response.status === 304 ? 'revalidated' : 'hit'
}

/** The target depends on the source as it is now, so it is not cached for long. */
const REDIRECT_CACHE_CONTROL = 'public, max-age=15'

const toRedirect = (
  request: HttpRequest,
  answer: Extract<PictureAnswer, { kind: 'moved' }>,
  options: HandlerOptions & AnswerHeaders,
): HttpMessage => ({
  status: 302,
  headers: {
    ...options.commonHeaders(request),
    ...varyOf(request, answer, options),
    location: options.mount + encodePath(answer.keyText) + (options.queryOf?.(answer.keyText) ?? ''),
    'content-length': '0',
    'cache-control': options.errorCacheControl ? 'no-store' : REDIRECT_CACHE_CONTROL,
  },
})

const healthReply = (request: HttpRequest, isWell: boolean, options: HandlerOptions): Reply => {
  if (!isWell) return { response: unavailable('not-ready'), outcome: 'health' }
  const body = new TextEncoder().encode('{"status":"ok"}\n')
  const headers = {
    ...options.commonHeaders(request),
    'content-type': 'application/json',
    'content-length': String(body.length),
    'cache-control': 'no-store',
  }
  return { response: withBody({ status: 200, headers, body }, request), outcome: 'health' }
}

const unavailable = (code: ProblemCode): ProblemAnswer => ({ code, retryAfterSeconds: 2 })

const refused = (problem: ProblemAnswer): Reply => ({ response: problem, outcome: 'refused' })

const refuse = (problem: ProblemAnswer, request: HttpRequest, options: HandlerOptions): HttpMessage =>
  withBody(formatRefusal(problem, request, options), request)

const withBody = ({ status, headers, body }: WholeAnswer, { method }: HttpRequest): HttpMessage => ({
  status,
  headers,
  ...(method !== 'HEAD' && { body }),
})

/** The log tells the left code, the visitor gets the right one: nobody may learn that a signature was valid once. */
const TOLD_AS: Readonly<Partial<Record<ProblemCode, ProblemCode>>> = { 'secret-retired': 'signature-wrong' }

const formatRefusal = (
  refusal: ProblemAnswer,
  request: HttpRequest,
  options: HandlerOptions,
): WholeAnswer => {
  const problem = { ...refusal, code: TOLD_AS[refusal.code] ?? refusal.code }
  const headers = options.commonHeaders(request)
  const placeholder = [404, 422].includes(problemStatusOf(problem.code)) ? options.placeholder : undefined
  if (placeholder === undefined) return formatProblem(problem, headers)
  const varying = { ...headers, vary: withAccept(headers.vary) }
  return formatProblem(problem, varying, wantsJson(request.headers.get('accept')) ? undefined : placeholder)
}

/** Programs ask for JSON; pages do not. */
const wantsJson = (accept: string | null): boolean => accept !== null && /\bjson\b/i.test(accept)

/** A browser asks again after a day. */
const MAX_AGE_SECONDS = 86_400

/**
 * The answer to OPTIONS for any path: which methods are answered, and, for scripts of an origin that `serve.cors`
 * allows, which fields they may send (Fetch standard, 3.2.2). No field changes what a picture shows, so all are
 * allowed.
 */
export const toOptions = (
  { headers }: Pick<HttpRequest, 'headers'>,
  { commonHeaders }: { readonly commonHeaders: CommonHeaders },
): HttpMessage => {
  const common = commonHeaders({ headers })
  const fields = headers.get('access-control-request-headers') ?? ''
  const isLetIn = 'access-control-allow-origin' in common && headers.has('access-control-request-method')
  return {
    status: 204,
    headers: {
      ...common,
      allow: ALLOW,
      'cache-control': 'no-store',
      ...(isLetIn && {
        'access-control-allow-methods': 'GET, HEAD',
        ...(FIELD_NAMES.test(fields) && { 'access-control-allow-headers': fields }),
        'access-control-max-age': String(MAX_AGE_SECONDS),
      }),
    },
  }
}

/** Names of fields, and no more of them than a page would send. */
const FIELD_NAMES = /^[\w-]{1,64}(?:,[ \t]*[\w-]{1,64}){0,31}$/
