import { asProblem, Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Queue, QueueFacts, QueueMessage } from '../../queue/port.ts'
import type { Clock } from '../../waiting/clock.ts'
import { orAborted } from '../../waiting/signals.ts'
import { STOPPED } from '../batch/source-steps.ts'
import type { TellWatch } from './event.ts'
import type { Naming } from './name-sources.ts'
import { createPauses, type Pauses } from './pauses.ts'
import { readMessage } from './read-message.ts'
import { createReturns, type Returns } from './returns.ts'
import { createSettling, type Settling } from './settling.ts'
import { createSourceTasks, type HeldMessage, type SourceTasks } from './source-tasks.ts'
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

/** What a worker holds at this moment. */
export interface WatchLoad {
  /** Numbers of sources. */
  readonly waiting: number
  readonly working: number
  readonly messages: number
  /** When the oldest held message was sent; undefined where there is none. */
  readonly oldestSentAt?: number
}

/** A worker. */
export type Watch = ReturnType<typeof createSession>

const MOST_PER_RECEIVE = 10
const POLL_MS = 20_000
/** A queue may be configured to hide nothing. */
const LEAST_HIDDEN_MS = 2_000
/** If a source is replaced faster than it can be rendered, its message is given back after so many rounds. */
const MOST_ROUNDS = 8

interface Parts extends SessionInput {
  readonly tasks: SourceTasks
  readonly settling: Settling
  readonly returns: Returns
  readonly pauses: Pauses
  readonly runner: SourceRunner
  readonly hiddenMs: number
}

