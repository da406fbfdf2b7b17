import { asProblem } from '../../core/problem.ts'
import type { Queue } from '../../queue/port.ts'
import type { Clock } from '../../waiting/clock.ts'
import type { TellWatch } from './event.ts'
import type { HeldMessage } from './source-tasks.ts'

/** Deletes messages whose results are stored, once that is also recorded. */
export type Settling = ReturnType<typeof createSettling>

interface SettlingOptions {
  readonly queue: Pick<Queue, 'delete'>
  readonly record: () => Promise<void>
  /** How long a message may wait for the next part of the ledger. */
  readonly longestWaitMs: number
  readonly clock: Clock
  readonly tell: TellWatch
  readonly onDeleted: (messages: readonly HeldMessage[]) => void
}

/**
 * The first message after a quiet time is recorded soon; a busy worker writes a part every `longestWaitMs`, or when so
 * many wait.
 */
const FIRST_WAIT_MS = 1_000
const MOST_WAITING = 500

/** Nothing waits at first. */
export const createSettling = ({ queue, record, longestWaitMs, clock, tell, onDeleted }: SettlingOptions) => {
  let waiting: HeldMessage[] = []
  let settling: Promise<void> = Promise.resolve()
  let settledAt = Number.NEGATIVE_INFINITY
  let waitMs = FIRST_WAIT_MS
  let stopAlarm: (() => void) | undefined

  const settleNow = async (): Promise<void> => {
    stopAlarm?.()
    stopAlarm = undefined
    const messages = waiting
    if (messages.length === 0) return
    try {
      await record()
    } catch (error) {
      tell({ kind: 'record-failed', problem: asProblem(error) })
      schedule(longestWaitMs)
      return
    }
    waiting = waiting.slice(messages.length)
    settledAt = clock.now()
    try {
      await queue.delete(messages.map(({ message }) => message))
      tell({ kind: 'messages-deleted', messages: messages.length })
    } catch (error) {
      // They come again, and are then found to be done.
      tell({ kind: 'queue-failed', problem: asProblem(error) })
    }
    onDeleted(messages)
  }
  /** Records and deletes now; messages that cannot be recorded are kept. Never rejects with a Problem. */
  const settle = (): Promise<void> => {
    settling = settling.catch(() => {}).then(settleNow)
    return settling
  }
  const inBackground = (): void => {
    settle().catch((error: unknown) => tell({ kind: 'bug', error }))
  }
  const schedule = (ms: number): void => {
    stopAlarm ??= clock.alarm(ms, inBackground)
  }
  const nextWaitMs = (): number => {
    const isQuiet = clock.now() - settledAt > longestWaitMs
    waitMs = Math.min(isQuiet ? FIRST_WAIT_MS : waitMs * 2, longestWaitMs)
    return waitMs
  }
  return {
    /** Adds messages that wait for nothing else. */
    add: (messages: readonly HeldMessage[]): void => {
      if (messages.length === 0) return
      waiting = [...waiting, ...messages]
      if (waiting.length >= MOST_WAITING) inBackground()
      else if (stopAlarm === undefined) schedule(nextWaitMs())
    },
    settle,
    /** From now on, does nothing by itself. */
    close: (): void => stopAlarm?.(),
  }
}
