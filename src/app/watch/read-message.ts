import { Problem } from '../../core/problem.ts'
import { parseSourceKey, whyNotSourceKey } from '../../core/source-key.ts'
import { unreachable } from '../../core/unreachable.ts'
import type { EventName } from '../../events/message-format.ts'
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
      return sources.size > 0 ? { kind: 'sources', sources } : toNothing(parsed.names)
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

/** Who names sources by hand is told of a name that none can have: "/a.jpg", or a URL. */
const toNothing = (names: readonly EventName[]): ReadMessage => {
  const reason = 'names no original'
  const wrong = names.find((name) => name.kind === 'source' && parseSourceKey(name.key) === undefined)
  if (wrong?.kind !== 'source') return { kind: 'nothing', reason }
  const [name, why] = [JSON.stringify(wrong.key.slice(0, SHOWN)), whyNotSourceKey(wrong.key)]
  return {
    kind: 'nothing',
    reason: `${reason}: ${name} ${why}; a name is a path below its source, such as photos/a.jpg`,
    needsAction: true,
  }
}

const SHOWN = 200

const toProblem = (reason: string, body: string): Problem =>
  new Problem(
    'event-unreadable',
    `A message cannot be read: ${reason}. It begins with ${JSON.stringify(body.slice(0, SHOWN))}`,
    {
      hint: 'Does it come from what should send these events? In a queue it stays, or goes to the dead letters; a push is answered 400.',
    },
  )
