import { createHmac } from 'node:crypto'
import type { Secret } from './keyring.ts'
import { isOneOf } from './same-signature.ts'

/** The query of a link that expires: `?expires=<unix seconds>&token=<22 characters of base64url>`. */
export interface ExpiringLinks {
  /** Without "?". The first secret signs. */
  queryOf(keyText: string, expires: number): string
  /** When the link expires, in seconds since 1970; undefined where its token is missing, wrong, or expired. */
  check(link: { readonly keyText: string; readonly query: string; readonly now: number }): number | undefined
}

/**
 * Links over keys as they are asked for: percent-decoded, with `.auto` where the URL has it. A link is valid under any
 * of the secrets except retired ones, whose signatures are not valid any more.
 */
export const createExpiringLinks = (secrets: readonly Secret[]): ExpiringLinks => {
  const valid = secrets.flatMap(({ value, isRetired }) => (isRetired ? [] : [value]))
  return {
    queryOf: (keyText, expires) => {
      const [secret] = valid
      if (secret === undefined) throw new Error('a link needs a secret')
      return `expires=${expires}&token=${signLink(secret, keyText, String(expires))}`
    },
    check: ({ keyText, query, now }) => {
      const [, expires = '', token = ''] = QUERY.exec(query) ?? []
      const rights = valid.map((secret) => signLink(secret, keyText, expires))
      return isOneOf(token, rights) && Number(expires) > now ? Number(expires) : undefined
    },
  }
}

// Only this spelling: then a shared cache that looks at the query holds one copy of a link.
const QUERY = /^expires=([1-9][0-9]{0,14})&token=([A-Za-z0-9_-]{22})$/

const signLink = (secret: string, keyText: string, expires: string): string =>
  createHmac('sha256', secret).update(`expires\n${expires}\n${keyText}`).digest('base64url').slice(0, 22)
