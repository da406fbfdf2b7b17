import { createRequire } from 'node:module'
import type { Format } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import { unreachable } from '../core/unreachable.ts'
import { type Budget, openBudget } from '../waiting/budget.ts'
import { onAbort } from '../waiting/signals.ts'
import { systemClock } from '../waiting/system-clock.ts'
import { openWait, type Wait } from '../waiting/time-limit.ts'
import { encoderVersion } from './encoder-version.ts'
import type {
  Header,
  Renderer,
  RenderLimits,
  RenderOptions,
  RenderReport,
  RenderRequest,
  ResultFacts,
  Watermark,
} from './port.ts'
import { openProcesses, type Processes } from './processes.ts'
import { joinReports, shareOut } from './share.ts'
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

/** What a renderer may use, and how it renders. */
export interface RendererOptions {
  /** How many pictures are rendered at once, each in a process. */
  readonly threads: number
  /** Bytes that all renders may hold together, as predicted; a picture that needs more alone is refused. */
  readonly memoryBytes: number
  readonly limits: RenderLimits
  /**
   * How many files of one picture are encoded at once, while its next size is made: with 2, no core waits between the
   * steps of a batch. Default 1, which leaves cores to others.
   */
  readonly encodesAtOnce?: number
  /** Whether wide colours are kept, in Display P3, or converted to sRGB. Default `keep`. */
  readonly colors?: 'keep' | 'srgb'
  /** For transforms that name it. */
  readonly watermark?: Watermark
  /** The compiled program of a process; only for tests of what happens when one dies. */
  readonly processFile?: string
}

/**
 * Renders in processes, one picture in each, which are ended when their time is over. Whoever opens it must close it.
 */
export const openRenderer = (options: RendererOptions): Renderer => new PooledRenderer(options)

/** The compiled file of a name in package.json's imports: the same from `dist` and under vitest. */
const compiled = (name: '#render-process'): string => createRequire(import.meta.url).resolve(name)

class PooledRenderer implements Renderer {
  readonly #processes: Processes
  /** One for each picture that is rendered. */
  readonly #places: Budget
  readonly #memory: SharedMemory
  readonly #options: RendererOptions
  readonly #encodesAtOnce: number
  readonly #grantedBytes: number
  /** The predicted work of all tasks so far. */
  #askedMs = 0

