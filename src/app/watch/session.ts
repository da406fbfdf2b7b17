import { asProblem, Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Queue, QueueFacts, QueueMessage } from '../../queue/port.ts'
import type { Clock } from '../../waiting/clock.ts'
import { orAborted } from '../../waiting/signals.ts'
import { STOPPED } from '../batch/source-steps.ts'
import type { TellWatch } from './event.ts'
import type { Naming } from './name-sources.ts'
import { readMessage } from './read-message.ts'
import { createReturns } from './returns.ts'
import { createSettling } from './settling.ts'
import { createSourceTasks, type HeldMessage } from './source-tasks.ts'
import type { SourceOutcome, SourcesWork } from './source-work.ts'

/** What a worker works on, and with what. */
export interface SessionInput {
  readonly queue: Queue
  readonly facts: QueueFacts
  readonly nameSources: Naming
  readonly work: SourcesWork
  /** How many sources are worked on at once. */
  readonly atOnce: number
  /** How long a message may wait for the next part of the ledger, and so for its deletion. */
  readonly recordWithinMs: number
  readonly clock: Clock
  readonly tell: TellWatch
}

/** Begins the work; `stop` aborts it. */
export type SourceWorkOpener = (stop: AbortSignal) => Promise<SourcesWork>

/** What a worker holds at this moment. */
export interface WatchLoad {
  /** Numbers of sources. */
  readonly waiting: number
  readonly working: number
  readonly messages: number
  /** When the oldest held message was sent; undefined where there is none. */
  readonly oldestSentAt?: number
}

/** The work on a queue, from the opening of the store until the stop, or until the store fails. */
export interface Session {
  readonly load: WatchLoad
  readonly isWell: boolean
  /** See `Watch.run`; also ends where the work has ended. */
  run(stop: AbortSignal, deadline: () => AbortSignal): Promise<boolean>
}

const MOST_PER_RECEIVE = 10
const POLL_MS = 20_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
/** By then, the queue's client itself has tried for a while. */
const LONGEST_QUEUE_PAUSE_MS = 10_000
/** A queue may be configured to hide nothing. */
const LEAST_HIDDEN_MS = 2_000
/** If a source is replaced faster than it can be rendered, its message is given back after so many rounds. */
const MOST_ROUNDS = 8

