import { contentTypeOf, FORMATS } from '../core/format.ts'
import { unreachable } from '../core/unreachable.ts'
import { VECTOR_POLICY } from '../core/vector.ts'
import { toAcceptRules } from './accept-rules.ts'
import { CLOSED_NOTE, type EdgeSite, type EdgeStore, sharedCacheSeconds, sharesMount } from './edge-site.ts'
import { formatAutoHeaders, formatBrowserHeaders, formatPictureHeaders, hideCors } from './nginx-headers.ts'
import {
  formatElsewhere,
  formatForeign,
  formatNotAllowed,
  formatOpenProxy,
  formatServeProxy,
  UNAVAILABLE,
} from './nginx-serve.ts'
import { escapePattern, indent, locationPattern, nginxPattern, nginxText } from './nginx-text.ts'
import { vectorPath } from './vector-path.ts'

/** What the printed configuration depends on besides the site. */
export interface NginxOptions {
  /** The argument of `listen`. */
  readonly listen: string
  /** Name servers, for a bucket whose address changes. */
  readonly resolvers: readonly string[]
  /** The folder of nginx's own cache of a bucket. */
  readonly cacheFolder: string
}

/** Lines for nginx's `http` block: they ask the folder or bucket first, then `serve`. */
export const formatNginx = (site: EdgeSite, options: NginxOptions): string => {
  const shape = toShape(site, options)
  const lines = [
    ...formatHead(site),
    '',
    ...shape.maps,
    '',
    'upstream imgsizes_serve {',
    ...indent([`server ${hostAndPort(site.serve)};`, 'keepalive 32;']),
    '}',
    ...shape.blocks,
    '',
    'server {',
    ...indent([
      `listen ${options.listen};`,
      ...(site.host === undefined ? [] : [`server_name ${nginxText(site.host)};`]),
      'server_tokens off;',
      'merge_slashes off;',
      'recursive_error_pages on;',
      '',
      ...formatPictureLocations(site, shape),
      '',
      ...formatForeign(site),
      ...(shape.serveLocations.length === 0 ? [] : [...shape.serveLocations, '']),
      ...formatElsewhere(site),
      ...formatNotAllowed(site),
      '',
      ...UNAVAILABLE,
    ]),
    '}',
    '',
  ]
  return lines.join('\n')
}

const toShape = (site: EdgeSite, options: NginxOptions): Shape => {
  const { store } = site
  switch (store.kind) {
    case 'folder':
      return folderShape(site, store.path)
    case 'bucket':
      return bucketShape(site, store, options)
    case 'closed':
      return closedShape(site)
    default:
      return unreachable(store)
  }
}

/** What differs between a folder, a bucket, and a place that only `serve` may read. */
interface Shape {
  readonly maps: readonly string[]
  readonly blocks: readonly string[]
  /** How a result is looked up; misses go to `@imgsizes_serve` or `@imgsizes_serve_auto`. */
  readonly picture: readonly string[]
  /** Undefined: as for any other key. */
  readonly auto?: readonly string[]
  readonly serveLocations: readonly string[]
}

const formatHead = ({ store, mount, serve }: EdgeSite): readonly string[] => [
  store.kind === 'closed'
    ? `# imgsizes origin nginx: ${mount} from imgsizes serve (${serve.origin}) alone.`
    : `# imgsizes origin nginx: ${mount} from a ${store.kind}, what it does not have from imgsizes serve (${serve.origin}).`,
  `# Tested with nginx 1.22.1 (Debian 12) by imgsizes' own tests, in this shape${store.kind === 'bucket' ? ' (a bucket of Ceph, over HTTP and over HTTPS)' : ''}.`,
  '# Put it into /etc/nginx/conf.d/imgsizes.conf, then: nginx -t && nginx -s reload',
  '#',
  ...(store.kind === 'closed' ? CLOSED_NOTE.map((line) => `# ${line}`) : formatStoreNotes(store)),
]

