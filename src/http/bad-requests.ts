import { type IncomingMessage, STATUS_CODES } from 'node:http'
import { isOtherMethod, isOtherVersion, type ParseError } from './later-minor.ts'
import type { ProblemAnswer, WholeAnswer } from './problems.ts'

/** The methods that are answered. */
export const ALLOW = 'GET, HEAD, OPTIONS'

/** The answer to any other method. */
export const METHOD_NOT_ALLOWED: ProblemAnswer = { code: 'method-not-allowed', headers: { allow: ALLOW } }

/** The answer on a connection beyond the limit. */
export const TOO_MANY_CONNECTIONS: ProblemAnswer = { code: 'too-many-connections', retryAfterSeconds: 2 }

/** The answer to an `Expect` other than "100-continue". */
export const EXPECTATION_UNKNOWN: ProblemAnswer = { code: 'expectation-unknown' }

/** As in Apache and HAProxy. Where a request has many more, Node drops the rest silently. */
const MAX_FIELDS = 100

/**
 * What is wrong with a request's head, whatever it asks for. HTTP/1.1 has one valid Host (RFC 9112, 3.2). The end of a body
 * is only known for "chunked", said once, and never before HTTP/1.1 (6.1, 6.3): otherwise a proxy in front may take for
 * a body what Node takes for the next request.
 */
export const findFault = (incoming: IncomingMessage): ProblemAnswer | undefined => {
  const { httpVersionMajor, httpVersionMinor, rawHeaders } = incoming
  if (httpVersionMajor !== 1) return { code: 'http-version-unknown' }
  if (rawHeaders.length > 2 * MAX_FIELDS) return { code: 'head-too-large' }
  const hosts = valuesOf(rawHeaders, 'host')
  if (hosts.length > 1 || (hosts.length === 0 && httpVersionMinor > 0) || !HOST.test(hosts[0] ?? ''))
    return { code: 'host-wrong' }
  const codings = valuesOf(rawHeaders, 'transfer-encoding')
  const isFramed = codings.length === 1 && httpVersionMinor > 0 && codings[0]?.toLowerCase() === 'chunked'
  return codings.length === 0 || isFramed ? undefined : { code: 'transfer-encoding-wrong' }
}

/** The characters of a host and a port (RFC 3986, 3.2.2 and 3.2.3). */
const HOST = /^[\w.~!$&'()*+,;=%:[\]-]*$/

const valuesOf = (rawHeaders: readonly string[], field: string): readonly string[] =>
  rawHeaders.filter((_, i) => {
    const name = i % 2 === 1 ? rawHeaders[i - 1] : undefined
    return name?.length === field.length && name.toLowerCase() === field
  })

/** The answer to bytes that Node could not read as a request. */
export const answerParseError = (error: ParseError): ProblemAnswer => {
  if (error.code === 'HPE_HEADER_OVERFLOW') return { code: 'head-too-large' }
  if (isOtherVersion(error)) return { code: 'http-version-unknown' }
  if (isOtherMethod(error)) return METHOD_NOT_ALLOWED
  return { code: error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request-timeout' : 'request-malformed' }
}

/** An answer as bytes, for a connection that has no request and ends with the answer. */
export const toRawAnswer = ({ status, headers, body }: WholeAnswer): Buffer => {
  const fields = { ...headers, date: new Date().toUTCString(), connection: 'close' }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}
