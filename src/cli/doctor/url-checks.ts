import { type Check, type CheckResult, checkThat, failed, skipped, warning } from '../../app/doctor/check.ts'
import type { OriginList } from '../../config/config.ts'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/** What a visitor's browser should find under `baseUrl`. */
export interface DeliveryOptions {
  /** The URL of a stored result. */
  readonly url: string
  readonly contentType: string
  readonly sizeBytes: number
  readonly cacheControl: string
  /** The same result with `.auto` as its format. */
  readonly autoUrl: string
  /** The types that `.auto` may give: `image/avif`, … */
  readonly autoTypes: readonly string[]
  /** The URL of a source that does not exist, with a valid signature. */
  readonly missingUrl: string
  readonly forgedUrl: string
  /** The URL of the stored result without the link's query; undefined where URLs need none. */
  readonly bareUrl?: string | undefined
  /** The URL of an existing private file; undefined where there is none. */
  readonly privateUrl?: string | undefined
  /** An object in the store that `serve` would refuse: whoever shows it reads the store. Undefined where none may. */
  readonly placed?: PlacedObject | undefined
  readonly cors: OriginList
  readonly fetch: Fetch
  readonly signal: AbortSignal
}

/** An object of ours that is placed among the results for a moment. */
export interface PlacedObject {
  readonly url: string
  /** `the bucket` or `the output folder`. */
  readonly place: string
  /** How to allow a server in front to read it. */
  readonly advice: string
  put(): Promise<void>
  remove(): Promise<void>
}

const PART = 'base URL'
const USE_ORIGIN = '`imgsizes origin nginx|caddy|cloudfront|cloudflare` prints a configuration that does.'

/** Looks at a result as visitors do. If nothing can be reached, only the first check is made. */
export async function* checkDelivery(options: DeliveryOptions): AsyncGenerator<Check> {
  const { url, bareUrl, forgedUrl, missingUrl, privateUrl, placed } = options
  const check = (
    name: string,
    judge: (answer: Answer, options: DeliveryOptions) => CheckResult,
    { target = url, headers = {}, method = 'GET' } = {},
  ) =>
    checkThat(PART, name, async () => {
      const answer = await ask(options, target, { headers, method })
      return typeof answer === 'string' ? unreachable(answer) : judge(answer, options)
    })

  if (bareUrl !== undefined) yield await check('without a link', judgeBare, { target: bareUrl })
  const reached = await check('reachable', judgeReached)
  yield reached
  if (reached.status === 'failed') return
  yield await check('content', judgeContent)
  yield await check('cacheable', bareUrl === undefined ? judgeCaching : judgeLinkCaching)
  yield await check('Vary', judgeVary)
  yield await check('HEAD', expects(200, 'is passed on'), { method: 'HEAD' })
  yield await check('parts', expects(206, 'are answered'), { headers: { range: 'bytes=0-9' } })
  const target = `${url}?imgsizes-doctor`
  if (bareUrl === undefined) yield await check('query', expects(200, 'is no part of a key'), { target })
  yield await checkThat(PART, '.auto', () => judgeAuto(options))
  yield await check('CORS', judgeCors, { headers: { origin: originOf(options) } })
  yield await check('forged', orFault(judgeForged), { target: forgedUrl })
  if (placed !== undefined) yield await checkThat(PART, 'a hit', () => judgeHit(placed, options))
  // Whoever asks for a problem does not get serve.placeholder instead.
  yield await check('a miss', orFault(judgeMiss), { target: missingUrl, headers: { accept: PROBLEM_TYPE } })
  if (privateUrl !== undefined) yield await check('.imgsizes/', orFault(judgePrivate), { target: privateUrl })
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly sizeBytes: number
  /** The code of a problem (RFC 9457); undefined for any other answer. */
  readonly code?: string | undefined
}

const ask = async (
  { fetch, signal }: DeliveryOptions,
  url: string,
  init: { readonly headers: Record<string, string>; readonly method?: string },
): Promise<Answer | string> => {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    const bytes = await response.arrayBuffer()
    const { status, headers } = response
    const code = isProblem(headers) ? readCode(bytes) : undefined
    return { status, headers, sizeBytes: bytes.byteLength, code }
  } catch (error) {
    signal.throwIfAborted()
    // fetch only says "fetch failed"; the reason is in its cause.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return cause instanceof Error ? cause.message || cause.name : String(cause)
  }
}

