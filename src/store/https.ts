import { isIP, type LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type Dispatcher, request } from 'undici'
import { Problem } from '../core/problem.ts'
import {
  isBroken,
  isPassingStatus,
  PassingStatus,
  toNetworkProblem,
  toStatusProblem,
} from './https-errors.ts'
import type { ObjectFacts, ReadableStore, ReadOptions } from './port.ts'
import { isPublicAddress, lookUpPublic, refusedAddress } from './public-address.ts'
import { BodyCutOff, readBody } from './read-body.ts'

/** Which server is read from, and what it may redirect to. */
export interface HttpsStoreOptions {
  /** Ends in "/". Plain `http:` works as well, where the configuration allows it. */
  readonly url: string
  /**
   * Allows the origin of `url` (scheme, host and port) to be at a loopback, private or other address that is not
   * public; redirects to other origins must still lead to public addresses.
   */
  readonly allowPrivate?: boolean
  /** Sent only to this origin, never after a redirect to another. */
  readonly headers?: Readonly<Record<string, string>>
  /** The time limit for one object, with all redirects and attempts; default 15,000. */
  readonly timeoutMs?: number
}

const MAX_REDIRECTS = 5
const MAX_ATTEMPTS = 3
/** The wait before a second attempt after an answer that may soon be another; the next wait is longer. */
const PAUSE_MS = 250
/** A longer wait makes no sense while a visitor waits. */
const LONGEST_PAUSE_MS = 2_000
const CONNECTIONS_PER_HOST = 32

/**
 * A web server to read sources from by name; it cannot be listed. No header proves that content is unchanged, so it
 * shows no marks, and the bytes decide.
 */
