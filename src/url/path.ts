import { decodePercent } from '../core/percent.ts'

/**
 * The key in a URL's raw path below `mount` ("/" or "/img/"), percent-decoded once. Undefined where it has none:
 * outside the mount, `%2F`, `%00`, bytes that are not UTF-8, a broken escape, an empty segment.
 */
export const parseUrlPath = (rawPath: string, mount: string): string | undefined => {
  if (!rawPath.startsWith(mount)) return undefined
  const encoded = rawPath.slice(mount.length)
  if (FORBIDDEN_ESCAPE.test(encoded)) return undefined
  const text = decodePercent(encoded)
  return text === undefined || text.split('/').includes('') ? undefined : text
}

/** The URL of a key: every byte outside `A-Z a-z 0-9 - . _ ~` and "/" as `%XX`. `baseUrl` ends in "/". */
export const formatUrl = (baseUrl: string, key: string): string => baseUrl + encodePath(key)

/** A key as the path of a URL. */
export const encodePath = (key: string): string =>
  // encodeURIComponent leaves these five as they are, but the contract encodes them.
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const FORBIDDEN_ESCAPE = /%2f|%00/i

/** A request target in origin or absolute form, not decoded; a fragment belongs to neither part. */
export interface RequestTarget {
  readonly path: string
  /** Without "?"; "" where there is none. */
  readonly query: string
  /** A request that came by HTTP has no fragment (RFC 9112, 3.2). */
  readonly hasFragment: boolean
}

/** Splits a target; scheme and host are ignored. Never fails. */
export const parseTarget = (target: string): RequestTarget => {
  const path = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  const end = path.search(/[?#]/)
  return {
    path: end === -1 ? path : path.slice(0, end),
    query: /^[^?#]*\?([^#]*)/.exec(target)?.[1] ?? '',
    hasFragment: target.includes('#'),
  }
}
