import { createTokenCheck } from '../token-check.ts'

/**
 * Only the studio's own page may ask, in a browser on this machine that was given its URL. Pages of others can
 * send requests here as well, by a host name that they point at 127.0.0.1 (DNS rebinding), so no request is
 * trusted only because of where it comes from.
 */

/** What a request says of itself. */
export interface StudioRequest {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site`, which browsers send and pages cannot forge. */
  readonly site: string | undefined
  readonly contentType: string | undefined
  /** From the header {@link TOKEN_HEADER}, which no page of another origin can set without permission. */
  readonly headerToken: string | undefined
  /** From the URL: enough for the page itself, which a browser opens by its URL. */
  readonly urlToken: string | undefined
}

/** Why a request is not answered. */
export interface Refusal {
  readonly status: number
  readonly message: string
}

/** The header that carries the token. */
export const TOKEN_HEADER = 'x-imgsizes-token'

/** Why a request is refused; undefined where it is answered. `isPage`: a browser opens it by its URL only. */
export const createGuard = ({ port, token }: { readonly port: number; readonly token: string }) => {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const isToken = createTokenCheck(token)
  return (asked: StudioRequest, isPage: boolean): Refusal | undefined => {
    const { method, host, origin, site, contentType, headerToken, urlToken } = asked
    if (host === undefined || !hosts.includes(host)) return { status: 421, message: 'This is not that host.' }
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return FOREIGN
    if (origin !== undefined && origin !== `http://${host}`) return FOREIGN
    if (!isToken(headerToken ?? '') && !(isPage && isToken(urlToken ?? ''))) return NO_TOKEN
    if (method === 'GET' || method === 'HEAD') return undefined
    // A browser names the origin of every write, so a request without one is not from our page.
    if (origin === undefined) return FOREIGN
    if (contentType !== 'application/json')
      return { status: 415, message: 'A body here is application/json.' }
    return undefined
  }
}

const FOREIGN: Refusal = { status: 403, message: 'Other pages are not answered here.' }
const NO_TOKEN: Refusal = {
  status: 403,
  message: 'The token is missing or wrong: open the URL that `imgsizes studio` has printed.',
}

/** For every answer: the page loads nothing from elsewhere, and nobody else can read, frame or store it. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}
