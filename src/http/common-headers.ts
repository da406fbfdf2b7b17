import type { ServeConfig } from '../config/config.ts'
import type { HttpRequest } from './http-message.ts'

/** The fields that every answer to a request has, some of which depend on the request. */
export type CommonHeaders = (request: Pick<HttpRequest, 'headers'>) => Readonly<Record<string, string>>

const SAFETY = {
  'x-content-type-options': 'nosniff',
  // Where a picture, or an error, is opened as a page of its own, nothing in it runs or loads.
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
} as const

/** What browsers are told on every answer, errors too: not to guess its type, not to run it, and who may read it. */
export const createCommonHeaders = (
  serve: Pick<ServeConfig, 'cors' | 'timingAllowOrigin'>,
): CommonHeaders => {
  const { cors, timingAllowOrigin } = serve
  const constant = {
    ...SAFETY,
    ...(cors === '*' && { 'access-control-allow-origin': '*', ...EXPOSED }),
    ...(timingAllowOrigin.length > 0 && {
      'timing-allow-origin': timingAllowOrigin === '*' ? '*' : timingAllowOrigin.join(', '),
    }),
  }
  if (cors === '*' || cors.length === 0) return () => constant
  // The answer to one origin is not for another: caches must know this, whether or not this origin is allowed.
  const varying = { ...constant, vary: 'Origin' }
  return ({ headers }) => {
    const origin = headers.get('origin')
    if (origin === null || !cors.includes(origin)) return varying
    return { ...varying, 'access-control-allow-origin': origin, ...EXPOSED }
  }
}

const EXPOSED = { 'access-control-expose-headers': 'Content-Range, ETag, Content-Location' } as const

/** The `Vary` of an answer that also depends on `Accept`. */
export const withAccept = (vary: string | undefined): string =>
  vary === undefined ? 'Accept' : `Accept, ${vary}`
