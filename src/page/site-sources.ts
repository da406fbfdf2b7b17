import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { parseUrlPath } from '../url/path.ts'
import { findByUrl, type Origins } from './find-source.ts'
import type { PageAddress } from './read-page.ts'

/** A folder of originals that pages may name by its path. */
export interface NamedFolder {
  /** Its path, with "/" between segments: `/home/me/site/public/photos`. */
  readonly path: string
  /** What its source keys begin with: "" or its name and "/". */
  readonly prefix: string
}

/** How the addresses on a site's pages are read. */
export type SiteSources = ReturnType<typeof createSiteSources>

/** Where relative addresses of a page begin. */
export interface PagePlace extends PageAddress {
  /** Its path below the site's root. */
  readonly path: string
  /** The folder of the file that the page was made from, for pictures beside it: `/home/me/site/pages/posts`. */
  readonly folder?: string
}

/** A source that an address may mean. */
export interface SourceCandidate {
  readonly source: SourceKey
  /** The path of the file below the site's root, if it was published with it; undefined for another host. */
  readonly sitePath?: string
}

/** A host for the site while addresses are parsed. */
const SITE = 'http://site.invalid'

/**
 * Pages name originals by URLs below one of `origins`, or by the place where a folder of originals is published: by a
 * path that begins with the last segments of the folder's own. `/photos/cat.jpg` is `cat.jpg` in `/site/public/photos`,
 * and `photos/cat.jpg` in `/site/public`. `pathPrefix`: the path of the site on its host, with "/" at both ends.
 */
export const createSiteSources = (origins: Origins, folders: readonly NamedFolder[], pathPrefix = '/') => ({
  /**
   * The sources that an address may mean, the most likely first; which one it is depends on what exists. Empty
   * where the address belongs neither to this site nor to an origin.
   */
  candidates: (address: string, page: PagePlace): readonly SourceCandidate[] => {
    const url = resolveUrl(address, page, pathPrefix)
    if (url === undefined) return []
    if (url.origin !== SITE) {
      const named = findByUrl(url.href, origins)
      return named === undefined ? [] : listForms({ source: named })
    }
    const beside = listBeside(address, page, folders).map((source) => ({ source }))
    const onSite = listPaths(url.pathname, pathPrefix).flatMap((path): readonly SourceCandidate[] => {
      const named = findByUrl(path, origins)
      const sitePath = parseUrlPath(path, '/')
      if (sitePath === undefined) return []
      const published = folders.flatMap((folder) => listPublished(folder, sitePath))
      return [...(named === undefined ? [] : [named]), ...published].map((source) => ({ source, sitePath }))
    })
    return [...beside, ...onSite].flatMap(listForms)
  },
  /** The path below the site's root that an address names; undefined where it is not of this site. */
  pathOf: (address: string, page: PagePlace): string | undefined => {
    const url = resolveUrl(address, page, pathPrefix)
    const [path] = url?.origin === SITE ? listPaths(url.pathname, pathPrefix) : []
    return path === undefined ? undefined : (parseUrlPath(path, '/') ?? '')
  },
})

const resolveUrl = (
  address: string,
  { path, base, canonical }: PagePlace,
  pathPrefix: string,
): URL | undefined => {
  try {
    const own = new URL(path.split('/').map(encodeURIComponent).join('/'), `${SITE}/`)
    const url = new URL(address, base === undefined ? own : new URL(base, own))
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
    return isOwnHost(url, own.pathname, canonical, pathPrefix) ? new URL(SITE + url.pathname) : url
  } catch {
    return undefined // it only throws TypeError: not a URL
  }
}

/**
 * Whether a URL is on the site's own host, which a page tells that says its whole address. Where the path in it is not
 * the page's own, it may be that of a page of another site that this one is a copy of.
 */
const isOwnHost = (
  { host }: URL,
  path: string,
  canonical: string | undefined,
  pathPrefix: string,
): boolean => {
  const said = canonical !== undefined && URL.canParse(canonical, SITE) ? new URL(canonical, SITE) : undefined
  if (said?.host !== host) return false
  return listPaths(said.pathname, pathPrefix).some((each) => toBarePath(each) === toBarePath(path))
}

/** A path without what servers add or leave out at its end. */
const toBarePath = (path: string): string =>
  path
    .replace(/(?:^|\/)index\.x?html?$/i, '/')
    .replace(/\.x?html?$/i, '')
    .replace(/(?<!\/)\/+$/, '')

/** A path below the site's root: pages may include the path of the site on its host, or leave that to the server. */
const listPaths = (path: string, pathPrefix: string): readonly string[] =>
  pathPrefix !== '/' && path.startsWith(pathPrefix) ? [path.slice(pathPrefix.length - 1), path] : [path]

/** What a relative address means beside the file that the page was made from. */
const listBeside = (
  address: string,
  { folder }: PagePlace,
  folders: readonly NamedFolder[],
): readonly SourceKey[] => {
  if (folder === undefined || /^(?:\/|[a-z][a-z0-9+.-]*:)/i.test(address)) return []
  const file = parseUrlPath(
    new URL(address, new URL(`${folder.split('/').map(encodeURIComponent).join('/')}/`, SITE)).pathname,
    '/',
  )
  return folders.flatMap(({ path, prefix }) => {
    const isInside = file !== undefined && `/${file}`.startsWith(`${path}/`)
    return isInside ? (parseSourceKey(prefix + file.slice(path.length)) ?? []) : []
  })
}

/** A name as written, composed and decomposed: disks and editors differ in which form they keep. */
const listForms = (candidate: SourceCandidate): readonly SourceCandidate[] => {
  const { source } = candidate
  const forms = new Set([source, source.normalize('NFC'), source.normalize('NFD')])
  return [...forms].flatMap((form) => {
    const key = parseSourceKey(form)
    return key === undefined ? [] : [{ ...candidate, source: key }]
  })
}

/** The longest part of the folder's path first: it is least likely to match by chance. */
const listPublished = ({ path, prefix }: NamedFolder, sitePath: string): readonly SourceKey[] => {
  const segments = path.split('/').filter((segment) => segment !== '')
  const begins = segments.map((_, first) => `${segments.slice(first).join('/')}/`)
  return [...begins, ''].flatMap((begin) =>
    sitePath.startsWith(begin) ? (parseSourceKey(prefix + sitePath.slice(begin.length)) ?? []) : [],
  )
}
