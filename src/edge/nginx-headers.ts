import { type EdgeSite, EXPOSED_FIELDS } from './edge-site.ts'
import { nginxText, toLines } from './nginx-text.ts'

/** Hides headers of the bucket that are set again below. */
export const hideCors = ({ cors, timingAllowOrigin }: EdgeSite): readonly string[] =>
  toLines(
    cors.length > 0 && 'proxy_hide_header Access-Control-Allow-Origin;',
    cors.length > 0 && 'proxy_hide_header Access-Control-Expose-Headers;',
    timingAllowOrigin.length > 0 && 'proxy_hide_header Timing-Allow-Origin;',
  )

/** The headers of every result for browsers, as `serve` sends them. */
export const formatBrowserHeaders = ({ cors, timingAllowOrigin, vectors }: EdgeSite): readonly string[] =>
  toLines(
    'add_header X-Content-Type-Options nosniff always;',
    vectors === 'keep' && 'add_header Content-Security-Policy $imgsizes_policy always;',
    cors.length > 0 &&
      `add_header Access-Control-Allow-Origin ${cors === '*' ? '*' : '$imgsizes_cors'} always;`,
    cors.length > 0 && `add_header Access-Control-Expose-Headers ${nginxText(EXPOSED_FIELDS)} always;`,
    cors !== '*' && cors.length > 0 && 'add_header Vary Origin always;',
    timingAllowOrigin.length > 0 &&
      `add_header Timing-Allow-Origin ${timingAllowOrigin === '*' ? '*' : nginxText(timingAllowOrigin.join(', '))} always;`,
  )

/** The headers of a result that was asked for by its own key. */
export const formatPictureHeaders = (site: EdgeSite): readonly string[] => [
  `add_header Cache-Control ${nginxText(site.cacheControl)};`,
  ...formatBrowserHeaders(site),
]

/** The headers of a result that was asked for by `.auto`. */
export const formatAutoHeaders = (site: EdgeSite): readonly string[] => [
  `add_header Cache-Control ${nginxText(site.autoCacheControl)};`,
  'add_header Vary Accept;',
  ...formatBrowserHeaders(site),
]
