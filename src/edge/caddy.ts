import { contentTypeOf, FORMATS, VECTOR_POLICY } from '../core/format.ts'
import { unreachable } from '../core/unreachable.ts'
import { toAcceptRules } from './accept-rules.ts'
import {
  CLOSED_NOTE,
  type EdgeSite,
  type EdgeStore,
  EXPOSED_FIELDS,
  hostAndPort,
  sharesMount,
  UNAVAILABLE_BODY,
} from './edge-site.ts'
import { blockIndentedBy, escapePattern, toLines } from './nginx-text.ts'
import { vectorPath } from './vector-path.ts'

interface CaddyOptions {
  /**
   * The address that Caddy listens on; default: the host of `baseUrl`, for which Caddy gets a certificate by itself.
   */
  readonly address: string | undefined
}

/** A site block for a Caddyfile: asks the folder or bucket first, then `serve`. */
export const formatCaddy = (site: EdgeSite, { address }: CaddyOptions): string => {
  const { store, mount } = site
  const base = escapePattern(decodeURIComponent(mount))
  return toLines(
    formatHead(site),
    block(`${address ?? site.host ?? ':80'}`, [
      store.kind !== 'closed' && [...formatMaps(site), ''],
      block('route', [
        formatForeign(site),
        '# Spellings that are no key: an escaped or doubled "/", dot segments.',
        "@misspelt expression `{http.request.orig_uri}.matches('(?i)^[^?]*(%2f|//|/(\\\\.|%2e){1,2}([/?]|$))')`",
        formatNoKey(site, '@misspelt'),
        `@private path_regexp ${quote(`(?i)^${base}\\.imgsizes(/|$)`)}`,
        'respond @private 404',
        '@method not method GET HEAD OPTIONS',
        'header @method Allow "GET, HEAD, OPTIONS"',
        'respond @method 405',
        '# What a script may ask, serve says.',
        block('@options', ['method OPTIONS', `path_regexp ${quote(`^${base}`)}`]),
        block('handle @options', [formatServe(site)]),
        '',
        formatStoreRoutes(site, base),
        `@key path_regexp ${quote(`^${base}.+\\.(${FORMATS.join('|')}|auto)$`)}`,
        block('handle @key', [formatServe(site)]),
        `@ours path_regexp ${quote(`^${base}`)}`,
        formatNoKey(site, '@ours'),
        'respond 404',
      ]),
      block('handle_errors', [
        '@down expression `{err.status_code} >= 500`',
        'header @down Content-Type application/problem+json',
        'header @down Cache-Control no-store',
        `respond @down ${quote(UNAVAILABLE_BODY)} 502`,
      ]),
    ]),
    '',
  ).join('\n')
}

const formatHead = ({ store, mount, serve }: EdgeSite): readonly string[] => {
  if (store.kind === 'closed')
    return [
      `# imgsizes origin caddy: ${mount} from imgsizes serve (${serve.origin}) alone.`,
      "# Tested with Caddy 2.6.2 (Debian 12) by imgsizes' own tests, in this shape.",
      ...CLOSED_NOTE.map((line) => `# ${line}`),
    ]
  return toLines(
    `# imgsizes origin caddy: ${mount} from a ${store.kind}, what it does not have from imgsizes serve (${serve.origin}).`,
    `# Tested with Caddy 2.6.2 (Debian 12) by imgsizes' own tests, in this shape${store.kind === 'bucket' ? ' (a bucket of Ceph over HTTP; HTTPS was not run)' : ''}.`,
    '# .auto is resolved here, without the secret, in the order of `formats`, where Accept puts no weight on',
    '# image/avif, webp, jpeg, png or gif, as browsers do not; with weights (or quotes) serve resolves it, exactly.',
    store.kind === 'bucket' &&
      '# Caddy keeps nothing: each hit is read from the bucket, which must let anybody read objects.',
  )
}

const formatStoreRoutes = (site: EdgeSite, base: string): readonly string[] => {
  const { store } = site
  switch (store.kind) {
    case 'folder':
      return [...folderRoutes(site, store.path, base), '']
    case 'bucket':
      return [...bucketRoutes(site, store, base), '']
    case 'closed':
      return []
    default:
      return unreachable(store)
  }
}

