import type { ExpiringLinks } from '../../url/expiring-link.ts'
import { parseUrlPath } from '../../url/path.ts'
import type { RequestTarget } from '../../url/target.ts'
import type { ForeignKey, ResolveForeign } from './foreign.ts'
import type { AskedKey } from './name-key.ts'
import { type Refused, refuse } from './refusal.ts'

export interface RequestRules {
  /** Where URLs of other image servers are answered too. */
  readonly resolveForeign?: ResolveForeign
  /** Where every URL needs a token that ends. */
  readonly expiring?: ExpiringLinks
  /** Path that our own keys lie under, "/" at both ends. */
  readonly mount: string
}

/** A request's URL, and what of its header decides what it names. */
export interface UrlRequest extends RequestTarget {
  readonly accept?: string
  /** Seconds since 1970. */
  readonly now: number
}

/** The key that a URL spells or means; nobody has looked at a native key's signature yet. */
export interface RequestedKey extends Omit<AskedKey, 'accept'> {
  readonly kind: 'key'
  /** When the link ends, in seconds since 1970, where links do. */
  readonly expires?: number
}

/** No key. `expires` as of one. */
export type RefusedUrl = Refused & { readonly expires?: number }

const toForeign = ({ isNegotiated, alias }: ForeignKey): NonNullable<AskedKey['foreign']> => ({
  isNegotiated,
  ...(alias !== undefined && { alias }),
})

/** What a URL asks for, native or foreign; costs no I/O. */
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
 * Links are over keys of ours. That comes first, so that no status tells whether the signature of another server's
 * URL, which is answered nowhere on such a site, would hold.
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
