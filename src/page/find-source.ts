import { Problem } from '../core/problem.ts'
import { parseSourceKey, type SourceKey, whyNotSourceKey } from '../core/source-key.ts'
import { parseUrlPath } from '../url/path.ts'

/**
 * The URLs of originals: what a URL begins with (`https://host/path/` or `/path/`), and what the
 * source key then begins with: "" or the name of a source with "/".
 */
export type Origins = Readonly<Record<string, string>>

/** The source that a path relative to its root, or a URL below one of `origins`, names. See `Catalogue.toSource`. */
export const toSource = (text: string, origins: Origins): SourceKey => {
  if (/^(?:https?:)?\/\//i.test(text)) return findByUrl(text, origins) ?? refuseUrl(text, origins)
  const key = parseSourceKey(text)
  if (key !== undefined) return key
  const found = text.startsWith('/') ? findByUrl(text, origins) : undefined
  if (found !== undefined) return found
  throw new Problem(
    'source-invalid',
    `${JSON.stringify(text)} cannot be a source: it ${whyNotSourceKey(text)}.`,
    { subject: text, hint: 'Give the path of the original relative to its source, such as animals/cat.jpg.' },
  )
}

/** The source that a URL below one of `origins` names, the longest that fits; query and fragment are ignored. */
export const findByUrl = (text: string, origins: Origins): SourceKey | undefined => {
  const url = readUrl(text)
  if (url === undefined) return undefined
  const fitting = Object.keys(origins)
    .filter((origin) => begins(url, origin))
    .sort((a, b) => b.length - a.length)
  for (const origin of fitting) {
    const rest = parseUrlPath(url.pathname, readUrl(origin)?.pathname ?? '/')
    const key = rest === undefined ? undefined : parseSourceKey(`${origins[origin]}${rest}`)
    if (key !== undefined) return key
  }
  return undefined
}

/** A host for paths while they are parsed as URLs. */
const NOWHERE = 'http://path.invalid'

const readUrl = (text: string): URL | undefined =>
  URL.canParse(text, NOWHERE) ? new URL(text, NOWHERE) : undefined

/** An origin that is only a path fits every host: pages name their own pictures with and without it. */
const begins = (url: URL, origin: string): boolean => {
  const wanted = readUrl(origin)
  if (wanted === undefined || !url.pathname.startsWith(wanted.pathname)) return false
  return url.origin === NOWHERE || url.host === wanted.host
}

const refuseUrl = (text: string, origins: Origins): never => {
  const known = Object.keys(origins).join(', ')
  throw new Problem(
    'source-url-unknown',
    `${text} is not below a known origin: ${known || 'there is none'}.`,
    {
      subject: text,
      hint: "Give origins: { 'https://host/path/': '' }, the URLs under which the originals are known.",
    },
  )
}
