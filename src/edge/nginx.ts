import { contentTypeOf, FORMATS } from '../core/format.ts'
import { unreachable } from '../core/unreachable.ts'
import { CLOSED_NOTE, type EdgeSite, type EdgeStore, hostAndPort, sharesMount } from './edge-site.ts'
import { bucketShape, type NginxBucketOptions, type NginxShape } from './nginx-bucket.ts'
import { formatAutoHeaders, formatPictureHeaders } from './nginx-headers.ts'
import { formatCorsMap, formatMaps, MISSPELT_MAP } from './nginx-maps.ts'
import {
  formatElsewhere,
  formatForeign,
  formatNotAllowed,
  formatOpenProxy,
  formatServeProxy,
  UNAVAILABLE,
} from './nginx-serve.ts'
import { block, escapePattern, nginxText, quote, toLines } from './nginx-text.ts'

interface NginxOptions extends NginxBucketOptions {
  readonly listen: string
}

/** Lines for nginx's `http` block: they ask the folder or bucket first, then `serve`. */
export const formatNginx = (site: EdgeSite, options: NginxOptions): string => {
  const shape = toShape(site, options)
  return toLines(
    formatHead(site),
    '',
    shape.maps,
    '',
    block('upstream imgsizes_serve', [`server ${hostAndPort(site.serve)};`, 'keepalive 32;']),
    shape.blocks,
    '',
    block('server', [
      `listen ${options.listen};`,
      site.host !== undefined && `server_name ${nginxText(site.host)};`,
      'server_tokens off;',
      'merge_slashes off;',
      'recursive_error_pages on;',
      '',
      formatPictureLocations(site, shape),
      '',
      formatForeign(site),
      shape.serveLocations.length > 0 && [...shape.serveLocations, ''],
      formatElsewhere(site),
      formatNotAllowed(site),
      '',
      UNAVAILABLE,
    ]),
    '',
  ).join('\n')
}

const toShape = (site: EdgeSite, options: NginxOptions): NginxShape => {
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
  store.kind === 'bucket'
    ? '# The bucket must let nginx read objects (s3:GetObject); it need not let it list: 403 counts as missing.'
    : "# ETags of files are nginx's own: a browser that had the first answer from serve asks once more, not for ever.",
]

const formatPictureLocations = (site: EdgeSite, shape: NginxShape): readonly string[] => {
  const { mount } = site
  const base = escapePattern(decodeURIComponent(mount))
  const { picture, auto } = shape
  const endings = [...FORMATS, ...(auto === undefined ? ['auto'] : [])].join('|')
  return block(`location ^~ ${nginxText(decodeURIComponent(mount))}`, [
    `location ~* ${quote(`^${base}/*\\.imgsizes(?:/|$)`)} { return 404; }`,
    '',
    block(`location ~ ${quote(`^${base}(?<imgsizes_key>.+\\.(?:${endings}))$`)}`, picture),
    '',
    auto && [...block(`location ~ ${quote(`^${base}(?<imgsizes_stem>.+)\\.auto$`)}`, auto), ''],
    sharesMount(site)
      ? ["# No key of ours: another image server's URL, or none.", ...formatOpenProxy(site)]
      : ['# Nothing else under here is a key.', 'return 404;'],
  ])
}

/** Such a spelling is no key of ours; but a URL of another image server may contain a whole URL. */
const refuseMisspelt = (site: EdgeSite): readonly string[] =>
  sharesMount(site)
    ? ['error_page 421 = @imgsizes_foreign;', 'if ($imgsizes_misspelt) { return 421; }']
    : ['if ($imgsizes_misspelt) { return 404; }']

const folderShape = (site: EdgeSite, path: string): NginxShape => {
  const lookUp = (headers: readonly string[], file: string): readonly string[] => [
    ...refuseMisspelt(site),
    'error_page 405 = @imgsizes_not_allowed;',
    `root ${nginxText(path)};`,
    `types { ${FORMATS.map((format) => `${contentTypeOf(format)} ${format};`).join(' ')} }`,
    ...headers,
    `try_files ${file} @imgsizes_serve;`,
  ]
  return {
    maps: [...formatMaps(site), ...formatCorsMap(site)],
    blocks: [],
    picture: lookUp(formatPictureHeaders(site), '/$imgsizes_key'),
    auto: lookUp(formatAutoHeaders(site), '/$imgsizes_stem.$imgsizes_format'),
    // The headers of `serve` stay: it sends the same ones.
    serveLocations: block('location @imgsizes_serve', formatServeProxy(site)),
  }
}

/** The answers of `serve` stay, with their caching: they are private, and live no longer than their link. */
const closedShape = (site: EdgeSite): NginxShape => {
  const proxy = [...refuseMisspelt(site), ...formatOpenProxy(site)]
  return { maps: MISSPELT_MAP, blocks: [], picture: proxy, serveLocations: [] }
}
