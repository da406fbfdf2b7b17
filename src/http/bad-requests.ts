import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { ProblemAnswer, WholeAnswer } from './problems.ts'

const MALFORMED: ProblemAnswer = { status: 400, code: 'request-malformed' }
const HOST_WRONG: ProblemAnswer = { status: 400, code: 'host-wrong' }
const TOO_LATE: ProblemAnswer = { status: 408, code: 'request-timeout' }
const HEAD_TOO_LARGE: ProblemAnswer = { status: 431, code: 'head-too-large' }

/** `Expect` names something else than "100-continue". */
export const EXPECTATION_UNKNOWN: ProblemAnswer = { status: 417, code: 'expectation-unknown' }

/** What is wrong with a request's head, whatever it asks for: HTTP/1.1 has one Host (RFC 9112, 3.2). */
export const findFault = ({ httpVersion, rawHeaders }: IncomingMessage): ProblemAnswer | undefined => {
  const hosts = rawHeaders.filter((text, i) => i % 2 === 0 && text.length === 4 && /^host$/i.test(text))
  return hosts.length > 1 || (hosts.length === 0 && httpVersion === '1.1') ? HOST_WRONG : undefined
}

/** What is said of bytes that Node could read no request from. */
export const faultOf = ({ code }: NodeJS.ErrnoException): ProblemAnswer => {
  if (code === 'HPE_HEADER_OVERFLOW') return HEAD_TOO_LARGE
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? TOO_LATE : MALFORMED
}

/** An answer as bytes, for a connection that has no request and ends with it. */
export const toRawAnswer = ({ status, headers, body }: WholeAnswer, now: number): Buffer => {
  const fields = { ...headers, date: new Date(now).toUTCString(), connection: 'close' }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}
