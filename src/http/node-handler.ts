import type { IncomingMessage, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Handler } from './handler.ts'

/** Answers a request of `node:http`, or of what is built on it; resolves once the answer is under way. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

/**
 * A handler for Node's own requests. The key is read from the target as it came, before a router has cut its own path
 * from it; the adapter gets one that is always good, and nobody looks at it.
 */
export const toNodeHandler = (handle: Handler): NodeHandler => {
  const targets = new WeakMap<object, string>()
  const respond = getRequestListener((request, { incoming }) =>
    handle(request, { rawTarget: targets.get(incoming) ?? '' }),
  )
  return async (incoming, outgoing) => {
    targets.set(incoming, originalTarget(incoming))
    incoming.url = '/'
    incoming.headers.host = 'localhost'
    await respond(incoming, outgoing)
  }
}

/** Express and Connect keep it there. */
const originalTarget = (incoming: IncomingMessage): string =>
  'originalUrl' in incoming && typeof incoming.originalUrl === 'string'
    ? incoming.originalUrl
    : (incoming.url ?? '')
