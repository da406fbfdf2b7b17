import { createRequire } from 'node:module'
import { Problem } from '../core/problem.ts'
import { type Budget, openBudget } from '../waiting/budget.ts'
import { onAbort } from '../waiting/signals.ts'
import { systemClock } from '../waiting/system-clock.ts'
import { openWait, type Wait } from '../waiting/time-limit.ts'
import type { RenderOptions } from './port.ts'
import { Processes } from './processes.ts'
import { wasKilled } from './render-process.ts'
import { type MemoryShare, openSharedMemory, type SharedMemory } from './shared-memory.ts'
import {
  fromPlainProblem,
  type Needs,
  type Task,
  type TaskAnswer,
  type TaskOrder,
  type TaskReply,
  toBugProblem,
} from './task-messages.ts'

/** What tasks may use together. */
export interface TaskRunnerOptions {
  /** How many pictures are rendered at once, each in a process. */
  readonly threads: number
  /** Bytes that all renders may hold together, as predicted; a picture that needs more alone is refused. */
  readonly memoryBytes: number
  /**
   * How many files of one picture are encoded at once, while its next size is made: with 2, no core waits between the
   * steps of a batch. Default 1, which leaves cores to others.
   */
  readonly encodesAtOnce?: number
  /** The compiled program of a process; only for tests of what happens when one dies. */
  readonly processFile?: string
}

/** A task, and how long it may wait and work. */
export interface Job extends Pick<RenderOptions, 'waitMs' | 'waitSignal' | 'costMs' | 'signal' | 'onBegin'> {
  readonly task: Task
  /** The limit between one answer of the process and the next. */
  readonly timeoutMs: number
  /** Called with what it needs once that is granted; returns which outputs it makes; default all. */
  readonly onGranted?: (needs: Needs, encodesAtOnce: number) => readonly number[] | undefined
}

type Success = Exclude<TaskAnswer, { kind: 'problem' | 'bug' }>

/** Runs each task in a process of its own, once there are a place, a process and memory for it. */
export class TaskRunner {
  readonly processes: Processes
  /** One for each picture that is rendered. */
  readonly #places: Budget
  readonly #memory: SharedMemory
  readonly #encodesAtOnce: number
  readonly #grantedBytes: number
  /** The predicted work of all tasks so far. */
  #askedMs = 0

  /** Starts no process yet. */
  constructor({ threads, memoryBytes, encodesAtOnce = 1, processFile }: TaskRunnerOptions) {
    this.#encodesAtOnce = encodesAtOnce
    this.#places = openBudget(threads)
    this.#memory = openSharedMemory(memoryBytes)
    this.#grantedBytes = Math.min(MOST_GRANTED_BYTES, memoryBytes / threads / 2)
    this.processes = new Processes({
      // The compiled file of a name in package.json: the same from `dist` and under vitest.
      file: processFile ?? createRequire(import.meta.url).resolve('#render-process'),
      stepsAtOnce: encodesAtOnce,
      mostBytes: this.#memory.mostBytes,
    })
  }

  /** Whether tasks wait for a place. */
  get isBusy(): boolean {
    return this.#places.waiting > 0
  }

  /** The answer to a task, which is of this kind; a failure is the Problem of the task's picture. */
  async run<K extends Success['kind']>(kind: K, job: Job): Promise<Extract<Success, { kind: K }>> {
    const answer = await this.#runAgainIfKilled(job)
    if (answer.kind === 'problem') throw fromPlainProblem(answer.problem)
    if (answer.kind === 'bug')
      throw toBugProblem(Object.assign(new Error(answer.message), { stack: answer.stack }))
    if (!isOfKind(answer, kind)) throw new Error(`a task was ${answer.kind}, and not ${kind}`)
    return answer
  }