const formatStoreNotes = (store: EdgeStore): readonly string[] => [
  '# .auto is resolved here, without the secret, in the order of `formats`, where Accept puts no weight on',
  '# image/avif, webp, jpeg, png or gif, as browsers do not; with weights (or quotes) serve resolves it, exactly.',
  ...(store.kind === 'folder'
    ? [
        "# ETags of files are nginx's own: a browser that had the first answer from serve asks once more, not for ever.",
      ]
    : [
        '# The bucket must let nginx read objects (s3:GetObject); it need not let it list: 403 counts as missing.',
      ]),
]

const MISSPELT_MAP = [
  '# Spellings that are no key: an escaped or doubled "/", dot segments.',
  'map $request_uri $imgsizes_misspelt {',
  '    default 0;',
  `    ${nginxPattern('~*', '^[^?]*(?:%2f|//|/(?:\\.|%2e){1,2}(?:[/?]|$))')} 1;`,
  '}',
]

/** The path as it arrived: decoding and encoding it again would turn `%2B` into `+`, which is another key. */
const formatMaps = ({ formats, vectors }: EdgeSite): readonly string[] => {
  const { undecided, rules, fallbacks, originals } = toAcceptRules(formats)
  const ofOriginal = (original: string | undefined): string => `^${original ?? '[a-z]+'}:`
  return [
    '# The path as it came, without the query.',
    'map $request_uri $imgsizes_path {',
    `    ${nginxPattern('~', '^(?<imgsizes_raw>[^?]*)')} $imgsizes_raw;`,
    '}',
    ...MISSPELT_MAP,
    'map $uri $imgsizes_original {',
    '    default jpg;',
    ...(vectors === 'keep' ? [`    ${nginxPattern('~*', vectorPath('auto'))} svg;`] : []),
    ...[...originals].map(([format, pattern]) => `    ${nginxPattern('~*', pattern)} ${format};`),
    '}',
    'map "$imgsizes_original:$http_accept" $imgsizes_format {',
    ...(vectors === 'keep' ? [`    ${nginxPattern('~', '^svg:')} svg;`] : []),
    `    ${nginxPattern('~*', undecided)} "";`,
    ...rules.map(
      ({ original, pattern, format }) =>
        `    ${nginxPattern('~*', ofOriginal(original) + pattern.replace('(?:^|,)', '(?:.*,)?'))} ${format};`,
    ),
    ...[...fallbacks].map(
      ([original, format]) => `    ${nginxPattern('~', ofOriginal(original))} ${format};`,
    ),
    '}',
    ...(vectors === 'keep' ? formatPolicyMap() : []),
  ]
}

/** nginx sends no header without a value. */
const formatPolicyMap = (): readonly string[] => [
  '# Nothing in a vector runs, nor fetches anything, wherever it is opened.',
  'map $uri $imgsizes_policy {',
  '    default "";',
  `    ${nginxPattern('~*', vectorPath('(?:svg|auto)'))} ${nginxText(VECTOR_POLICY)};`,
  '}',
]

const formatCorsMap = ({ cors }: EdgeSite): readonly string[] =>
  cors === '*' || cors.length === 0
    ? []
    : [
        'map $http_origin $imgsizes_cors {',
        '    default "";',
        ...cors.map((origin) => `    ${nginxText(origin)} ${nginxText(origin)};`),
        '}',
      ]

