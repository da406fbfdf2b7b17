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
    query: /\?([^#]*)/.exec(target)?.[1] ?? '',
    hasFragment: target.includes('#'),
  }
}
