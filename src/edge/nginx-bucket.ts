import { type EdgeSite, type EdgeStore, hostAndPort, sharedCacheSeconds, sharesMount } from './edge-site.ts'
import { formatAutoHeaders, formatBrowserHeaders, hideCors } from './nginx-headers.ts'
import { formatCorsMap, formatMaps } from './nginx-maps.ts'
import { formatServeProxy } from './nginx-serve.ts'
import { block, escapePattern, nginxPattern, nginxText, toLines } from './nginx-text.ts'

/** What a bucket needs besides its URL. */
export interface NginxBucketOptions {
  /** Name servers, for a bucket whose address changes. */
  readonly resolvers: readonly string[]
  /** The folder of nginx's own cache of a bucket. */
  readonly cacheFolder: string
}

/** What differs between a folder, a bucket, and a place that only `serve` may read. */
export interface NginxShape {
  readonly maps: readonly string[]
  readonly blocks: readonly string[]
  /** How a result is looked up; misses go to `@imgsizes_serve` or `@imgsizes_serve_auto`. */
  readonly picture: readonly string[]
  /** Undefined: as for any other key. */
  readonly auto?: readonly string[]
  readonly serveLocations: readonly string[]
}

/** Asks the bucket first, and keeps what it gives. */
export const bucketShape = (
  site: EdgeSite,
  { origin, path }: Extract<EdgeStore, { kind: 'bucket' }>,
  { resolvers, cacheFolder }: NginxBucketOptions,
): NginxShape => {
  const seconds = sharedCacheSeconds(site.cacheControl)
  const rawMount = escapePattern(site.mount)
  const cache = (key: string): readonly string[] =>
    seconds === 0
      ? ['proxy_cache off;']
      : ['proxy_cache imgsizes;', `proxy_cache_key ${key};`, ...cacheRules(seconds)]
  const isSteady = isSteadyHost(origin)
  const bucket = isSteady ? 'imgsizes_bucket' : '$imgsizes_bucket'
  const lookUp = (object: string): readonly string[] =>
    toLines(
      `proxy_pass ${origin.protocol}//${bucket}${object};`,
      BUCKET_REQUEST,
      `proxy_set_header Host ${nginxText(origin.host)};`,
      origin.protocol === 'https:' && [...TLS, `proxy_ssl_name ${nginxText(origin.hostname)};`],
      !isSteady && `resolver ${resolvers.join(' ')} valid=30s;`,
      HIDDEN.map((name) => `proxy_hide_header ${name};`),
      hideCors(site),
      cache(`"imgsizes ${object}"`),
    )
  const refusals = [
    // A 404 here would look like one of the bucket, and be passed on to `serve`.
    'if ($imgsizes_misspelt) { return 421; }',
    `error_page 421 = ${sharesMount(site) ? '@imgsizes_foreign' : '@imgsizes_not_found'};`,
    'if ($request_method !~ "^(?:GET|HEAD)$") { return 405; }',
    'error_page 405 = @imgsizes_not_allowed;',
    'error_page 301 302 307 308 500 501 502 503 504 = @imgsizes_unavailable;',
  ]
  return {
    maps: toLines(
      formatMaps(site),
      formatCorsMap(site),
      '# Where the bucket has it.',
      block('map $request_uri $imgsizes_object', [
        'default "";',
        `${nginxPattern('~', `^${rawMount}(?<imgsizes_raw_key>[^?]+)`)} ${withVariable(path, '$imgsizes_raw_key')};`,
      ]),
      block('map $request_uri $imgsizes_object_stem', [
        'default "";',
        `${nginxPattern('~', `^${rawMount}(?<imgsizes_raw_stem>[^?]+)\\.auto(?:\\?|$)`)} ${withVariable(path, '$imgsizes_raw_stem')};`,
      ]),
      !isSteady && `map "" $imgsizes_bucket { default ${nginxText(hostAndPort(origin))}; }`,
    ),
    blocks: toLines(
      isSteady && [
        '',
        ...block('upstream imgsizes_bucket', [`server ${hostAndPort(origin)};`, 'keepalive 32;']),
      ],
      seconds > 0 && [
        '',
        `proxy_cache_path ${nginxText(cacheFolder)} levels=1:2 keys_zone=imgsizes:32m max_size=10g inactive=30d use_temp_path=off;`,
      ],
    ),
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
      ...block('location @imgsizes_serve', [
        formatServeProxy(site),
        hideCors(site),
        'proxy_hide_header X-Content-Type-Options;',
        site.vectors === 'keep' && 'proxy_hide_header Content-Security-Policy;',
        cache('"imgsizes $imgsizes_object"'),
        formatBrowserHeaders(site),
      ]),
      '',
      '# The answer depends on Accept: not kept here.',
      ...block('location @imgsizes_serve_auto', formatServeProxy(site)),
      '',
      'location @imgsizes_not_found { internal; return 404; }',
    ],
  }
}

/** A name whose address does not change while nginx runs; those of large stores do change. */
const isSteadyHost = ({ hostname }: URL): boolean =>
  !hostname.includes('.') || /^[0-9.]+$/.test(hostname) || hostname.startsWith('[')

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