const formatPictureLocations = (site: EdgeSite, shape: Shape): readonly string[] => {
  const { mount } = site
  const base = escapePattern(decodeURIComponent(mount))
  const { picture, auto } = shape
  const endings = [...FORMATS, ...(auto === undefined ? ['auto'] : [])].join('|')
  return [
    `location ^~ ${nginxText(decodeURIComponent(mount))} {`,
    ...indent([
      `location ~* ${locationPattern(`^${base}/*\\.imgsizes(?:/|$)`)} { return 404; }`,
      '',
      `location ~ ${locationPattern(`^${base}(?<imgsizes_key>.+\\.(?:${endings}))$`)} {`,
      ...indent(picture),
      '}',
      '',
      ...(auto === undefined
        ? []
        : [
            `location ~ ${locationPattern(`^${base}(?<imgsizes_stem>.+)\\.auto$`)} {`,
            ...indent(auto),
            '}',
            '',
          ]),
      ...(sharesMount(site)
        ? ["# No key of ours: another image server's URL, or none.", ...formatOpenProxy(site)]
        : ['# Nothing else under here is a key.', 'return 404;']),
    ]),
    '}',
  ]
}

/** Such a spelling is no key of ours; but a URL of another image server may contain a whole URL. */
const refuseMisspelt = (site: EdgeSite): readonly string[] =>
  sharesMount(site)
    ? ['error_page 421 = @imgsizes_foreign;', 'if ($imgsizes_misspelt) { return 421; }']
    : ['if ($imgsizes_misspelt) { return 404; }']

const folderShape = (site: EdgeSite, path: string): Shape => {
  const root = [
    `root ${nginxText(path)};`,
    `types { ${FORMATS.map((format) => `${contentTypeOf(format)} ${format};`).join(' ')} }`,
  ]
  return {
    maps: [...formatMaps(site), ...formatCorsMap(site)],
    blocks: [],
    picture: [
      ...refuseMisspelt(site),
      'error_page 405 = @imgsizes_not_allowed;',
      ...root,
      ...formatPictureHeaders(site),
      'try_files /$imgsizes_key @imgsizes_serve;',
    ],
    auto: [
      ...refuseMisspelt(site),
      'error_page 405 = @imgsizes_not_allowed;',
      ...root,
      ...formatAutoHeaders(site),
      'try_files /$imgsizes_stem.$imgsizes_format @imgsizes_serve;',
    ],
    // The headers of `serve` stay: it sends the same ones.
    serveLocations: ['location @imgsizes_serve {', ...indent(formatServeProxy(site)), '}'],
  }
}

/** The answers of `serve` stay, with their caching: they are private, and live no longer than their link. */
const closedShape = (site: EdgeSite): Shape => {
  const proxy = [...refuseMisspelt(site), ...formatOpenProxy(site)]
  return { maps: MISSPELT_MAP, blocks: [], picture: proxy, serveLocations: [] }
}

const bucketShape = (
  site: EdgeSite,
  { origin, path }: Extract<EdgeStore, { kind: 'bucket' }>,
  { resolvers, cacheFolder }: NginxOptions,
): Shape => {
  const seconds = sharedCacheSeconds(site.cacheControl)
  const rawMount = escapePattern(site.mount)
  const cache = (key: string): readonly string[] =>
    seconds === 0
      ? ['proxy_cache off;']
      : ['proxy_cache imgsizes;', `proxy_cache_key ${key};`, ...cacheRules(seconds)]
  const isSteady = isSteadyHost(origin)
  const bucket = isSteady ? 'imgsizes_bucket' : '$imgsizes_bucket'
  const lookUp = (object: string): readonly string[] => [
    `proxy_pass ${origin.protocol}//${bucket}${object};`,
    ...BUCKET_REQUEST,
    `proxy_set_header Host ${nginxText(origin.host)};`,
    ...(origin.protocol === 'https:' ? [...TLS, `proxy_ssl_name ${nginxText(origin.hostname)};`] : []),
    ...(isSteady ? [] : [`resolver ${resolvers.join(' ')} valid=30s;`]),
    ...HIDDEN.map((name) => `proxy_hide_header ${name};`),
    ...hideCors(site),
    ...cache(`"imgsizes ${object}"`),
  ]
  const refusals = [
    // A 404 here would look like one of the bucket, and be passed on to `serve`.
    'if ($imgsizes_misspelt) { return 421; }',
    `error_page 421 = ${sharesMount(site) ? '@imgsizes_foreign' : '@imgsizes_not_found'};`,
    'if ($request_method !~ "^(?:GET|HEAD)$") { return 405; }',
    'error_page 405 = @imgsizes_not_allowed;',
    'error_page 301 302 307 308 500 501 502 503 504 = @imgsizes_unavailable;',
  ]
  return {
    maps: [
      ...formatMaps(site),
      ...formatCorsMap(site),
      '# Where the bucket has it.',
      'map $request_uri $imgsizes_object {',
      '    default "";',
      `    ${nginxPattern('~', `^${rawMount}(?<imgsizes_raw_key>[^?]+)`)} ${withVariable(path, '$imgsizes_raw_key')};`,
      '}',
      'map $request_uri $imgsizes_object_stem {',
      '    default "";',
      `    ${nginxPattern('~', `^${rawMount}(?<imgsizes_raw_stem>[^?]+)\\.auto(?:\\?|$)`)} ${withVariable(path, '$imgsizes_raw_stem')};`,
      '}',
      ...(isSteady ? [] : [`map "" $imgsizes_bucket { default ${nginxText(hostAndPort(origin))}; }`]),
    ],
    blocks: [
      ...(isSteady
        ? [
            '',
            'upstream imgsizes_bucket {',
            ...indent([`server ${hostAndPort(origin)};`, 'keepalive 32;']),
            '}',
          ]
        : []),
      ...(seconds === 0
        ? []
        : [
            '',
            `proxy_cache_path ${nginxText(cacheFolder)} levels=1:2 keys_zone=imgsizes:32m max_size=10g inactive=30d use_temp_path=off;`,
          ]),
    ],
    picture: [
      ...refusals,
      'if ($imgsizes_object = "") { return 421; }',
      '# S3 says 403 of a missing key where listing is not allowed, and 400 of what it takes for no key.',
      'error_page 400 403 404 = @imgsizes_serve;',
      ...lookUp('$imgsizes_object'),
      'proxy_intercept_errors on;',
      ...formatBrowserHeaders(site),
    ],
    auto: [
      ...refusals,
      'if ($imgsizes_object_stem = "") { return 421; }',
      'error_page 400 403 404 418 = @imgsizes_serve_auto;',
      'if ($imgsizes_format = "") { return 418; }',
      ...lookUp('$imgsizes_object_stem.$imgsizes_format'),
      'proxy_intercept_errors on;',
      'proxy_hide_header Cache-Control;',
      ...formatAutoHeaders(site),
    ],
    serveLocations: [
      'location @imgsizes_serve {',
      ...indent([
        ...formatServeProxy(site),
        ...hideCors(site),
        'proxy_hide_header X-Content-Type-Options;',
        ...(site.vectors === 'keep' ? ['proxy_hide_header Content-Security-Policy;'] : []),
        ...cache('"imgsizes $imgsizes_object"'),
        ...formatBrowserHeaders(site),
      ]),
      '}',
      '',
      '# The answer depends on Accept: not kept here.',
      'location @imgsizes_serve_auto {',
      ...indent(formatServeProxy(site)),
      '}',
      '',
      'location @imgsizes_not_found { internal; return 404; }',
    ],
  }
}

/** A name whose address does not change while nginx runs; those of large stores do change. */
const isSteadyHost = ({ hostname }: URL): boolean =>
  !hostname.includes('.') || /^[0-9.]+$/.test(hostname) || hostname.startsWith('[')

const hostAndPort = (url: URL): string =>
  `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port}`

const withVariable = (path: string, variable: string): string => {
  const text = nginxText(path)
  return `${text.slice(0, -1)}${variable}"`
}

/** A bucket gets no headers of the visitor: it would check, use or log what is not meant for it. */
const BUCKET_REQUEST = [
  'proxy_http_version 1.1;',
  'proxy_pass_request_headers off;',
  'proxy_pass_request_body off;',
  'proxy_set_header Connection "";',
  'proxy_connect_timeout 5s;',
  'proxy_read_timeout 30s;',
  'proxy_redirect off;',
]

const TLS = [
  'proxy_ssl_server_name on;',
  'proxy_ssl_verify on;',
  'proxy_ssl_verify_depth 3;',
  'proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;',
]

/** Headers in which S3 tells about itself, and our own metadata of each result. */
const HIDDEN = [
  'Set-Cookie',
  'X-Content-Type-Options',
  'x-amz-request-id',
  'x-amz-id-2',
  'x-amz-version-id',
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-rgw-object-type',
  ...['source', 'recipe', 'encoder', 'headers', 'maker', 'md5'].map((fact) => `x-amz-meta-imgsizes-${fact}`),
]

/** Only results are cached, for as long as `cacheControl` says; an error never replaces a picture. */
const cacheRules = (seconds: number): readonly string[] => [
  'proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;',
  `proxy_cache_valid 200 ${seconds}s;`,
  'proxy_cache_lock on;',
  'proxy_cache_revalidate on;',
  'proxy_cache_background_update on;',
  'proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;',
  'proxy_force_ranges on;',
]
