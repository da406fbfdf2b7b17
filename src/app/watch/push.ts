import { asProblem, type Problem } from '../../core/problem.ts'
import { formatSourceList } from '../../events/source-list.ts'
import type { Queue } from '../../queue/port.ts'
import { earliest, type Naming } from './name-sources.ts'
import { readMessage } from './read-message.ts'

/** Where pushed events are kept, and who is told. */
export interface PushOptions {
  readonly nameSources: Naming
  /** Keeps a text; false, or a Problem, where that failed. */
  readonly send: (body: string) => Promise<boolean>
  readonly onFailed: (problem: Problem) => void
  /** Called with what contains nothing for a worker, such as a request to confirm a subscription. */
  readonly onIgnored: (ignored: { readonly reason: string; readonly needsAction?: true }) => void
}

/** Keeps events that are pushed. Passes on only texts that name originals, in pieces that a queue accepts. */
export const createPushes = ({ nameSources, send, onFailed, onIgnored }: PushOptions) => {
  return {
    /** `failed`: the sender must push it again. */
    keep: async (body: string): Promise<'kept' | 'unreadable' | 'failed'> => {
      const said = readMessage(body, nameSources)
      if (said.kind === 'unreadable') {
        onFailed(said.problem)
        return 'unreadable'
      }
      if (said.kind === 'nothing') {
        onIgnored(said)
        return 'kept'
      }
      try {
        const at = [...said.sources.values()].reduce(earliest, undefined)
        const texts = cut([...said.sources.keys()]).map((keys) => formatSourceList(keys, at))
        const sent = await Promise.all(texts.map(send))
        return sent.every((isKept) => isKept) ? 'kept' : 'failed'
      } catch (error) {
        onFailed(asProblem(error))
        return 'failed'
      }
    },
  }
}

/** A character takes up to six bytes in JSON, and a message may have 250,000. */
const MOST_CHARACTERS = 40_000

const cut = (keys: readonly string[]): readonly (readonly string[])[] => {
  const pieces: string[][] = []
  let left = 0
  for (const key of keys) {
    const size = key.length + 3
    if (size > left) {
      pieces.push([])
      left = MOST_CHARACTERS
    }
    pieces.at(-1)?.push(key)
    left -= size
  }
  return pieces
}

/** Keeps pushed events in a queue. */
export const sendTo =
  (queue: Pick<Queue, 'send'>) =>
  async (body: string): Promise<boolean> => {
    await queue.send([body])
    return true
  }
