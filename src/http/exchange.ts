import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { problemStatusOf } from '../core/problem.ts'
import { parseTarget, type RequestTarget } from '../url/path.ts'
import { findFault, toRawAnswer } from './bad-requests.ts'
import type { CommonHeaders } from './common-headers.ts'
import type { Exchange } from './connections.ts'
import { type Handler, type RequestReport, toReport } from './http-message.ts'
import type { RequestFacts } from './log.ts'
import { NodeRequest, send } from './node-message.ts'
import { formatProblem, type ProblemAnswer } from './problems.ts'

/** How requests are answered and reported. */
export interface ExchangeOptions {
  readonly handle: Handler
  /** For requests that are refused before the handler sees them. */
  readonly commonHeaders: CommonHeaders
  readonly trustProxy: number
  readonly now: () => number
  /** Called for every request, when its answer is sent or its connection gone. */
  readonly onRequest: (facts: RequestFacts) => void
}

interface Visit {
  readonly target: RequestTarget
  report: RequestReport
}

/** The connection went before there was an answer. */
const UNREPORTED: RequestReport = { outcome: 'gone', status: 499, sizeBytes: 0, elapsedMs: 0 }

/** Makes exchanges of what Node has read; each is reported when it is over. */
export interface Exchanges {
  /** `fault`: what the request is refused with, whatever it asks for. */
  of(incoming: IncomingMessage, outgoing: ServerResponse, peer: string, fault?: ProblemAnswer): Exchange
  /** For bytes that are no request. */
  ofFault(fault: ProblemAnswer, socket: Duplex, peer: string): Exchange
}

/** Exchanges that are answered by `handle`. */
export const createExchanges = (options: ExchangeOptions): Exchanges => {
  const { handle, commonHeaders, trustProxy, now, onRequest } = options
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse, visit: Visit): Promise<void> => {
    const answered = await handle(new NodeRequest(incoming, outgoing, visit.target))
    const { release } = answered
    visit.report = toReport(answered, incoming as { method: string }, 0)
    if (release !== undefined) {
      if (outgoing.closed) release()
      else outgoing.once('close', release)
    }
    await send(answered, outgoing)
  }
  const refuse = (outgoing: ServerResponse, visit: Visit, fault: ProblemAnswer): void => {
    const { status, headers, body } = formatProblem(fault, commonHeaders(NOBODY))
    visit.report = toFaultReport(fault, outgoing.req.method === 'HEAD' ? 0 : body.length)
    outgoing.writeHead(status, { ...headers, connection: 'close' }).end(body)
  }
  return {
    of: (incoming, outgoing, peer, fault = findFault(incoming)) => {
      const arrivedAt = now()
      const visit: Visit = { target: parseTarget(incoming.url ?? ''), report: UNREPORTED }
      const who = {
        method: incoming.method ?? '',
        path: visit.target.path,
        ip: clientAddress(peer, incoming.headers['x-forwarded-for']?.toString(), trustProxy),
      }
      const tell = (isSent: boolean): void =>
        onRequest({ ...toOutcome(visit.report, isSent), ...who, elapsedMs: now() - arrivedAt })
      return {
        outgoing,
        isLast: fault !== undefined || asksForUpgrade(incoming),
        isWhole: () => incoming.complete,
        begin: () => {
          // Node calls it finished also where the connection ended before the client had all of it.
          outgoing.once('close', () => tell(outgoing.writableFinished && !incoming.socket.destroyed))
          if (fault === undefined)
            void answer(incoming, outgoing, visit) // it never rejects
          else refuse(outgoing, visit, fault)
        },
        drop: () => tell(false),
      }
    },
    ofFault: (fault, socket, ip) => ({
      isWhole: () => true,
      begin: () => {
        const whole = formatProblem(fault, commonHeaders(NOBODY))
        socket.end(toRawAnswer(whole), () => socket.destroy())
        onRequest({ ...toFaultReport(fault, whole.body.length), method: '', path: '', ip })
      },
      drop: () => {}, // it is no request
    }),
  }
}

/** Node reads nothing more of what arrives together with such a request. */
const asksForUpgrade = ({ headers: { upgrade, connection = '' } }: IncomingMessage): boolean =>
  upgrade !== undefined && /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(connection)

/** Bytes that are no request contain nothing that an answer could depend on. */
const NOBODY = { headers: new Headers() }

const toFaultReport = ({ code }: ProblemAnswer, sizeBytes: number): RequestReport => ({
  outcome: 'refused',
  status: problemStatusOf(code),
  code,
  sizeBytes,
  elapsedMs: 0,
})

/** Of an answer that was cut off, nobody knows how much the client has: the kernel may have buffered the rest. */
const toOutcome = (report: RequestReport, isSent: boolean): RequestReport => {
  if (isSent) return report
  return { ...report, sizeBytes: 0, outcome: report.outcome === 'bug' ? 'bug' : 'gone' }
}

/**
 * The address of the client: the peer of the connection, or, with `proxies` in front, the one that the outermost proxy
 * saw. Each proxy appends the address it saw to `X-Forwarded-For`; what stands further left may be forged. A field
 * without an address at that place is ignored.
 */
export const clientAddress = (peer: string, forwardedFor: string | undefined, proxies: number): string => {
  if (proxies === 0 || forwardedFor === undefined) return peer
  const chain = [...forwardedFor.split(',').map((part) => part.trim()), peer]
  return chain.at(Math.max(0, chain.length - 1 - proxies)) || peer
}
