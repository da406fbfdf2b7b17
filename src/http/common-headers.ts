import type { OriginList } from '../config/config.ts'
import type { HttpRequest } from './message.ts'

/** Fields that every answer to a request has, and those that depend on who asks. */
export type CommonHeaders = (request: Pick<HttpRequest, 'headers'>) => Readonly<Record<string, string>>

const SAFETY = {
  'x-content-type-options': 'nosniff',
  // For who opens a picture, or an error, as a page of its own: nothing in it runs or loads.
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
} as const

/** What browsers are told on every answer, errors included: nothing to sniff, nothing to run, who may read. */
export const createCommonHeaders = (options: {
  readonly cors: OriginList
  readonly timingAllowOrigin: OriginList
}): CommonHeaders => {
  const { cors, timingAllowOrigin } = options
  const constant = {
    ...SAFETY,
    ...(cors === '*' && { 'access-control-allow-origin': '*', ...EXPOSED }),
    ...(timingAllowOrigin.length > 0 && {
      'timing-allow-origin': timingAllowOrigin === '*' ? '*' : timingAllowOrigin.join(', '),
    }),
  }
  if (cors === '*' || cors.length === 0) return () => constant
  // The answer to one origin is not for another: caches must know, whether or not this one is let in.
  const varying = { ...constant, vary: 'Origin' }
  return ({ headers }) => {
    const origin = headers.get('origin')
    if (origin === null || !cors.includes(origin)) return varying
    return { ...varying, 'access-control-allow-origin': origin, ...EXPOSED }
  }
}

const EXPOSED = { 'access-control-expose-headers': 'Content-Range, ETag, Content-Location' } as const

/** `Vary` of an answer that depends on `Accept`, besides what it depends on anyway. */
export const withAccept = (vary: string | undefined): string =>
  vary === undefined ? 'Accept' : `Accept, ${vary}`