const PROBLEM_TYPE = 'application/problem+json'

const isProblem = (headers: Headers): boolean =>
  headers.get('content-type')?.startsWith(PROBLEM_TYPE) === true

const readCode = (bytes: ArrayBuffer): string | undefined =>
  /"code":\s*"([^"]+)"/.exec(new TextDecoder().decode(bytes))?.[1]

const unreachable = (why: string): CheckResult =>
  failed(why, 'Check baseUrl, DNS, the certificate, and that the server in front is up.')

const judgeReached = ({ status, headers }: Answer, { url }: DeliveryOptions): CheckResult => {
  if (status === 200) return url
  const found = `${status} for ${url}`
  if (status >= 300 && status < 400)
    return failed(found, `It redirects to ${headers.get('location')}: say that in baseUrl.`)
  if (status === 403)
    return failed(
      found,
      'Let the server in front read the bucket (s3:GetObject), or have the secret of serve be the one here.',
    )
  if (status === 404)
    return failed(
      found,
      `The result stands in the store: have baseUrl lead to the output folder or prefix. ${USE_ORIGIN}`,
    )
  return failed(found, "Look at the server's own log.")
}

const judgeContent = (answer: Answer, { contentType, sizeBytes }: DeliveryOptions): CheckResult => {
  const type = answer.headers.get('content-type') ?? 'no Content-Type'
  const found = `${type}, ${answer.sizeBytes} bytes`
  if (type !== contentType)
    return failed(found, `Let it send ${contentType}; otherwise browsers may refuse the picture.`)
  if (answer.sizeBytes === sizeBytes) return found
  return failed(
    found,
    `The store has ${sizeBytes} bytes: something in between keeps an older picture, or changes the picture.`,
  )
}

const judgeCaching = ({ headers }: Answer, { cacheControl }: DeliveryOptions): CheckResult => {
  const found = headers.get('cache-control')
  if (headers.has('set-cookie'))
    return failed('it sets a cookie', 'Serve pictures without cookies: caches keep none that has one.')
  if (found === null) return failed('no Cache-Control', `Have it say: ${cacheControl}. ${USE_ORIGIN}`)
  if (/\b(?:no-store|no-cache|private)\b|max-age=0\b/i.test(found) && found !== cacheControl)
    return failed(found, `Have it say: ${cacheControl}.`)
  if (found === cacheControl) return found
  return warning(
    found,
    `Configured is: ${cacheControl}. Run \`imgsizes build\` for a bucket, or change the server in front.`,
  )
}

/** A stored result must not be readable without a link, wherever it is asked for. */
export const judgeBare = ({ status }: Pick<Answer, 'status'>): CheckResult => {
  if (status >= 500)
    return failed(
      `${status}: that tells nothing of whether a stored result is closed`,
      "Look at the server's own log, and examine it again once it answers.",
    )
  if (status !== 200) return `refused with ${status}`
  return failed(
    'a stored result is answered without a link: links do not end',
    `Close the bucket or folder to all but serve, and have every request reach serve. ${USE_ORIGIN}`,
  )
}

const judgeLinkCaching = ({ headers }: Answer): CheckResult => {
  const found = headers.get('cache-control') ?? 'no Cache-Control'
  if (/\b(?:private|no-store)\b/i.test(found)) return found
  return failed(found, `Leave what serve says: private, and no longer than the link. ${USE_ORIGIN}`)
}

const judgeVary = ({ headers }: Answer): CheckResult => {
  const found = headers.get('vary') ?? 'none'
  const names = found.toLowerCase().split(/\s*,\s*/)
  const harmful = names.filter((name) => !['none', 'origin', 'accept-encoding'].includes(name))
  if (harmful.length === 0) return found
  return warning(
    found,
    'A key means one file, whoever asks: leave Vary out, or caches keep it once for every visitor.',
  )
}

const expects =
  (wanted: number, says: string) =>
  ({ status }: Answer): CheckResult =>
    status === wanted ? says : warning(`answered with ${status} in place of ${wanted}`, USE_ORIGIN)

