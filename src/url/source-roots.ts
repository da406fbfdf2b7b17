import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { parseUrlPath } from './path.ts'

/** A configured source, as URLs of other servers name it. */
export interface SourceRoot {
  /** `local:///`, `s3://bucket/prefix/` or `https://host/path/`; only URLs below it are read. */
  readonly uri: string
  /** What the keys of its originals begin with: "" or the name of the source and "/". */
  readonly keyPrefix: string
}

/** The original that a URL names. Its source is the longest root that fits; undefined where none fits. */
export const findSource = (url: string, roots: readonly SourceRoot[]): SourceKey | undefined => {
  const fitting = [...roots].sort((a, b) => b.uri.length - a.uri.length)
  for (const root of fitting) {
    const path = url.startsWith('https://') ? readHttps(url, root) : readPlain(url, root)
    const key = path === undefined ? undefined : parseSourceKey(root.keyPrefix + path)
    if (key !== undefined) return key
  }
  return undefined
}

/** A query would change what is fetched (an S3 version, for example), and no key can express it. */
const readPlain = (url: string, { uri }: SourceRoot): string | undefined =>
  url.startsWith(uri) && !url.includes('?') ? url.slice(uri.length) : undefined

const readHttps = (url: string, { uri }: SourceRoot): string | undefined => {
  // Parsing resolves dots and lower-cases the host: only a URL that stays the same means what it says.
  const read = URL.canParse(url) ? new URL(url) : undefined
  if (!read?.href.startsWith(uri) || read.search !== '' || read.hash !== '') return undefined
  return parseUrlPath(read.pathname, new URL(uri).pathname)
}
