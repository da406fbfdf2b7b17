import type { Faults } from './faults.ts'
import { describeFound } from './found.ts'

/**
 * `baseUrl` of a configuration, escaped, ending in "/": an absolute http(s) URL, or only a path where pictures have the
 * site's own host. `serve` is mounted at its path in both cases.
 */
export const readBaseUrl = (input: unknown, faults: Faults): string | undefined => {
  if (typeof input === 'string') {
    const url = parseBaseUrl(input)
    if (url !== undefined) return url
  }
  faults.add({
    path: 'baseUrl',
    found: describeFound(input),
    allowed: 'https://host/path/ or /path/, without query, fragment and credentials',
  })
  return undefined
}

/** A host for paths while they are parsed as URLs. */
const NOWHERE = 'http://path.invalid'

const parseBaseUrl = (text: string): string | undefined => {
  const isPath = text.startsWith('/') && !text.startsWith('//')
  const whole = isPath ? `${NOWHERE}${text}` : text
  if (!(isPath || /^https?:\/\//i.test(text)) || !URL.canParse(whole)) return undefined
  if (/[?#\\]/.test(text) || !text.isWellFormed()) return undefined
  const { username, password, href, pathname } = new URL(whole)
  if (username !== '' || password !== '' || pathname.includes('//')) return undefined
  const base = href.endsWith('/') ? href : `${href}/`
  return isPath ? base.slice(NOWHERE.length) : base
}

/** The path of all URLs of a configuration, with "/" at both ends. */
export const mountOf = ({ baseUrl }: { readonly baseUrl: string }): string =>
  new URL(baseUrl, NOWHERE).pathname
