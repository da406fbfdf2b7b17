import type { Config, OriginList, WritablePlace } from '../config/config.ts'
import type { FormatChoice } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import { toProblemType } from '../core/problem-codes.ts'

/** What a server in front needs to know of a site: nothing of it is secret. */
export interface EdgeSite {
  /** Path that keys lie under, "/" at both ends, escaped as in a URL. */
  readonly mount: string
  /** Host of `baseUrl`; absent where that is a path alone. */
  readonly host?: string
  /** Where results are looked for first. */
  readonly store: EdgeStore
  /** URL of `imgsizes serve`, without a path. */
  readonly serve: URL
  /** For `.auto`, the best first. */
  readonly formats: readonly FormatChoice[]
  readonly vectors: 'keep' | 'draw'
  readonly cacheControl: string
  readonly autoCacheControl: string
  readonly cors: OriginList
  readonly timingAllowOrigin: OriginList
  /**
   * Path prefixes of the URLs of other image servers, "/" at both ends. Only `serve` can read those, and their queries
   * count: they go on to it as they come, and nothing of them is kept.
   */
  readonly foreign: readonly string[]
  /** How long an answer of `serve` may take before it is given up. */
  readonly serveTimeoutSeconds: number
}

export type EdgeStore =
  /** Links end, and only `serve`, which has the secret, can tell: it is asked every time, and nothing is kept. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'bucket'
      /** Scheme, host and port. */
      readonly origin: URL
      /** What stands before a key in the path, escaped, "/" at both ends. */
      readonly path: string
    }

export interface EdgeOptions {
  readonly serve: URL
  /** Under which the bucket's objects are read; default: what its `s3://` URI says. */
  readonly bucketUrl?: URL
  /** What the SDK's environment says where the URI says none. */
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
}

/** A site as its configuration describes it. Problem `edge-unfit` where a bucket's URL is not known. */
export const toEdgeSite = (config: Config, options: EdgeOptions): EdgeSite => {
  const base = new URL(config.baseUrl, 'http://path.invalid')
  const { cors, timingAllowOrigin, autoCacheControl, queue } = config.serve
  const { fetchTimeoutMs, renderTimeoutMs } = config.limits
  return {
    mount: base.pathname,
    ...(base.hostname !== 'path.invalid' && { host: base.hostname }),
    store: config.serve.expiring ? { kind: 'closed' } : toEdgeStore(config.output, options),
    serve: options.serve,
    formats: config.formats,
    vectors: config.vectors,
    cacheControl: config.cacheControl,
    autoCacheControl,
    cors,
    timingAllowOrigin,
    // Where links end there are none (`readRequest`).
    foreign: config.serve.expiring ? [] : [...new Set(config.dialects.map(({ prefix }) => prefix))],
    serveTimeoutSeconds: Math.ceil((queue.timeoutMs + fetchTimeoutMs + renderTimeoutMs) / 1000) + 5,
  }
}

/** The bucket of a site whose edge can read nothing else. Problem `edge-unfit`. */
export const requireHttps = (url: URL, what: string): URL => {
  if (url.protocol === 'https:' && !isLocal(url)) return url
  throw new Problem('edge-unfit', `${what} is ${url.origin}, which the CDN cannot reach over HTTPS`, {
    hint: `Say ${what} https://…, a public address.`,
  })
}

const isLocal = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)

/** Where an output is read over HTTP, whoever may. Problem `edge-unfit` where a bucket's URL is not known. */
export const toEdgeStore = (output: WritablePlace, options: Omit<EdgeOptions, 'serve'>): EdgeStore => {
  const { bucketUrl } = options
  if (output.kind === 'folder') {
    if (bucketUrl !== undefined)
      throw new Problem('edge-unfit', '--bucket-url is given, but the output is a folder')
    return output
  }
  const url = bucketUrl ?? bucketUrlOf(output, options)
  const prefix = output.prefix.split('/').map(encodeURIComponent).join('/')
  return { kind: 'bucket', origin: new URL(url.origin), path: withSlash(url.pathname) + prefix }
}

const withSlash = (path: string): string => (path.endsWith('/') ? path : `${path}/`)

const bucketUrlOf = (
  { bucket, settings }: Extract<WritablePlace, { kind: 's3' }>,
  ambient: Pick<EdgeOptions, 'region' | 'endpoint'>,
): URL => {
  const endpoint = settings.endpoint ?? ambient.endpoint
  if (endpoint !== undefined) {
    const url = new URL(endpoint)
    // An address takes no name before it, and the SDK sees that, too.
    if (settings.forcePathStyle || /^[0-9.]+$|^\[/.test(url.hostname))
      url.pathname = `${withSlash(url.pathname)}${bucket}/`
    else url.host = `${bucket}.${url.host}`
    return url
  }
  const region = settings.region ?? ambient.region
  if (region === undefined)
    throw new Problem('edge-unfit', `the region of the bucket ${bucket} is not known`, {
      hint: 'Set AWS_REGION, or ?region=… in the s3:// URI, or say --bucket-url https://….',
    })
  // A name with dots fits no certificate of the virtual-hosted form.
  return bucket.includes('.')
    ? new URL(`https://s3.${region}.amazonaws.com/${bucket}/`)
    : new URL(`https://${bucket}.s3.${region}.amazonaws.com/`)
}

/** Whether the URLs of another image server lie at the very place of our keys, as imgproxy's mostly do. */
export const sharesMount = ({ foreign, mount }: Pick<EdgeSite, 'foreign' | 'mount'>): boolean =>
  foreign.includes(decodeURIComponent(mount))

/** What a CDN's configuration says of them, without the comment's sign; those that it does not pass on. */
export const toForeignNote = ({ foreign }: EdgeSite): readonly string[] =>
  foreign.length === 0
    ? []
    : [
        `URLs of other image servers (${foreign.join(', ')}) are not covered: let them go to serve, with their query.`,
      ]

/** What a printed configuration says of links that end, without the comment's sign. */
export const CLOSED_NOTE = [
  'serve.expiring is on: links end, and whether one has, only serve can tell, which has the secret. Every request goes on',
  'to it as it came, with its query; nothing is kept here, and neither bucket nor folder is read past it.',
  'Keep the bucket or folder closed to everybody but serve: who can read it needs no link.',
] as const

/** Seconds that shared caches may keep what `cacheControl` says; 0: not at all. */
export const sharedCacheSeconds = (cacheControl: string): number => {
  const directives = cacheControl
    .toLowerCase()
    .split(',')
    .map((text) => text.trim())
  if (directives.some((text) => /^(?:no-store|no-cache|private)\b/.test(text))) return 0
  const seconds = (name: string): string | undefined =>
    directives
      .map((text) => new RegExp(`^${name}="?([0-9]+)`).exec(text)?.[1])
      .find((text) => text !== undefined)
  return Number(seconds('s-maxage') ?? seconds('max-age') ?? 0)
}

/** What a server in front answers where `serve` does not, with status 502. */
export const UNAVAILABLE_BODY = JSON.stringify({
  type: toProblemType('unavailable'),
  title: 'The picture cannot be fetched at the moment.',
  status: 502,
  code: 'unavailable',
})