const formatMaps = ({ formats, vectors }: EdgeSite): readonly string[] => {
  const { undecided, rules, fallbacks, originals } = toAcceptRules(formats)
  const ofOriginal = (original: string | undefined): string => `^${original ?? '[a-z]+'}:`
  return [
    ...block('map {path} {imgsizes_original}', [
      vectors === 'keep' && `${quote(`~(?i)${vectorPath('auto')}`)} svg`,
      ...[...originals].map(
        ([format, pattern]) => `${quote(`~(?i)${pattern.replace('/[^/]*$', '/[^/]*\\.auto$')}`)} ${format}`,
      ),
      'default jpg',
    ]),
    ...block('map "{imgsizes_original}:{header.Accept}" {imgsizes_format}', [
      vectors === 'keep' && `${quote('~^svg:')} svg`,
      `${quote(`~(?i)${undecided}`)} none`,
      ...rules.map(
        ({ original, pattern, format }) =>
          `${quote(`~(?i)${ofOriginal(original)}${pattern.replace('(?:^|,)', '(?:.*,)?')}`)} ${format}`,
      ),
      ...[...fallbacks].map(([original, format]) => `${quote(`~${ofOriginal(original)}`)} ${format}`),
      'default none',
    ]),
  ]
}

const folderRoutes = (site: EdgeSite, path: string, base: string): readonly string[] => [
  `@hit path_regexp hit ${quote(`^${base}(.+\\.(?:${FORMATS.join('|')}))$`)}`,
  ...block(
    'route @hit',
    serveFile(site, path, '/{re.hit.1}', [
      `header Cache-Control ${quote(site.cacheControl)}`,
      ...formatHeaders(site),
    ]),
  ),
  `@auto path_regexp auto ${quote(`^${base}(.+)\\.auto$`)}`,
  ...block(
    'route @auto',
    serveFile(site, path, '/{re.auto.1}.{imgsizes_format}', [
      'uri path_regexp \\.auto$ .{imgsizes_format}',
      `header Cache-Control ${quote(site.autoCacheControl)}`,
      ...formatHeaders(site, ['Accept']),
    ]),
  ),
]

/**
 * Two expressions, because Caddy evaluates matchers of one set in any order, and the second uses groups of the first.
 */
const serveFile = (
  site: EdgeSite,
  path: string,
  file: string,
  steps: readonly string[],
): readonly string[] => [
  ...block('@stored file', [`root ${quote(path)}`, `try_files ${file}`]),
  ...block('handle @stored', [
    site.mount !== '/' && `uri strip_prefix ${quote(site.mount.slice(0, -1))}`,
    steps,
    TYPES,
    formatPolicy(site),
    formatCors(site),
    block('file_server', [`root ${quote(path)}`]),
  ]),
]

const bucketRoutes = (
  site: EdgeSite,
  store: Extract<EdgeStore, { kind: 'bucket' }>,
  base: string,
): readonly string[] => [
  `@hit path_regexp ${quote(`^${base}.+\\.(${FORMATS.join('|')})$`)}`,
  ...block('handle @hit', askBucket(site, store, formatHeaders(site))),
  ...block('@auto', [
    `path_regexp ${quote(`^${base}.+\\.auto$`)}`,
    'expression `{imgsizes_format} != "none"`',
  ]),
  ...block('handle @auto', [
    'uri path_regexp \\.auto$ .{imgsizes_format}',
    ...askBucket(site, store, [
      `header Cache-Control ${quote(site.autoCacheControl)}`,
      ...formatHeaders(site, ['Accept']),
    ]),
  ]),
]