/** Nothing is received before `run`. */
export const createSession = (input: SessionInput): Session => {
  const { queue, facts, work, atOnce, clock, tell } = input
  const tasks = createSourceTasks()
  const settling = createSettling({
    ...input,
    record: work.record,
    longestWaitMs: input.recordWithinMs,
    onDeleted: tasks.drop,
  })
  const returns = createReturns({ ...input, onReturned: tasks.drop })
  const running = new Set<Promise<void>>()
  const hiddenMs = Math.max(facts.visibilityMs, LEAST_HIDDEN_MS)
  /** Whether the source that ended last has failed. */
  let isFailing = false
  /** How many receives in a row were followed by failures only. */
  let failures = 0
  /** How many requests to the queue failed in a row. */
  let refusals = 0
  let wake = (): void => {}

  const tellBug = (error: unknown): void => tell({ kind: 'bug', error })

  const endMessages = async (ended: readonly HeldMessage[]): Promise<void> => {
    settling.add(ended.filter(({ problem }) => problem === undefined))
    await returns.giveBack(ended.filter(({ problem }) => problem === STOPPED))
    for (const held of ended)
      if (held.problem !== undefined && held.problem !== STOPPED) await returns.refuse(held, held.problem)
  }
  const endSource = async (source: SourceKey, outcome: SourceOutcome): Promise<void> => {
    if (outcome.kind === 'changed' && tasks.roundsOf(source) < MOST_ROUNDS) return tasks.again(source)
    if (outcome.kind === 'settled') {
      isFailing = false
      failures = 0
      const { end, problem } = outcome
      // Measured by two clocks.
      const elapsedMs = Math.max(0, clock.now() - (tasks.toldAt(source) ?? clock.now()))
      tell({ kind: 'source-settled', source, end, elapsedMs, ...(problem && { problem }) })
      return endMessages(tasks.end(source))
    }
    const problem = outcome.kind === 'failed' ? outcome.problem : CHANGING
    if (problem !== STOPPED) isFailing = true
    return endMessages(tasks.end(source, problem))
  }
  /**
   * Sources that are looked up together share one read of the ledger, so it waits until half of the places are free.
   */
  const pump = (): void => {
    const free = atOnce - tasks.working
    const sources = free * 2 < atOnce ? [] : tasks.next(free)
    if (sources.length === 0) return
    const ends: Promise<void>[] = []
    const end = (source: SourceKey, outcome: SourceOutcome): void => {
      ends.push(endSource(source, outcome).catch(tellBug))
      pump()
      wake()
    }
    const task: Promise<void> = work
      .run(sources, end)
      .catch(tellBug)
      .then(() => Promise.all(ends))
      .then(() => {
        running.delete(task)
        wake()
      })
    running.add(task)
  }

  const untilThereIsRoom = async (halt: AbortSignal): Promise<void> => {
    while (tasks.waiting >= atOnce && !halt.aborted)
      await orAborted(new Promise<void>((resolve) => (wake = resolve)), halt).catch(() => {})
  }
  /** If everything fails, more would fail, and messages should not be put aside for that. */
  const pause = async (halt: AbortSignal): Promise<void> => {
    if (isFailing) failures++
    isFailing = false
    const ms = Math.max(pauseAfter(failures, LONGEST_PAUSE_MS), pauseAfter(refusals, LONGEST_QUEUE_PAUSE_MS))
    if (ms > 0) await clock.wait(ms, halt).catch(() => {})
  }
  const take = async (messages: readonly QueueMessage[]): Promise<void> => {
    tell({ kind: 'messages-received', messages: messages.length })
    const ignored: QueueMessage[] = []
    for (const message of messages) {
      const said = readMessage(message.body, input.nameSources)
      if (said.kind === 'sources') tasks.take(message, said.sources)
      else if (said.kind === 'unreadable') await returns.refuse({ message, sources: [] }, said.problem)
      else {
        tell({ ...said, kind: 'message-ignored' })
        ignored.push(message)
      }
    }
    pump()
    if (ignored.length > 0) await queue.delete(ignored)
  }
  const receive = async (halt: AbortSignal): Promise<void> => {
    while (!halt.aborted) {
      await untilThereIsRoom(halt)
      await pause(halt)
      if (halt.aborted) return
      try {
        const most = MOST_PER_RECEIVE
        const messages = await queue.receive({ most, hiddenMs, waitMs: POLL_MS, signal: halt })
        refusals = 0
        if (messages.length > 0) await take(messages)
        else {
          failures = 0
          await settling.settle() // finished messages need not wait for more
        }
      } catch (error) {
        if (halt.aborted) return
        refusals++
        tell({ kind: 'queue-failed', problem: asProblem(error) })
      }
    }
  }
  /** Keeps held messages hidden from others while this worker runs. */
  const keepHolding = async (ended: AbortSignal): Promise<void> => {
    while (!ended.aborted) {
      await clock.wait(hiddenMs / 3, ended).catch(() => {})
      if (ended.aborted || tasks.messages.length === 0) continue
      await queue
        .hold(tasks.messages, hiddenMs)
        .catch((error: unknown) => tell({ kind: 'queue-failed', problem: asProblem(error) }))
    }
  }
  /** Finishes the work that runs, and gives back the rest at once. */
  const drain = async (deadline: AbortSignal): Promise<boolean> => {
    await endMessages(tasks.stop(STOPPED))
    const ending = async (): Promise<void> => {
      while (running.size > 0) await Promise.all(running)
      await settling.settle()
    }
    const isDrained = await orAborted(ending(), deadline).then(
      () => true,
      (error: unknown) => {
        if (!deadline.aborted) throw error
        return false
      },
    )
    settling.close()
    await returns.giveBack(tasks.held)
    return isDrained
  }

  return {
    get load() {
      const sent = tasks.messages.map(({ sentAt }) => sentAt)
      return {
        waiting: tasks.waiting,
        working: tasks.working,
        messages: sent.length,
        ...(sent.length > 0 && { oldestSentAt: sent.reduce((a, b) => Math.min(a, b)) }),
      }
    },
    get isWell() {
      return refusals === 0 && !work.ended.aborted
    },
    run: async (stop, deadline) => {
      const halt = AbortSignal.any([stop, work.ended])
      const ended = new AbortController()
      const holding = keepHolding(ended.signal).catch(tellBug)
      try {
        await receive(halt)
        return await drain(deadline())
      } finally {
        ended.abort()
        await holding
        await work
          .close()
          .catch((error: unknown) => tell({ kind: 'record-failed', problem: asProblem(error) }))
      }
    },
  }
}

const CHANGING = new Problem('source-changing', 'It is replaced faster than it can be rendered.', {
  hint: 'It is looked at again after a while.',
})

const pauseAfter = (times: number, longestMs: number): number =>
  times === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (times - 1), longestMs)
