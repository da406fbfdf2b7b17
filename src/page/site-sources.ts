import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { parseUrlPath } from '../url/path.ts'
import { findByUrl, type Origins } from './find-source.ts'

/** A place of originals that pages may name by its path. */
export interface NamedFolder {
  /** Its path, "/" between segments: `/home/me/site/public/photos`. */
  readonly path: string
  /** What its source keys begin with: "" or its name and "/". */
  readonly prefix: string
}

/** How the addresses on a site's pages are read. */
export interface SiteSources {
  /**
   * The sources that a `src` may mean, the likeliest first: it depends on what is there which one it does.
   * `page` is the page's own path below the site's root, `base` the `href` of its `<base>`.
   */
  candidates(src: string, page: string, base?: string): readonly Candidate[]
}

export interface Candidate {
  readonly source: SourceKey
  /** Where the file is below the site's root, if it was published with it; undefined for another host. */
  readonly sitePath?: string
}

/** The host of the site while addresses are read. */
const SITE = 'http://site.invalid'

/**
 * Pages name originals by URLs under one of `origins`, or by where a folder of originals is published: as a path
 * that begins with the last segments of the folder's own. `/photos/cat.jpg` is `cat.jpg` of `/site/public/photos`
 * and `photos/cat.jpg` of `/site/public`.
 */
export const createSiteSources = ({
  origins,
  folders,
}: {
  readonly origins: Origins
  readonly folders: readonly NamedFolder[]
}): SiteSources => ({
  candidates: (src, page, base) => {
    const url = resolveUrl(src, page, base)
    if (url === undefined) return []
    const named = findByUrl(url.origin === SITE ? url.pathname : url.href, origins)
    if (url.origin !== SITE) return named === undefined ? [] : [{ source: named }]
    const sitePath = parseUrlPath(url.pathname, '/')
    if (sitePath === undefined) return []
    const published = folders.flatMap((folder) => listPublished(folder, sitePath))
    return [...(named === undefined ? [] : [named]), ...published].map((source) => ({ source, sitePath }))
  },
})

const resolveUrl = (src: string, page: string, base: string | undefined): URL | undefined => {
  try {
    const own = new URL(page.split('/').map(encodeURIComponent).join('/'), `${SITE}/`)
    const url = new URL(src, base === undefined ? own : new URL(base, own))
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
  } catch {
    return undefined // a TypeError is the only thing it throws: no URL
  }
}

/** The longest part of the folder's path first: it is the least likely to fit by chance. */
const listPublished = ({ path, prefix }: NamedFolder, sitePath: string): readonly SourceKey[] => {
  const segments = path.split('/').filter((segment) => segment !== '')
  const keys: SourceKey[] = []
  for (let first = 0; first <= segments.length; first++) {
    const begin = segments
      .slice(first)
      .map((segment) => `${segment}/`)
      .join('')
    const key = sitePath.startsWith(begin) ? parseSourceKey(prefix + sitePath.slice(begin.length)) : undefined
    if (key !== undefined) keys.push(key)
  }
  return keys
}