const judgeAuto = async (options: DeliveryOptions): Promise<CheckResult> => {
  const types: string[] = []
  for (const accept of options.autoTypes) {
    const answer = await ask(options, options.autoUrl, { headers: { accept } })
    if (typeof answer === 'string') return unreachable(answer)
    if (answer.status !== 200)
      return warning(
        `${answer.status} for ${options.autoUrl}`,
        `Only needed where pages use .auto. ${USE_ORIGIN}`,
      )
    const isKept = !/\b(?:private|no-store)\b/.test(answer.headers.get('cache-control') ?? '')
    if (isKept && !/\baccept\b/i.test(answer.headers.get('vary') ?? ''))
      return failed(
        'cacheable without Vary: Accept',
        `A cache gives one visitor's format to all. ${USE_ORIGIN}`,
      )
    types.push(answer.headers.get('content-type') ?? 'nothing')
  }
  const found = types.join(', ')
  if (types.every((type, index) => type === options.autoTypes[index])) return found
  return failed(
    `${found} where ${options.autoTypes.join(', ')} were asked for`,
    `A cache in between keeps one format for all. ${USE_ORIGIN}`,
  )
}

const originOf = ({ cors }: DeliveryOptions): string =>
  (cors === '*' ? undefined : cors[0]) ?? 'https://imgsizes-doctor.example'

const judgeCors = ({ headers }: Answer, options: DeliveryOptions): CheckResult => {
  const { cors } = options
  const allowed = headers.get('access-control-allow-origin')
  const found = allowed === null ? 'no origin may read' : `${allowed} may read`
  if (cors.length === 0) return skipped(`${found}; serve.cors is not configured`)
  if (allowed !== '*' && allowed !== originOf(options))
    return failed(
      `${found}, though serve.cors says ${originOf(options)}`,
      'Set the CORS rules of the bucket, or of the server in front, too.',
    )
  if (allowed !== '*' && !/\borigin\b/i.test(headers.get('vary') ?? ''))
    return warning(`${found}, without Vary: Origin`, 'A cache may give that answer to another origin.')
  return found
}

/** If errors are cached for longer, a new picture stays invisible to those who asked too early. */
const LONGEST_ERROR_SECONDS = 60

/** The code in the answers of servers in front where `serve` gives no answer (`src/edge`). */
const FRONT_CODE = 'unavailable'

/** If `serve` fails, it is not known whether it checks signatures and renders misses. */
const orFault =
  (judge: (answer: Answer) => CheckResult) =>
  (answer: Answer): CheckResult => {
    const { status, code } = answer
    if (status < 500) return judge(answer)
    if (code !== undefined && code !== FRONT_CODE)
      return failed(`${status} of imgsizes serve: ${code}`, 'Look at its log.')
    const advice = 'Start it, or correct --serve in what `imgsizes origin` printed.'
    return failed(`${status}: imgsizes serve does not answer`, advice)
  }

/** Hits should be served by the server in front; it is easily overlooked that it cannot read the store. */
const judgeHit = async (placed: PlacedObject, options: DeliveryOptions): Promise<CheckResult> => {
  try {
    await placed.put()
    const answer = await ask(options, placed.url, { headers: {} })
    if (typeof answer === 'string') return unreachable(answer)
    if (answer.status === 200) return `comes from ${placed.place}, without serve`
    const found = `${answer.status}: what stands in ${placed.place} is not read there; every view goes to serve`
    return answer.headers.has('server') || answer.headers.has('via')
      ? failed(found, placed.advice)
      : warning(found, `Right where serve stands alone. Else: ${placed.advice}`)
  } finally {
    await placed.remove()
  }
}

const judgeForged = ({ status, headers }: Answer): CheckResult => {
  const cacheControl = headers.get('cache-control') ?? ''
  const seconds = Number(/max-age=([0-9]+)/.exec(cacheControl)?.[1] ?? 0)
  if (status === 200)
    return failed('200: a wrong signature is answered', 'Something else than imgsizes answers under baseUrl.')
  if (seconds > LONGEST_ERROR_SECONDS)
    return warning(`${status}, kept for ${seconds} s`, 'Have caches keep no errors, or for seconds only.')
  return `refused with ${status}`
}

const judgeMiss = ({ status, headers }: Answer): CheckResult => {
  if (isProblem(headers)) return `reaches serve (${status})`
  return warning(
    `answered with ${status}, and not by imgsizes serve`,
    `Fine where everything is built ahead; else send misses to serve. ${USE_ORIGIN}`,
  )
}

const judgePrivate = ({ status }: Answer): CheckResult => {
  if (status !== 200) return `denied with ${status}`
  return failed(
    'everybody can read the private files under .imgsizes/ (what results were made from)',
    `Deny .imgsizes/. ${USE_ORIGIN}`,
  )
}
