import { ALLOW } from './bad-requests.ts'
import type { CommonHeaders } from './common-headers.ts'
import type { HttpMessage, HttpRequest } from './http-message.ts'

/** A browser asks again after a day. */
const MAX_AGE_SECONDS = 86_400

/**
 * The answer to OPTIONS for any path: which methods are answered, and, for scripts of an origin that `serve.cors`
 * allows, which fields they may send (Fetch standard, 3.2.2). No field changes what a picture shows, so all are
 * allowed.
 */
export const toOptions = (
  { headers }: Pick<HttpRequest, 'headers'>,
  { commonHeaders }: { readonly commonHeaders: CommonHeaders },
): HttpMessage => {
  const common = commonHeaders({ headers })
  const fields = headers.get('access-control-request-headers') ?? ''
  const isLetIn = 'access-control-allow-origin' in common && headers.has('access-control-request-method')
  return {
    status: 204,
    headers: {
      ...common,
      allow: ALLOW,
      'cache-control': 'no-store',
      ...(isLetIn && {
        'access-control-allow-methods': 'GET, HEAD',
        ...(FIELD_NAMES.test(fields) && { 'access-control-allow-headers': fields }),
        'access-control-max-age': String(MAX_AGE_SECONDS),
      }),
    },
  }
}

/** Names of fields, and no more of them than a page would send. */
const FIELD_NAMES = /^[\w-]{1,64}(?:,[ \t]*[\w-]{1,64}){0,31}$/