/** A worker whose `run` also ends where its work has ended, because nothing can be stored. */
export const createSession = (input: SessionInput) => {
  const { facts, work, clock, tell } = input
  const tasks = createSourceTasks()
  const onBug = (error: unknown): void => tell({ kind: 'bug', error })
  const shared = {
    ...input,
    tasks,
    settling: createSettling({
      ...input,
      record: work.record,
      longestWaitMs: input.recordWithinMs,
      onDeleted: tasks.drop,
    }),
    returns: createReturns({ ...input, onReturned: tasks.drop }),
    pauses: createPauses(clock),
    hiddenMs: Math.max(facts.visibilityMs, LEAST_HIDDEN_MS),
  }
  const onEnd = (source: SourceKey, outcome: SourceOutcome) => endSource(source, outcome, shared)
  const parts: Parts = { ...shared, runner: createSourceRunner({ ...shared, onEnd, onBug }) }
  return {
    get load(): WatchLoad {
      const sent = tasks.messages.map(({ sentAt }) => sentAt)
      return {
        waiting: tasks.waiting,
        working: tasks.working,
        messages: sent.length,
        ...(sent.length > 0 && { oldestSentAt: sent.reduce((a, b) => Math.min(a, b)) }),
      }
    },
    /** Whether the last attempts to ask the queue, and to store results, succeeded. */
    get isWell(): boolean {
      return !parts.pauses.isRefused && !work.ended.aborted
    },
    /**
     * Works until `stop` aborts, then finishes the work that runs and gives back the rest; false where that was not
     * done before `deadline` aborted, which is called at that time. Rejects only on bugs.
     */
    run: async (stop: AbortSignal, deadline: () => AbortSignal): Promise<boolean> => {
      const halt = AbortSignal.any([stop, work.ended])
      const ended = new AbortController()
      const holding = keepHolding(ended.signal, parts).catch(onBug)
      try {
        await receive(halt, parts)
        return await drain(deadline(), parts)
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

type EndParts = Omit<Parts, 'runner'>

const endSource = async (source: SourceKey, outcome: SourceOutcome, parts: EndParts): Promise<void> => {
  const { tasks, pauses, work, clock, tell } = parts
  if (outcome.kind === 'changed' && tasks.roundsOf(source) < MOST_ROUNDS) return tasks.again(source)
  if (outcome.kind === 'settled') {
    pauses.noteEnd(false)
    const { end, problem } = outcome
    // Measured by two clocks.
    const elapsedMs = Math.max(0, clock.date() - (tasks.toldAt(source) ?? clock.date()))
    tell({ kind: 'source-settled', source, end, elapsedMs, problem })
    return endMessages(tasks.end(source), parts)
  }
  const problem = work.ended.aborted ? STOPPED : outcome.kind === 'failed' ? outcome.problem : CHANGING
  pauses.noteEnd(true)
  return endMessages(tasks.end(source, problem), parts)
}

const endMessages = async (ended: readonly HeldMessage[], { settling, returns }: EndParts): Promise<void> => {
  settling.add(ended.filter(({ problem }) => problem === undefined))
  await returns.giveBack(ended.filter(({ problem }) => problem === STOPPED))
  for (const held of ended)
    if (held.problem !== undefined && held.problem !== STOPPED) await returns.refuse(held, held.problem)
}

const receive = async (halt: AbortSignal, parts: Parts): Promise<void> => {
  const { queue, settling, runner, pauses, hiddenMs, tell } = parts
  while (!halt.aborted) {
    await runner.untilThereIsRoom(halt)
    await pauses.wait(halt)
    if (halt.aborted) return
    try {
      const most = MOST_PER_RECEIVE
      const messages = await queue.receive({ most, hiddenMs, waitMs: POLL_MS, signal: halt })
      pauses.noteAnswer(messages.length > 0)
      if (messages.length > 0) await take(messages, parts)
      else await settling.settle() // finished messages need not wait for more
    } catch (error) {
      if (halt.aborted) return
      pauses.noteRefusal()
      tell({ kind: 'queue-failed', problem: asProblem(error) })
    }
  }
}

const take = async (messages: readonly QueueMessage[], parts: Parts): Promise<void> => {
  const { queue, nameSources, tasks, returns, runner, tell } = parts
  tell({ kind: 'messages-received', messages: messages.length })
  const ignored: QueueMessage[] = []
  for (const message of messages) {
    const said = readMessage(message.body, nameSources)
    if (said.kind === 'sources') tasks.take(message, said.sources)
    else if (said.kind === 'unreadable') await returns.refuse({ message, sources: [] }, said.problem)
    else {
      tell({ ...said, kind: 'message-ignored' })
      ignored.push(message)
    }
  }
  runner.pump()
  if (ignored.length > 0) await queue.delete(ignored)
}

/** Keeps held messages hidden from others while this worker runs. */
const keepHolding = async (ended: AbortSignal, parts: Parts): Promise<void> => {
  const { queue, tasks, hiddenMs, clock, tell } = parts
  while (!ended.aborted) {
    await clock.wait(hiddenMs / 3, ended).catch(() => {})
    if (ended.aborted || tasks.messages.length === 0) continue
    await queue
      .hold(tasks.messages, hiddenMs)
      .catch((error: unknown) => tell({ kind: 'queue-failed', problem: asProblem(error) }))
  }
}

/** Finishes the work that runs, and gives back the rest at once. */
const drain = async (deadline: AbortSignal, parts: Parts): Promise<boolean> => {
  const { tasks, settling, returns, runner } = parts
  await endMessages(tasks.stop(STOPPED), parts)
  const ending = runner.drain().then(settling.settle)
  const isDrained = await orAborted(ending, deadline).then(
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

const CHANGING = new Problem('source-changing', 'It is replaced faster than it can be rendered.', {
  hint: 'It is looked at again after a while.',
})

/** Works on the sources that wait, so many at once. */
type SourceRunner = ReturnType<typeof createSourceRunner>

interface SourceRunnerOptions {
  readonly tasks: Pick<SourceTasks, 'waiting' | 'working' | 'next'>
  readonly work: Pick<SourcesWork, 'run'>
  readonly atOnce: number
  /** Called with each source that has ended. */
  readonly onEnd: (source: SourceKey, outcome: SourceOutcome) => Promise<void>
  readonly onBug: (error: unknown) => void
}

/** Nothing is worked on before `pump`. */
const createSourceRunner = ({ tasks, work, atOnce, onEnd, onBug }: SourceRunnerOptions) => {
  const running = new Set<Promise<void>>()
  let wake = (): void => {}

  /** Sources that are looked up together share one read of the ledger, so it waits until half of the places are free. */
  const pump = (): void => {
    const free = atOnce - tasks.working
    const sources = free * 2 < atOnce ? [] : tasks.next(free)
    if (sources.length === 0) return
    const ends: Promise<void>[] = []
    const end = (source: SourceKey, outcome: SourceOutcome): void => {
      ends.push(onEnd(source, outcome).catch(onBug))
      pump()
      wake()
    }
    const task: Promise<void> = work
      .run(sources, end)
      .catch(onBug)
      .then(() => Promise.all(ends))
      .then(() => {
        running.delete(task)
        wake()
      })
    running.add(task)
  }
  return {
    /** Begins with sources that wait, where enough places are free. */
    pump,
    /** Waits until more sources may be added, or `halt` aborts. */
    untilThereIsRoom: async (halt: AbortSignal): Promise<void> => {
      while (tasks.waiting >= atOnce && !halt.aborted)
        await orAborted(new Promise<void>((resolve) => (wake = resolve)), halt).catch(() => {})
    },
    drain: async (): Promise<void> => {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