  /** The system kills the process that is largest, not the one at fault; if it kills twice, the picture is to blame. */
  async #runAgainIfKilled(job: Job): Promise<TaskAnswer> {
    let share: ReturnType<NonNullable<Job['onGranted']>>
    const onGranted: Job['onGranted'] = (...granted) => (share ??= job.onGranted?.(...granted))
    try {
      return await this.#run({ ...job, onGranted })
    } catch (error) {
      if (!wasKilled(error)) throw error
      return this.#run({ ...job, onGranted })
    }
  }

  /** Waits for a place, and holds it until the process is done or gone, even if nobody listens any more. */
  async #run(job: Job): Promise<TaskAnswer> {
    this.#askedMs += job.costMs ?? START_MS
    this.processes.reconsider()
    const wait = waitFor(job)
    const place =
      this.#places.tryAcquire(1) ?? (await wait.for((signal) => this.#places.acquire(1, { signal })))
    const worker = await wait
      .for((signal) => this.processes.take(signal, (others) => this.#askedMs >= others * START_MS))
      .catch((error: unknown) => {
        place.release()
        throw error
      })
    const memory = this.#memory.open((problem) => worker.giveUp(problem))
    worker.watch(memory.see)
    const ask = async (order: TaskOrder): Promise<TaskReply> => {
      const { timeoutMs, signal } = job
      const stopAlarm = systemClock.alarm(timeoutMs, () => worker.giveUp(renderTimeout(timeoutMs)))
      const stop = onAbort(signal, () => worker.giveUp(signal?.reason))
      try {
        return await worker.ask(order)
      } finally {
        stopAlarm()
        stop()
      }
    }
    try {
      return await this.#converse(job, { ask, memory, wait })
    } finally {
      // Its memory counts until it has gone.
      void this.processes.leave(worker).then(() => {
        memory.close()
        place.release()
      })
    }
  }

  /** Sends the task, and grants the memory that it asks for. */
  async #converse(job: Job, { ask, memory, wait }: Conversation): Promise<TaskAnswer> {
    const grantedBytes = this.#grantedBytes
    const isSmall = job.task.kind === 'render' && job.task.bytes.byteLength <= grantedBytes * SMALL_SHARE
    const isGranted = isSmall && memory.tryTake(grantedBytes)
    if (isGranted) job.onBegin?.()
    let reply = await ask(isGranted ? { ...job.task, grantedBytes } : job.task)
    while (reply.kind === 'needs') {
      // As many files at once as memory allows.
      const hasRoom = reply.memoryBytes <= this.#memory.sizeBytes
      const memoryBytes = hasRoom ? reply.memoryBytes : reply.leastBytes
      const hasWaited = await memory.take(memoryBytes, wait)
      const encodesAtOnce = hasRoom ? this.#encodesAtOnce : 1
      if (!isGranted || hasWaited) job.onBegin?.()
      const share = job.onGranted?.(reply, encodesAtOnce)
      reply = await ask({ kind: 'granted', memoryBytes, encodesAtOnce, ...(share && { share }) })
    }
    return reply
  }
}

interface Conversation {
  readonly ask: (order: TaskOrder) => Promise<TaskReply>
  readonly memory: MemoryShare
  readonly wait: Wait
}

const isOfKind = <K extends Success['kind']>(
  answer: Success,
  kind: K,
): answer is Extract<Success, { kind: K }> => answer.kind === kind

/** The start of a process in milliseconds of one core: less work than that is left to those that are there. */
const START_MS = 120

/** What a small original gets without asking: enough for one result of a photograph. Of little memory, half of its part. */
const MOST_GRANTED_BYTES = 32 * 1024 * 1024
/** A larger share of that would hardly be enough. */
const SMALL_SHARE = 1 / 8

/** The wait for a place, a process and memory together: Problem `overloaded` where it takes too long. */
const waitFor = ({ waitMs, signal, waitSignal }: Job): Wait =>
  openWait(systemClock, {
    waitMs,
    signal: signal ?? waitSignal,
    onTimeout: () =>
      new Problem('overloaded', `No process or no memory was free within ${(waitMs ?? 0) / 1000} s.`),
  })

const renderTimeout = (timeoutMs: number): Problem =>
  new Problem('render-timeout', `The picture took longer than ${timeoutMs / 1000} s.`, {
    hint: 'Raise limits.renderTimeout, or lower the effort of the encoders.',
  })