export const openHttpsStore = (options: HttpsStoreOptions): ReadableStore => {
  const { timeoutMs = 15_000 } = options
  const base = new URL(options.url)
  const place = base.origin + base.pathname
  const openAgent = (lookup?: LookupFunction): Agent =>
    new Agent({
      connections: CONNECTIONS_PER_HOST,
      connect: { timeout: timeoutMs, ...(lookup && { lookup }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    })
  const outside = openAgent(lookUpPublic)
  const home = options.allowPrivate ? openAgent() : undefined
  const visit: Visit = { home, outside, base, headers: options.headers ?? {} }

  /** Runs `work` within the time limit, again where the connection broke. */
  const attempt = async <T>(
    key: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    signal?.throwIfAborted()
    const limit = AbortSignal.timeout(timeoutMs)
    const both = signal ? AbortSignal.any([signal, limit]) : limit
    for (let count = 1; ; count++) {
      try {
        return await work(both)
      } catch (error) {
        signal?.throwIfAborted()
        const waitMs = limit.aborted || count === MAX_ATTEMPTS ? undefined : againAfterMs(error, count)
        if (waitMs === undefined) throw toNetworkProblem(error, key, base.host)
        // If the wait is ended early, the next attempt throws the reason.
        await sleep(waitMs, undefined, { signal: both }).catch(() => {})
      }
    }
  }

  const head: ReadableStore['head'] = async (key, { signal } = {}) => {
    const url = toUrl(base, key)
    return url && attempt(key, signal, (limited) => headOnce(visit, { key, url, signal: limited }))
  }

  const get: ReadableStore['get'] = async (key, { signal, ...limits } = {}) => {
    const url = toUrl(base, key)
    return url && attempt(key, signal, (limited) => getOnce(visit, { key, url, signal: limited }, limits))
  }

  return {
    place,
    marks: 'date',
    isListable: false,
    // biome-ignore lint/correctness/useYield: the port asks for an iterable, and this one has only an error to tell.
    async *list() {
      throw new Problem(
        'source-not-listable',
        `${place} cannot be listed: a web server does not tell its names`,
        { hint: 'Let `serve` render on demand, or name the sources: build --sources-from <file>.' },
      )
    },
    head,
    get,
    // Originals are read whole; nobody needs ranges of them.
    open: async (key, { range, ...options } = {}) => {
      const object = await get(key, options)
      if (object === undefined) return undefined
      const { bytes, ...facts } = object
      return {
        ...facts,
        body: new Blob([range ? bytes.subarray(range.start, range.end + 1) : bytes]).stream(),
      }
    },
    close: async () => {
      await Promise.all([home?.destroy(), outside.destroy()])
    },
  }
}

/** How long to wait before another attempt; undefined where that would end in the same way. */
const againAfterMs = (error: unknown, count: number): number | undefined => {
  if (error instanceof BodyCutOff || isBroken(error)) return 0
  if (!(error instanceof PassingStatus)) return undefined
  const { retryAfterMs = PAUSE_MS * count } = error
  return retryAfterMs <= LONGEST_PAUSE_MS ? retryAfterMs : undefined
}

interface Visit {
  /** Connects to any address, for the origin of `base` only; undefined where that must be public, too. */
  readonly home: Agent | undefined
  /** Connects to public addresses. */
  readonly outside: Agent
  readonly base: URL
  readonly headers: Readonly<Record<string, string>>
}

interface Wanted {
  readonly key: string
  readonly url: URL
  readonly signal: AbortSignal
}

/** The URL of a key; undefined where there can be none. No segment leads upwards: "." and ".." are refused. */
const toUrl = (base: URL, key: string): URL | undefined => {
  const segments = key.split('/')
  if (!key.isWellFormed() || segments.some((text) => text === '' || text === '.' || text === '..'))
    return undefined
  return new URL(base.origin + base.pathname + segments.map(encodeURIComponent).join('/'))
}

const headOnce = async (visit: Visit, wanted: Wanted): Promise<ObjectFacts | undefined> => {
  const answer = await follow(visit, wanted, 'HEAD')
  await answer.body.dump()
  // Some servers, and many functions behind them, do not know HEAD.
  if (answer.statusCode !== 405 && answer.statusCode !== 501) return toFacts(wanted, answer)
  const whole = await follow(visit, wanted, 'GET')
  discard(whole)
  return toFacts(wanted, whole)
}

const getOnce = async (visit: Visit, wanted: Wanted, limits: Pick<ReadOptions, 'maxBytes' | 'allocate'>) => {
  const answer = await follow(visit, wanted, 'GET')
  try {
    const facts = toFacts(wanted, answer)
    if (facts === undefined) return undefined
    const { key } = wanted
    const bytes = await readBody(answer.body, { key, expectedBytes: lengthOf(answer), ...limits })
    return { ...facts, sizeBytes: bytes.length, bytes }
  } finally {
    discard(answer)
  }
}

const discard = ({ body }: Dispatcher.ResponseData): void => {
  body.on('error', () => {}) // the error of being discarded
  body.destroy()
}

/** The facts in an answer; undefined where nothing is there; throws a Problem for any other answer. */
const toFacts = ({ key, url }: Wanted, answer: Dispatcher.ResponseData): ObjectFacts | undefined => {
  const { statusCode, headers } = answer
  if (statusCode === 404 || statusCode === 410) return undefined
  if (statusCode !== 200) {
    const problem = toStatusProblem(url, key, statusCode)
    throw isPassingStatus(statusCode) ? new PassingStatus(problem, textOf(headers['retry-after'])) : problem
  }
  const encoding = textOf(headers['content-encoding'])
  if (encoding !== undefined && encoding !== 'identity')
    throw new Problem(
      'store-unavailable',
      `"${key}": ${url.host} sent it as ${encoding}, although asked not to`,
      { subject: key, hint: 'Configure the server to send pictures without a content encoding.' },
    )
  const modifiedAt = Date.parse(textOf(headers['last-modified']) ?? '')
  return {
    key,
    sizeBytes: lengthOf(answer) ?? 0,
    modifiedAt: Number.isNaN(modifiedAt) ? 0 : modifiedAt,
    mark: undefined,
    headers: {},
  }
}

const lengthOf = ({ headers }: Dispatcher.ResponseData): number | undefined => {
  const text = textOf(headers['content-length'])
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header

/**
 * The answer at the end of the redirects. Followed by hand: every hop is checked, and headers go to one origin only.
 */
const follow = async (
  visit: Visit,
  { url: start, key, signal }: Wanted,
  method: 'GET' | 'HEAD',
): Promise<Dispatcher.ResponseData> => {
  let url = start
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    checkHop(visit, url, key)
    const isHome = url.origin === visit.base.origin
    const headers = {
      'user-agent': 'imgsizes',
      accept: 'image/*,*/*;q=0.8',
      'accept-encoding': 'identity',
      ...(isHome && visit.headers),
    }
    const dispatcher = (isHome && visit.home) || visit.outside
    const answer = await request(url, { dispatcher, method, headers, signal })
    if (!REDIRECTS.has(answer.statusCode)) return answer
    await answer.body.dump()
    url = nextHop(textOf(answer.headers.location), url, key)
  }
  throw refusedRedirect(key, start, `redirects more than ${MAX_REDIRECTS} times`)
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

const nextHop = (location: string | undefined, from: URL, key: string): URL => {
  if (location !== undefined && URL.canParse(location, from.href)) return new URL(location, from)
  throw refusedRedirect(key, from, 'redirects to something that is no URL')
}

const checkHop = ({ base, home }: Visit, url: URL, key: string): void => {
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && base.protocol === 'http:')
  if (!isAllowed) throw refusedRedirect(key, base, `redirects to ${url.protocol}, which is not allowed`)
  if (url.username !== '' || url.password !== '')
    throw refusedRedirect(key, base, 'redirects to a URL with a password')
  if (home !== undefined && url.origin === base.origin) return
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refusedAddress(url.host, host)
}

const refusedRedirect = (key: string, { host }: URL, reason: string): Problem =>
  new Problem('source-redirect-refused', `"${key}": ${host} ${reason}`, {
    subject: key,
    hint: 'Configure the place where the pictures really are.',
  })