  constructor(options: RendererOptions) {
    const { threads, memoryBytes, encodesAtOnce = 1, processFile } = options
    this.#options = options
    this.#encodesAtOnce = encodesAtOnce
    this.#places = openBudget(threads)
    this.#memory = openSharedMemory(memoryBytes)
    this.#grantedBytes = Math.min(MOST_GRANTED_BYTES, memoryBytes / threads / 2)
    this.#processes = openProcesses({
      file: processFile ?? compiled('#render-process'),
      stepsAtOnce: encodesAtOnce,
      mostBytes: this.#memory.mostBytes,
      idleMs: IDLE_MS,
    })
  }

  readonly encoderVersion = (format: Format): string =>
    this.#processes.encoders?.[format] ?? encoderVersion(format)

  async render(request: RenderRequest, options: RenderOptions = {}): Promise<RenderReport> {
    const { limits, threads, colors } = this.#options
    const { bytes, outputs, encoders, wantsPreview, wantsSubjects, wantsScore } = request
    const task: RenderTask = {
      kind: 'render',
      bytes,
      outputs,
      encoders,
      limits,
      encodesAtOnce: this.#encodesAtOnce,
      ...(colors && { colors }),
      ...this.#markFor(request),
      ...(wantsPreview && { wantsPreview }),
      ...(wantsSubjects && { wantsSubjects }),
      ...(wantsScore && { wantsScore }),
    }
    // One output may take the whole time limit; a build asks for many in one request.
    const timeoutMs = limits.renderTimeoutMs * Math.max(1, outputs.length)
    let sharing: Sharing | undefined
    try {
      const answer = await this.#run({
        ...options,
        task,
        timeoutMs,
        onBegin: () => options.onBegin?.(),
        onGranted: ({ facts }, encodesAtOnce) => {
          // If nobody else waits, other processes would be idle: at the end of a build, or with a single picture.
          const isAlone = this.#places.waiting === 0 && !options.isFollowed?.()
          if (!isAlone || facts === undefined) return undefined
          const shares = shareOut(outputs, facts, Math.ceil(threads / encodesAtOnce))
          if (shares.length > 1) sharing = this.#share({ task, timeoutMs, shares, signal: options.signal })
          return shares.length > 1 ? shares[0] : undefined
        },
      })
      return sharing === undefined ? toReport(answer) : await sharing.join(toReport(answer))
    } catch (error) {
      sharing?.end(error) // the work of the others is not needed any more
      throw error
    }
  }

  /**
   * Renders all shares except the first, which runs already. Work that has begun is finished; only a signal ends a
   * wait.
   */
  #share({ task, timeoutMs, shares, signal }: Shared): Sharing {
    const ended = new AbortController()
    const until = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal])
    const { wantsPreview: _, wantsSubjects: __, ...plain } = task
    const others = shares
      .slice(1)
      .map((share) => this.#run({ task: { ...plain, share }, timeoutMs, signal: until }).then(toReport))
    // The first failure ends all shares, and `join` throws it.
    for (const other of others) other.catch((error: unknown) => ended.abort(error))
    return {
      join: async (first) => joinReports(shares, [first, ...(await Promise.all(others))]),
      end: (reason) => ended.abort(reason),
    }
  }

  async inspect(bytes: Uint8Array, options: RenderOptions = {}): Promise<Header> {
    const answer = await this.#run({ ...options, ...this.#timed({ kind: 'inspect', bytes }) })
    if (answer.kind !== 'inspected') throw new Error(`a header was answered by ${answer.kind}`)
    return answer.header
  }

  async check(bytes: Uint8Array): Promise<ResultFacts> {
    const answer = await this.#run(this.#timed({ kind: 'check', bytes }))
    if (answer.kind !== 'checked') throw new Error(`a check was answered by ${answer.kind}`)
    return answer.facts
  }

  probe(): Promise<void> {
    return this.#processes.probe()
  }

  close(): Promise<void> {
    return this.#processes.close()
  }

  #timed(task: { readonly kind: 'inspect' | 'check'; readonly bytes: Uint8Array }) {
    const { limits } = this.#options
    return { task: { ...task, limits }, timeoutMs: limits.renderTimeoutMs }
  }

  /** The watermark is sent to a process only if a transform names one. */
  #markFor({ outputs }: RenderRequest): { readonly watermark?: Watermark } {
    const { watermark } = this.#options
    const isNamed = outputs.some(({ transform }) => transform.watermark !== undefined)
    return isNamed && watermark !== undefined ? { watermark } : {}
  }

  /** Waits for a place, and holds it until the process is done or gone, even if nobody listens any more. */
  async #run(job: Job): Promise<Success> {
    job.signal?.throwIfAborted()
    this.#askedMs += job.costMs ?? START_MS
    this.#processes.reconsider()
    const wait = waitFor(job)
    const place =
      this.#places.tryAcquire(1) ?? (await wait.for((signal) => this.#places.acquire(1, { signal })))
    const worker = await wait
      .for((signal) => this.#processes.take(signal, (others) => this.#askedMs >= others * START_MS))
      .catch((error: unknown) => {
        place.release()
        throw error
      })
    // What ends it before its answer; this may happen at any time.
    let reason: unknown
    const end = (why: unknown): void => {
      reason ??= why
      worker.giveUp(why)
    }
    const memory = this.#memory.open(end)
    worker.watch(memory.see)
    const ask = async (order: TaskOrder): Promise<TaskReply> => {
      const { timeoutMs, signal } = job
      const stopAlarm = systemClock.alarm(timeoutMs, () => end(renderTimeout(timeoutMs)))
      const stop = onAbort(signal, () => end(signal?.reason))
      try {
        return await worker.ask(order)
      } catch (error) {
        throw reason ?? crashed(error)
      } finally {
        stopAlarm()
        stop()
      }
    }
    try {
      return toSuccess(await this.#converse(job, { ask, memory, wait }))
    } finally {
      // Its memory counts until it has gone.
      void worker.leave().then(() => {
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
      await memory.take(memoryBytes, wait)
      const encodesAtOnce = hasRoom ? this.#encodesAtOnce : 1
      if (!isGranted) job.onBegin?.()
      const share = job.onGranted?.(reply, encodesAtOnce)
      reply = await ask({ kind: 'granted', memoryBytes, encodesAtOnce, ...(share && { share }) })
    }
    return reply
  }
}

const IDLE_MS = 10_000

/** The start of a process in milliseconds of one core: less work than that is left to those that are there. */
const START_MS = 120

/** What a small original gets without asking: enough for one result of a photograph. Of little memory, half of its part. */
const MOST_GRANTED_BYTES = 32 * 1024 * 1024
/** A larger share of that would hardly be enough. */
const SMALL_SHARE = 1 / 8

type RenderTask = Extract<Task, { kind: 'render' }>

interface Job extends Pick<RenderOptions, 'waitMs' | 'waitSignal' | 'costMs'> {
  readonly task: Task
  /** The limit between one answer of the process and the next. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Called when the work begins. */
  readonly onBegin?: () => void
  /** Called with what it needs once that is granted; returns which outputs it makes; default all. */
  readonly onGranted?: (needs: Needs, encodesAtOnce: number) => readonly number[] | undefined
}

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

interface Conversation {
  readonly ask: (order: TaskOrder) => Promise<TaskReply>
  readonly memory: MemoryShare
  readonly wait: Wait
}

interface Shared extends Pick<Job, 'timeoutMs' | 'signal'> {
  readonly task: RenderTask
  readonly shares: readonly (readonly number[])[]
}

interface Sharing {
  readonly join: (first: RenderReport) => Promise<RenderReport>
  readonly end: (reason: unknown) => void
}

type Success = Extract<TaskAnswer, { kind: 'rendered' | 'inspected' | 'checked' }>

const toReport = (answer: Success): RenderReport => {
  if (answer.kind !== 'rendered') throw new Error(`a render was answered by ${answer.kind}`)
  return answer.report
}

const toSuccess = (answer: TaskAnswer): Success => {
  switch (answer.kind) {
    case 'rendered':
    case 'inspected':
    case 'checked':
      return answer
    case 'problem':
      throw fromPlainProblem(answer.problem)
    case 'bug':
      throw toBugProblem(Object.assign(new Error(answer.message), { stack: answer.stack }))
    default:
      return unreachable(answer)
  }
}

/**
 * A process answers its own errors; only its death rejects. The picture may be the reason, so the Problem is the
 * picture's.
 */
const crashed = (cause: unknown): Problem =>
  new Problem('render-crashed', 'The process that rendered the picture died.', { cause })
