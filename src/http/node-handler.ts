import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseTarget } from '../url/path.ts'
import type { Handler } from './http-message.ts'
import { NodeRequest, send } from './node-message.ts'

/** Answers a request of `node:http`, or of what is built on it; resolves once the answer is sent. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

/**
 * A handler for Node's own requests. The key is read from the target as it arrived, before a router removed a part of
 * the path.
 */
export const toNodeHandler = (handle: Handler): NodeHandler => {
  return async (incoming, outgoing) => {
    const answer = await handle(new NodeRequest(incoming, outgoing, parseTarget(originalTarget(incoming))))
    answer.release?.()
    await send(answer, outgoing)
  }
}

/** Express and Connect keep the original target there. */
const originalTarget = (incoming: IncomingMessage): string =>
  'originalUrl' in incoming && typeof incoming.originalUrl === 'string'
    ? incoming.originalUrl
    : (incoming.url ?? '')