/** The path is changed by expressions, which see it escaped; `rewrite` would decode it. */
const askBucket = (
  site: EdgeSite,
  { origin, path }: Extract<EdgeStore, { kind: 'bucket' }>,
  headers: readonly string[],
): readonly string[] => [
  ...formatPolicy(site),
  ...formatCors(site),
  'rewrite * ?',
  `uri path_regexp ${quote(`^${escapePattern(site.mount)}`)} ${quote(path)}`,
  ...block(`reverse_proxy ${upstream(origin)}`, [
    `header_up Host ${quote(origin.host)}`,
    ...['Cookie', 'Authorization', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto'].map(
      (name) => `header_up -${name}`,
    ),
    '@missing status 400 403 404',
    ...block('handle_response @missing', [
      `uri path_regexp ${quote(`^${escapePattern(path)}`)} ${quote(site.mount)}`,
      ...block(
        `reverse_proxy ${upstream(site.serve)}`,
        headers.filter((line) => /^header (?:Cache-Control|Vary)/.test(line)).map(toDownstream),
      ),
    ]),
    '@failed status 301 302 307 308 5xx',
    ...block('handle_response @failed', ['error 502']),
    ...headers.map(toDownstream),
    ...['X-Amz-*', 'X-Rgw-*', 'Set-Cookie'].map((name) => `header_down -${name}`),
    site.cors.length > 0 && 'header_down -Access-Control-*',
  ]),
]

const toDownstream = (line: string): string => line.replace(/^header /, 'header_down ')

const upstream = (url: URL): string => `${url.protocol}//${hostAndPort(url)}`

/** URLs of other image servers, below their own prefixes, are passed on unchanged. */
const formatForeign = (site: EdgeSite): readonly string[] =>
  site.foreign
    .filter((prefix) => prefix !== decodeURIComponent(site.mount))
    .flatMap((prefix, index) => [
      `@foreign${index} path_regexp ${quote(`^${escapePattern(prefix)}`)}`,
      ...block(`handle @foreign${index}`, [formatServe(site)]),
    ])

/** Answers what is no key of ours with 404, unless URLs of another image server have the same prefix. */
const formatNoKey = (site: EdgeSite, matcher: string): readonly string[] =>
  sharesMount(site) ? block(`handle ${matcher}`, [formatServe(site)]) : [`respond ${matcher} 404`]

const formatServe = ({ serve }: EdgeSite): string => `reverse_proxy ${upstream(serve)}`

/** The table of types on the machine may not contain AVIF. */
const TYPES = FORMATS.flatMap((format) => [
  `@${format} path *.${format}`,
  `header @${format} Content-Type ${contentTypeOf(format)}`,
])

/** Nothing in a vector runs or loads, wherever it is opened; `serve` sends the same header. */
const formatPolicy = ({ vectors }: EdgeSite): readonly string[] =>
  vectors === 'draw'
    ? []
    : [
        // For both endings: Caddy sets headers before it changes the path, wherever the lines stand.
        `@vector path_regexp ${quote(`(?i)${vectorPath('(?:svg|auto)')}`)}`,
        ...block('header @vector', [`Content-Security-Policy ${quote(VECTOR_POLICY)}`, 'defer']),
      ]

const formatHeaders = (
  { cors, timingAllowOrigin }: EdgeSite,
  accept: readonly 'Accept'[] = [],
): readonly string[] => {
  const vary = toLines(...accept, cors !== '*' && cors.length > 0 && 'Origin')
  return toLines(
    'header X-Content-Type-Options nosniff',
    vary.length > 0 && `header Vary ${quote(vary.join(', '))}`,
    timingAllowOrigin.length > 0 &&
      `header Timing-Allow-Origin ${quote([timingAllowOrigin].flat().join(', '))}`,
  )
}

/** Who may read an answer; deferred, in place of what the bucket or `serve` says of it. */
const formatCors = ({ cors }: EdgeSite): readonly string[] => {
  const allow = (matcher: string, origin: string): readonly string[] =>
    block(`header ${matcher}`, [
      `Access-Control-Allow-Origin ${quote(origin)}`,
      `Access-Control-Expose-Headers ${quote(EXPOSED_FIELDS)}`,
      'defer',
    ])
  return cors === '*'
    ? allow('*', '*')
    : cors.flatMap((origin, index) => [
        `@origin${index} header Origin ${quote(origin)}`,
        ...allow(`@origin${index}`, origin),
      ])
}

/** In back quotes nothing is special; braces would only be placeholders if they named one. */
const quote = (text: string): string => `\`${text}\``

const block = blockIndentedBy('\t')
