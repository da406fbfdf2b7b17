import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { parseTarget } from '../url/target.ts'
import { clientAddress } from './client-address.ts'
import type { Exchange } from './connections.ts'
import type { Handler } from './handler.ts'
import type { RequestFacts } from './log.ts'
import type { RequestReport } from './report.ts'

export interface ExchangeOptions {
  readonly handle: Handler
  readonly trustProxy: number
  readonly now: () => number
  /** Told of every request when its answer is sent, or its connection gone. */
  readonly onRequest: (facts: RequestFacts) => void
}

/** What is known of a request on its way through the adapter. */
interface Visit {
  readonly target: string
  report: RequestReport
}

/** The connection went before there was an answer. */
const UNREPORTED: RequestReport = { outcome: 'gone', status: 499, sizeBytes: 0, elapsedMs: 0 }

/** Node's requests as exchanges with a handler, told of when they are over. */
export const createExchanges = (
  options: ExchangeOptions,
): ((incoming: IncomingMessage, outgoing: ServerResponse, peer: string) => Exchange) => {
  const { handle, trustProxy, now, onRequest } = options
  const visits = new WeakMap<IncomingMessage, Visit>()
  const respond = getRequestListener((request, env) => {
    const visit = visits.get(env.incoming as IncomingMessage)
    return handle(request, {
      rawTarget: visit?.target ?? '',
      onReport: (report) => {
        if (visit !== undefined) visit.report = report
      },
    })
  })
  return (incoming, outgoing, peer) => {
    const arrivedAt = now()
    const target = incoming.url ?? ''
    const visit: Visit = { target, report: UNREPORTED }
    const who = {
      method: incoming.method ?? '',
      path: parseTarget(target).path,
      ip: clientAddress(peer, incoming.headers['x-forwarded-for']?.toString(), trustProxy),
    }
    const tell = (isSent: boolean): void => {
      const { report } = visit
      onRequest({
        ...report,
        ...who,
        // How much of it the client has taken, nobody knows: the kernel's buffer is no client.
        ...(!isSent && { sizeBytes: 0 }),
        ...(!isSent && report.outcome !== 'bug' && { outcome: 'gone' }),
        elapsedMs: now() - arrivedAt,
      })
    }
    return {
      outgoing,
      begin: () => {
        visits.set(incoming, visit)
        // The key is read from the target as it came. A URL made of it would be normalised, or refused with 400
        // where the target or Host is odd; so the adapter gets one that is always good, and nobody looks at it.
        incoming.url = '/'
        incoming.headers.host = 'localhost'
        outgoing.once('close', () => tell(outgoing.writableFinished))
        // It answers its own errors.
        void respond(incoming, outgoing)
      },
      drop: () => tell(false),
    }
  }
}
