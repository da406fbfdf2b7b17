import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { parseUrlPath } from './path.ts'

/** A configured source as other servers' URLs name it. */
export interface SourceRoot {
  /** `local:///`, `s3://bucket/prefix/` or `https://host/path/`: all that may be fetched. */
  readonly uri: string
  /** What the keys of its originals begin with: "" or the name of the source with "/". */
  readonly keyPrefix: string
}

/** The original that a URL names; the longest root that fits is its source, and none is a refusal. */
export const findSource = (url: string, roots: readonly SourceRoot[]): SourceKey | undefined => {
  const fitting = [...roots].sort((a, b) => b.uri.length - a.uri.length)
  for (const root of fitting) {
    const path = url.startsWith('https://') ? readHttps(url, root) : readPlain(url, root)
    const key = path === undefined ? undefined : parseSourceKey(root.keyPrefix + path)
    if (key !== undefined) return key
  }
  return undefined
}

/** A query would be part of what is fetched, and no key can say it: a version of S3's, or anything else. */
const readPlain = (url: string, { uri }: SourceRoot): string | undefined =>
  url.startsWith(uri) && !url.includes('?') ? url.slice(uri.length) : undefined

const readHttps = (url: string, { uri }: SourceRoot): string | undefined => {
  // A URL resolves dots and lower-cases the host; what is left is what would be fetched.
  const read = URL.canParse(url) ? new URL(url) : undefined
  if (read === undefined || read.search !== '' || read.hash !== '' || read.username !== '') return undefined
  if (read.password !== '' || !read.href.startsWith(uri)) return undefined
  return parseUrlPath(read.pathname, new URL(uri).pathname)
}
