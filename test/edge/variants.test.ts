import { expect, it } from 'vitest'
import { formatCaddy } from '../../src/edge/caddy.ts'
import type { EdgeSite } from '../../src/edge/edge-site.ts'
import { formatNginx } from '../../src/edge/nginx.ts'
import { SITE } from './support.ts'

/** What a setting changes of what is printed. The servers themselves run with other settings (`e2e/origin`). */

const FOLDER: EdgeSite = { ...SITE, store: { kind: 'folder', path: '/srv/out' } }
const PRINTERS = {
  nginx: (site: EdgeSite) =>
    formatNginx(site, { listen: '80', resolvers: ['127.0.0.53', '[::1]'], cacheFolder: '/var/cache/x' }),
  caddy: (site: EdgeSite) => formatCaddy(site, { address: undefined }),
}

/** Lines, cut at 60 characters, that stand there oftener or less often than without the change, and by how much. */
const changesOf = (server: keyof typeof PRINTERS, site: EdgeSite, change: Partial<EdgeSite>): string => {
  const counts = new Map<string, number>()
  const count = (each: EdgeSite, step: number): void => {
    for (const line of PRINTERS[server](each).split('\n'))
      counts.set(line.trim(), (counts.get(line.trim()) ?? 0) + step)
  }
  count(site, -1)
  count({ ...site, ...change }, 1)
  return [...counts]
    .filter(([line, times]) => times !== 0 && !/^(?:[{}]?|#.*)$/.test(line))
    .map(([line, times]) => `${times} ${line.slice(0, 60)}`)
    .join('\n')
}

it.each([
  [
    'nginx',
    FOLDER,
    { cors: '*' },
    `2 add_header Access-Control-Allow-Origin * always;
2 add_header Access-Control-Expose-Headers "Content-Range, ETa`,
  ],
  [
    'nginx',
    SITE,
    { cors: '*' },
    `3 proxy_hide_header Access-Control-Allow-Origin;
3 proxy_hide_header Access-Control-Expose-Headers;
3 add_header Access-Control-Allow-Origin * always;
3 add_header Access-Control-Expose-Headers "Content-Range, ETa`,
  ],
  [
    'caddy',
    SITE,
    { cors: '*' },
    `2 defer
2 header * {
2 Access-Control-Allow-Origin \`*\`
2 Access-Control-Expose-Headers \`Content-Range, ETag, Content-
2 header_down -Access-Control-*`,
  ],
  [
    'nginx',
    SITE,
    { timingAllowOrigin: '*' },
    `3 proxy_hide_header Timing-Allow-Origin;
3 add_header Timing-Allow-Origin * always;`,
  ],
  ['caddy', SITE, { timingAllowOrigin: '*' }, '2 header_down Timing-Allow-Origin `*`'],
  [
    'nginx',
    SITE,
    { vectors: 'draw' },
    `-1 "~*\\\\.svgz?/full\\\\.q[0-9]{1,3}(?:\\\\.v-[0-9a-f]{10})?\\\\.[A-Za
-1 "~^svg:" svg;
-1 map $uri $imgsizes_policy {
-1 default "";
-1 "~*\\\\.svgz?/full\\\\.q[0-9]{1,3}(?:\\\\.v-[0-9a-f]{10})?\\\\.[A-Za
-3 add_header Content-Security-Policy $imgsizes_policy always;
-1 proxy_hide_header Content-Security-Policy;`,
  ],
  [
    'caddy',
    FOLDER,
    { vectors: 'draw' },
    `-1 \`~(?i)\\.svgz?/full\\.q[0-9]{1,3}(?:\\.v-[0-9a-f]{10})?\\.[A-Za-
-1 \`~^svg:\` svg
-2 @vector path_regexp \`(?i)\\.svgz?/full\\.q[0-9]{1,3}(?:\\.v-[0-
-2 header @vector {
-2 Content-Security-Policy \`default-src 'none'; style-src 'unsa
-2 defer`,
  ],
  [
    'nginx',
    SITE,
    { cacheControl: 'no-store' },
    `-1 proxy_cache_path "/var/cache/x" levels=1:2 keys_zone=imgsize
-3 proxy_cache imgsizes;
-2 proxy_cache_key "imgsizes $imgsizes_object";
-3 proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X
-3 proxy_cache_valid 200 86400s;
-3 proxy_cache_lock on;
-3 proxy_cache_revalidate on;
-3 proxy_cache_background_update on;
-3 proxy_cache_use_stale error timeout updating http_500 http_5
-3 proxy_force_ranges on;
-1 proxy_cache_key "imgsizes $imgsizes_object_stem.$imgsizes_fo
3 proxy_cache off;`,
  ],
  ['nginx', SITE, { host: undefined }, '-1 server_name "img.example.com";'],
  ['caddy', SITE, { host: undefined }, '-1 img.example.com {\n1 :80 {'],
] as const)('%s, %o with %o', (server, site, change, lines) => {
  expect(changesOf(server, site, change as Partial<EdgeSite>)).toBe(lines)
})

it('nginx looks up the address of a large store anew, and keeps connections to any other', () => {
  const ofBucket = (url: string): string =>
    PRINTERS.nginx({ ...SITE, store: { kind: 'bucket', origin: new URL(url), path: '/b/' } })
  expect(PRINTERS.nginx(SITE)).toContain('resolver 127.0.0.53 [::1] valid=30s;')
  for (const [url, server] of [
    ['http://minio:9000', 'minio:9000'],
    ['https://10.0.0.1', '10.0.0.1:443'],
    ['http://[::1]', '[::1]:80'],
  ] as const) {
    expect(ofBucket(url)).toMatch(`upstream imgsizes_bucket {\n    server ${server};\n    keepalive 32;`)
    expect(ofBucket(url)).not.toContain('resolver')
  }
})

it('only a prefix is taken away that is there', () => {
  expect(PRINTERS.caddy(FOLDER)).toContain('uri strip_prefix `/img`')
  expect(PRINTERS.caddy({ ...FOLDER, mount: '/' })).not.toContain('strip_prefix')
  expect(PRINTERS.nginx(FOLDER)).toContain('location / { return 404; }')
  expect(PRINTERS.nginx({ ...FOLDER, foreign: ['/'] })).not.toContain('location / {')
})
