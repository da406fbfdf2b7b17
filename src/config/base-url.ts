import { Problem } from '../core/problem.ts'
import { describeFound, type Faults } from './faults.ts'

/**
 * `baseUrl` of a configuration, escaped, ending in "/": an absolute http(s) URL, or only a path where pictures have the
 * site's own host. `serve` is mounted at its path in both cases.
 */
export const readBaseUrl = (input: unknown, faults: Faults): string | undefined => {
  const url = typeof input === 'string' ? parseBaseUrl(input) : undefined
  const allowed = 'https://host/path/ or /path/, without query, fragment and credentials'
  return url ?? faults.add('baseUrl', describeFound(input), allowed)
}

/** A host for paths while they are parsed as URLs. */
const NOWHERE = 'http://path.invalid'

const parseBaseUrl = (text: string): string | undefined => {
  const isPath = text.startsWith('/') && !text.startsWith('//')
  const whole = isPath ? `${NOWHERE}${text}` : text
  if (!(isPath || /^https?:\/\//i.test(text)) || !URL.canParse(whole)) return undefined
  if (/[?#\\]/.test(text) || !text.isWellFormed()) return undefined
  const { username, password, href, hostname, pathname } = new URL(whole)
  if (hostname === 'undefined' || username !== '' || password !== '' || pathname.includes('//'))
    return undefined
  const base = href.endsWith('/') ? href : `${href}/`
  return isPath ? base.slice(NOWHERE.length) : base
}

/** A path such as `/img` with "/" at both ends; undefined where the text is no such path. */
export const parseMount = (text: string): string | undefined => {
  if (!/^\/(?:[^/?#\s]+\/)*[^/?#\s]*$/.test(text)) return undefined
  return text.endsWith('/') ? text : `${text}/`
}

/** The path above all keys, with "/" at both ends: `mount`, else that of `baseUrl`. Problem `config-invalid`. */
export const mountOf = ({ baseUrl }: { readonly baseUrl: string }, mount?: string): string => {
  if (mount === undefined) return new URL(baseUrl, NOWHERE).pathname
  const path = parseMount(mount)
  if (path !== undefined) return path
  throw new Problem('config-invalid', `The mount is ${JSON.stringify(mount)}; allowed: a path such as /img/.`)
}
