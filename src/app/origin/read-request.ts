import type { ExpiringLinks } from '../../url/expiring-link.ts'
import { claimKey } from '../../url/keyring.ts'
import { parseUrlPath, type RequestTarget } from '../../url/path.ts'
import type { ResolveForeign } from './foreign.ts'
import type { RequestedKey } from './name-key.ts'
import { type Refused, refuse } from './refusal.ts'

/** What decides which key a URL means. */
export interface RequestRules {
  /** Present where URLs of other image servers are answered too. */
  readonly resolveForeign?: ResolveForeign
  /** Present where every URL needs a token that expires. */
  readonly expiring?: ExpiringLinks
  /** The path above our own keys, with "/" at both ends. */
  readonly mount: string
}

/** The URL of a request, and the header fields that decide what the URL means. */
interface UrlRequest extends RequestTarget {
  readonly accept?: string
  /** Seconds since 1970. */
  readonly now: number
}

/** The URL means no key. `expires`: as in `RequestedKey`. */
type RefusedUrl = Refused & { readonly expires?: number }

const NOT_A_KEY = refuse('not-a-key')

/** What a URL, native or foreign, asks for; costs no I/O. A key of ours is never taken for a foreign URL. */
export const readRequest = (
  { path, query, now, accept }: UrlRequest,
  { resolveForeign, expiring, mount }: RequestRules,
): RequestedKey | RefusedUrl => {
  const keyText = parseUrlPath(path, mount)
  const claim = keyText === undefined ? undefined : claimKey(keyText)
  if (expiring !== undefined) {
    // Checked first: a site with links answers no URL of another server, and no status may tell whether the signature
    // of such a URL is valid.
    const expires = keyText === undefined ? undefined : expiring.check({ keyText, query, now })
    if (expires === undefined) return refuse('link-invalid')
    return claim === undefined ? { ...NOT_A_KEY, expires } : { kind: 'key', claim, expires }
  }
  if (claim !== undefined) return { kind: 'key', claim }
  const foreign = resolveForeign?.({ rawPath: path, query, now, ...(accept !== undefined && { accept }) })
  return foreign ?? NOT_A_KEY
}
