import { Problem } from '../../core/problem.ts'
import { unreachable } from '../../core/unreachable.ts'
import { parseMessage } from '../../events/parse-message.ts'
import type { NamedInMessage, Naming } from './name-sources.ts'

/** What a message means to this worker. */
type ReadMessage =
  | { readonly kind: 'sources'; readonly sources: NamedInMessage }
  /** There is nothing to do, unless for a person. */
  | { readonly kind: 'nothing'; readonly reason: string; readonly needsAction?: true }
  /** A person must look at it: its format is unknown, so nobody knows what it names. */
  | { readonly kind: 'unreadable'; readonly problem: Problem }

/** Reads the text of a message. */
export const readMessage = (body: string, nameSources: Naming): ReadMessage => {
  const parsed = parseMessage(body)
  switch (parsed.kind) {
    case 'names': {
      const sources = nameSources(parsed.names)
      return sources.size > 0
        ? { kind: 'sources', sources }
        : { kind: 'nothing', reason: 'names no original' }
    }
    case 'test':
      return { kind: 'nothing', reason: parsed.what }
    case 'confirmation':
      return {
        kind: 'nothing',
        reason: `asks to confirm a subscription: open ${parsed.url}`,
        needsAction: true,
      }
    case 'unreadable':
      return { kind: 'unreadable', problem: toProblem(parsed.reason, body) }
    default:
      return unreachable(parsed)
  }
}

const SHOWN = 200

const toProblem = (reason: string, body: string): Problem =>
  new Problem(
    'event-unreadable',
    `A message cannot be read: ${reason}. It begins with ${JSON.stringify(body.slice(0, SHOWN))}`,
    { hint: 'Is this the queue of these events? It is left in the queue, or goes to its dead letters.' },
  )
