import type { ExpiringLinks } from '../../url/expiring-link.ts'
import { parseUrlPath } from '../../url/path.ts'
import type { RequestTarget } from '../../url/target.ts'
import type { ForeignKey, ResolveForeign } from './foreign.ts'
import type { AskedKey } from './name-key.ts'
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
export interface UrlRequest extends RequestTarget {
  readonly accept?: string
  /** Seconds since 1970. */
  readonly now: number
}

/** The key that a URL means. The signature of a native key is not checked yet. */
export interface RequestedKey extends Omit<AskedKey, 'accept'> {
  readonly kind: 'key'
  /** When the link expires, in seconds since 1970; undefined where links do not expire. */
  readonly expires?: number
}

/** The URL means no key. `expires`: as in `RequestedKey`. */
export type RefusedUrl = Refused & { readonly expires?: number }

const toForeign = ({ isNegotiated, alias }: ForeignKey): NonNullable<AskedKey['foreign']> => ({
  isNegotiated,
  ...(alias !== undefined && { alias }),
})

/** What a URL, native or foreign, asks for; costs no I/O. */
export const readRequest = (
  request: UrlRequest,
  { resolveForeign, expiring, mount }: RequestRules,
): RequestedKey | RefusedUrl => {
  if (expiring !== undefined) return readLink(request, expiring, mount)
  const { path, query, now, accept } = request
  const foreign = resolveForeign?.({ rawPath: path, query, now, ...(accept !== undefined && { accept }) })
  if (foreign?.kind === 'refused') return foreign
  const keyText = foreign?.key ?? parseUrlPath(path, mount)
  if (keyText === undefined) return refuse('no-key', 'not-a-key')
  return {
    kind: 'key',
    keyText,
    ...(foreign && { foreign: toForeign(foreign) }),
    ...(foreign?.expires !== undefined && { expires: foreign.expires }),
  }
}

/**
 * Links are made over keys of ours. They are checked first: a site with links answers no URL of another server, and no
 * status may tell whether the signature of such a URL is valid.
 */
const readLink = (
  { path, query, now }: UrlRequest,
  expiring: ExpiringLinks,
  mount: string,
): RequestedKey | Refused => {
  const keyText = parseUrlPath(path, mount)
  const expires = keyText === undefined ? undefined : expiring.check({ keyText, query, now })
  if (keyText === undefined || expires === undefined) return refuse('forbidden', 'link-invalid')
  return { kind: 'key', keyText, expires }
}
