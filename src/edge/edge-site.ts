import type { Config, OriginList, S3Place, WritablePlace } from '../config/config.ts'
import type { FormatChoice } from '../core/format.ts'
import { Problem, toProblemType } from '../core/problem.ts'
import { unreachable } from '../core/unreachable.ts'

/** What a server in front needs to know of a site; nothing in it is secret. */
export interface EdgeSite {
  /** The path above keys, with "/" at both ends, escaped as in a URL. */
  readonly mount: string
  /** The host of `baseUrl`; undefined where that is only a path. */
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
   * Path prefixes of URLs of other image servers, with "/" at both ends. Only `serve` can read these URLs, and their
   * queries matter: they are passed on unchanged, and their answers are not cached.
   */
  readonly foreign: readonly string[]
  /** How long `serve` may take to answer. */
  readonly serveTimeoutSeconds: number
}

/** Where a server in front finds results. */
export type EdgeStore =
  /**
   * Links expire, and only `serve`, which has the secret, can check them: it is asked each time, and nothing is
   * cached.
   */
  | { readonly kind: 'closed' }
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'bucket'
      /** Scheme, host and port. */
      readonly origin: URL
      /** The path before a key, escaped, with "/" at both ends. */
      readonly path: string
    }

/** What a configuration does not say. */
export interface EdgeOptions {
  readonly serve: URL
  /** The URL under which the bucket's objects can be read; default: from its `s3://` URI. */
  readonly bucketUrl?: URL
  /** From the SDK's environment, for a URI without them. */
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
    // With links that expire, these URLs are not answered (`readRequest`).
    foreign: config.serve.expiring ? [] : [...new Set(config.dialects.map(({ prefix }) => prefix))],
    serveTimeoutSeconds: Math.ceil((queue.timeoutMs + fetchTimeoutMs + renderTimeoutMs) / 1000) + 5,
  }
}

/** The URL of a place that a CDN must reach. Problem `edge-unfit` where that is not HTTPS. */
export const requireHttps = (url: URL, what: string): URL => {
  if (url.protocol === 'https:' && !isLocal(url)) return url
  throw new Problem('edge-unfit', `${what} is ${url.origin}, which the CDN cannot reach over HTTPS`, {
    hint: `Say ${what} https://…, a public address.`,
  })
}

const isLocal = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)

/** The host and port of a URL, even where the port is the usual one. */
export const hostAndPort = (url: URL): string =>
  `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port}`

/** Where an output can be read over HTTP, whoever may. Problem `edge-unfit` where a bucket's URL is not known. */
export const toEdgeStore = (output: WritablePlace, options: Omit<EdgeOptions, 'serve'>): EdgeStore => {
  const { bucketUrl } = options
  switch (output.kind) {
    case 'folder':
      if (bucketUrl !== undefined)
        throw new Problem('edge-unfit', '--bucket-url is given, but the output is a folder')
      return output
    case 's3': {
      const url = bucketUrl ?? bucketUrlOf(output, options)
      const prefix = output.prefix.split('/').map(encodeURIComponent).join('/')
      return { kind: 'bucket', origin: new URL(url.origin), path: withSlash(url.pathname) + prefix }
    }
    default:
      return unreachable(output)
  }
}

const withSlash = (path: string): string => (path.endsWith('/') ? path : `${path}/`)

const bucketUrlOf = (
  { bucket, settings }: S3Place,
  ambient: Pick<EdgeOptions, 'region' | 'endpoint'>,
): URL => {
  const endpoint = settings.endpoint ?? ambient.endpoint
  if (endpoint !== undefined) {
    const url = new URL(endpoint)
    // An IP address can have no name before it; the SDK does the same.
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
  // For a name with dots, no certificate covers the virtual-hosted form.
  return bucket.includes('.')
    ? new URL(`https://s3.${region}.amazonaws.com/${bucket}/`)
    : new URL(`https://${bucket}.s3.${region}.amazonaws.com/`)
}

/** Whether URLs of another image server begin with the same prefix as our keys, as imgproxy's mostly do. */
export const sharesMount = ({ foreign, mount }: Pick<EdgeSite, 'foreign' | 'mount'>): boolean =>
  foreign.includes(decodeURIComponent(mount))

/** What scripts of other sites may read besides the bytes, as `serve` says it. */
export const EXPOSED_FIELDS = 'Content-Range, ETag, Content-Location'

/** The comment on these URLs for CDNs that do not pass them on, without the comment's sign. */
export const toForeignNote = ({ foreign }: EdgeSite): readonly string[] =>
  foreign.length === 0
    ? []
    : [
        `URLs of other image servers (${foreign.join(', ')}) are not covered: let them go to serve, with their query.`,
      ]

/** The comment on links that expire, without the comment's sign. */
export const CLOSED_NOTE = [
  'serve.expiring is on: links end, and whether one has, only serve can tell, which has the secret. Every request goes on',
  'to it as it came, with its query; nothing is kept here, and neither bucket nor folder is read past it.',
  'Keep the bucket or folder closed to everybody but serve: who can read it needs no link.',
] as const

/** For how many seconds shared caches may keep an answer with this `cacheControl`; 0: not at all. */
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

/** The answer of a server in front where `serve` does not answer, with status 502. */
export const UNAVAILABLE_BODY = JSON.stringify({
  type: toProblemType('unavailable'),
  title: 'The picture cannot be fetched at the moment.',
  status: 502,
  code: 'unavailable',
})
