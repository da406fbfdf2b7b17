import { type EdgeSite, sharesMount, UNAVAILABLE_BODY } from './edge-site.ts'
import { block, nginxText } from './nginx-text.ts'

/** Directives that pass a request on to `serve`. */
export const formatServeProxy = (
  { serveTimeoutSeconds, serve }: EdgeSite,
  target: '$imgsizes_path' | '$request_uri' = '$imgsizes_path',
): readonly string[] => [
  `proxy_pass ${serve.protocol}//imgsizes_serve${target};`,
  'proxy_http_version 1.1;',
  'proxy_set_header Connection "";',
  'proxy_set_header Host $host;',
  'proxy_set_header X-Forwarded-For $remote_addr;',
  'proxy_pass_request_body off;',
  'proxy_set_header Content-Length "";',
  'proxy_connect_timeout 5s;',
  `proxy_read_timeout ${serveTimeoutSeconds}s;`,
  'proxy_redirect off;',
  '# Only where serve itself does not answer: what it answers stands.',
  'error_page 502 504 = @imgsizes_unavailable;',
]

/** Passes a request on unchanged, with its query, and caches nothing: the answer says who may cache it. */
export const formatOpenProxy = (site: EdgeSite): readonly string[] => [
  ...formatServeProxy(site, '$request_uri'),
  '# Even where the http block has a cache.',
  'proxy_cache off;',
  'proxy_store off;',
]

/** A location for each prefix of other image servers' URLs, except the one that is also that of our keys. */
export const formatForeign = (site: EdgeSite): readonly string[] => {
  const { foreign, mount } = site
  const places = foreign
    .filter((prefix) => prefix !== decodeURIComponent(mount))
    .map((prefix) => `location ^~ ${nginxText(prefix)}`)
  if (sharesMount(site)) places.push('location @imgsizes_foreign')
  return places.flatMap((place) => [...block(place, formatOpenProxy(site)), ''])
}

/** The location for methods other than GET and HEAD: `serve` decides what scripts may ask. */
export const formatNotAllowed = (site: EdgeSite): readonly string[] =>
  block('location @imgsizes_not_allowed', [
    'internal;',
    'if ($request_method != OPTIONS) { return 405; }',
    ...formatOpenProxy(site),
    'proxy_hide_header Allow;',
    'add_header Allow "GET, HEAD, OPTIONS" always;',
  ])

/** The location for all other paths: without it, nginx would serve files of its own. */
export const formatElsewhere = ({ mount, foreign }: EdgeSite): readonly string[] =>
  [mount, ...foreign].includes('/') ? [] : ['location / { return 404; }', '']

/** The location for requests that neither bucket nor `serve` answers. */
export const UNAVAILABLE = block('location @imgsizes_unavailable', [
  'internal;',
  'types { }',
  'default_type application/problem+json;',
  'add_header Cache-Control no-store always;',
  'add_header Retry-After 2 always;',
  'add_header X-Content-Type-Options nosniff always;',
  `return 502 '${UNAVAILABLE_BODY}';`,
])
