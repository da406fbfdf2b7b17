import { setMaxListeners } from 'node:events'
import { createRequire } from 'node:module'
import * as workerThreads from 'node:worker_threads'
import { Piscina } from 'piscina'
import { Problem } from '../core/problem.ts'
import { unreachable } from '../core/unreachable.ts'
import { type Budget, openBudget, type Release } from './budget.ts'
import { encoderVersion } from './encoder-version.ts'
import { readHeader } from './header.ts'
import './loaders.ts'
import { predictCheckBytes, predictDrawingHeaderBytes, predictRenderBytes } from './memory.ts'
import { type Patience, takeInTime, waitFor } from './patience.ts'
import { openPlaces, type Places } from './places.ts'
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
import { openProcesses, type Processes, type Work } from './processes.ts'
import { joinReports, shareOut } from './share.ts'
import { setUpSharp } from './sharp.ts'
import { sniffMedia } from './sniff.ts'
import {
  fromPlainProblem,
  fromPlainReport,
  type ThreadTask,
  toBugProblem,
  type WorkerAnswer,
  type WorkerTask,
} from './wire.ts'

export interface RendererOptions {
  /**
   * Pictures in work at once, one thread or process each. sharp itself works in libuv's pool, which must have more
   * threads than all of their encodes.
   */
  readonly threads: number
  /** Decoded bytes in flight, as predicted; a single picture above it is rendered alone. */
  readonly memoryBytes: number
  readonly limits: RenderLimits
  /**
   * Files of one picture that are encoded at once, while its next size is made: with 2, no core waits for the steps
   * of a batch to follow each other. Default 1, where a core is to be left to somebody else.
   */
  readonly encodesAtOnce?: number
  /** For transforms that name it. */
  readonly watermark?: Watermark
  /** The compiled worker; for tests of what happens when one dies. */
  readonly workerFile?: string
}

/**
 * Renders in worker threads; drawings, whose filters, paths and style sheets may take minutes in code that nothing
 * ends, in processes that are killed when their time is over. Whoever opens it closes it.
 */
export const openRenderer = (options: RendererOptions): Renderer => {
  setUpSharp()
  return new PooledRenderer(options)
}

/** What is compiled of a name in package.json's imports: the same from `dist` and under vitest. */
const compiled = (name: '#render-worker' | '#render-process'): string =>
  createRequire(import.meta.url).resolve(name)

class PooledRenderer implements Renderer {
  readonly encoderVersion = encoderVersion
  readonly #threads: Piscina<ThreadTask, WorkerAnswer>
  readonly #processes: Processes
  readonly #limits: RenderLimits
  readonly #watermark: Watermark | undefined
  /** Piscina's own queue stays empty, so that a wait can be given up; no more processes are at work than `threads`. */
  readonly #places: Places
  readonly #headers: Budget
  readonly #count: number
  readonly #encodesAtOnce: number
  readonly #memoryBytes: number

  constructor({ threads, memoryBytes, limits, encodesAtOnce, watermark, workerFile }: RendererOptions) {
    this.#limits = limits
    this.#count = threads
    this.#encodesAtOnce = encodesAtOnce ?? 1
    this.#memoryBytes = memoryBytes
    this.#watermark = watermark
    this.#places = openPlaces({ count: threads, memoryBytes })
    this.#headers = openBudget(HEADERS_AT_ONCE)
    this.#threads = new Piscina({
      filename: workerFile ?? compiled('#render-worker'),
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_TIMEOUT_MS,
    })
    this.#processes = openProcesses({ file: compiled('#render-process'), idleMs: IDLE_TIMEOUT_MS })
  }

  async render(request: RenderRequest, options: RenderOptions = {}): Promise<RenderReport> {
    const { onBegin: _, isFollowed, ...patience } = options
    options.signal?.throwIfAborted()
    const header = request.header ?? (await this.inspect(request.bytes, patience))
    const { encodesAtOnce, memoryBytes } = this.#fit(header, request)
    const job: RenderJob = {
      ...options,
      isDrawing: header.facts.mediaFormat === 'svg',
      task: {
        kind: 'render',
        limits: this.#limits,
        encodesAtOnce,
        ...this.#markFor(request),
        ...request,
        header,
      },
      memoryBytes,
      // One output may take the whole time; a build asks for many in one request.
      timeoutMs: this.#limits.renderTimeoutMs * Math.max(1, request.outputs.length),
    }
    const release = await this.#places.take(job)
    job.onBegin?.()
    // Where nobody else waits, the other threads would idle: in a build the last ones, or the only one.
    const isAlone = this.#places.waiting === 0 && !isFollowed?.() && !job.isDrawing
    const count = Math.ceil(this.#count / encodesAtOnce)
    const shares = isAlone ? shareOut(request.outputs, header.facts, count) : []
    if (shares.length < 2) return toReport(await this.#finish(job, release))
    return this.#renderInShares(job, shares, release)
  }

  /** The first share has room already; the others take theirs as it comes. */
  async #renderInShares(
    job: RenderJob,
    shares: readonly (readonly number[])[],
    release: Release,
  ): Promise<RenderReport> {
    const { signal, timeoutMs, memoryBytes, isDrawing, task } = job
    const ended = new AbortController()
    setMaxListeners(0, ended.signal) // one for each share, and there may be many threads
    const forward = (): void => ended.abort(signal?.reason)
    signal?.addEventListener('abort', forward, { once: true })
    if (signal?.aborted) forward()
    // Copied before the first takes the bytes with it. What has begun is finished, so only `signal` ends a wait.
    const jobs = shares.map((share, index): RenderJob => {
      const own = index === 0 ? {} : { bytes: new Uint8Array(task.bytes), isPortrayed: false }
      return { signal: ended.signal, timeoutMs, memoryBytes, isDrawing, task: { ...task, ...own, share } }
    })
    try {
      const answers = await Promise.all(
        jobs.map((each, index) => (index === 0 ? this.#finish(each, release) : this.#run(each))),
      )
      return joinReports(shares, answers.map(toReport))
    } catch (error) {
      ended.abort(error) // the others' work is for nothing
      throw error
    } finally {
      signal?.removeEventListener('abort', forward)
    }
  }

  inspect(bytes: Uint8Array, options: RenderOptions = {}): Promise<Header> {
    return this.#readHeader(bytes, this.#limits, options)
  }

  async check(bytes: Uint8Array): Promise<ResultFacts> {
    // What we made may have more pixels than sources may: a small picture on a large canvas.
    const { sourcePixels, outputPixels } = this.#limits
    const limits = { ...this.#limits, sourcePixels: Math.max(sourcePixels, outputPixels) }
    const header = await this.#readHeader(bytes, limits)
    const answer = await this.#run({
      isDrawing: header.facts.mediaFormat === 'svg',
      task: { kind: 'check', bytes },
      memoryBytes: predictCheckBytes(header, bytes.byteLength),
      timeoutMs: this.#limits.renderTimeoutMs,
    })
    if (answer.kind !== 'checked') throw new Error(`a check was answered by ${answer.kind}`)
    return answer.facts
  }

  async close(): Promise<void> {
    await Promise.all([this.#threads.close(), this.#processes.close()])
  }

  async #readHeader(bytes: Uint8Array, limits: RenderLimits, options: RenderOptions = {}): Promise<Header> {
    if (sniffMedia(bytes) === 'svg') return this.#readDrawingHeader(bytes, limits, options)
    const { signal, waitMs } = options
    const release =
      this.#headers.tryAcquire(1) ??
      (await takeInTime(waitMs, signal, (limited) => this.#headers.acquire(1, limited)))
    const work = readHeader(bytes, limits)
      .catch((error: unknown) => {
        throw toBugProblem(error)
      })
      .finally(release)
    return waitFor(work, { timeoutMs: limits.renderTimeoutMs, signal })
  }

  /** A drawing without a size is laid out to be measured: ten seconds for a path of 4 MB. */
  async #readDrawingHeader(bytes: Uint8Array, limits: RenderLimits, options: RenderOptions): Promise<Header> {
    const answer = await this.#run({
      ...options,
      isDrawing: true,
      task: { kind: 'inspect', bytes, limits },
      memoryBytes: predictDrawingHeaderBytes(bytes.byteLength),
      timeoutMs: limits.renderTimeoutMs,
    })
    if (answer.kind !== 'inspected') throw new Error(`a header was answered by ${answer.kind}`)
    return answer.header
  }

  /** How many files are encoded at once, and what the picture then holds: one after another where two have no room. */
  #fit(header: Header, { outputs, encoders, bytes }: RenderRequest) {
    const mark = this.#markFor({ outputs })
    const request = { facts: header.facts, outputs, encoders, limits: this.#limits, ...mark }
    const fitWith = (encodesAtOnce: number) => ({
      encodesAtOnce,
      memoryBytes: predictRenderBytes(header, { ...request, encodesAtOnce }, bytes.byteLength),
    })
    const wanted = fitWith(this.#encodesAtOnce)
    return wanted.memoryBytes <= this.#memoryBytes ? wanted : fitWith(1)
  }

  /** The watermark goes to a thread only where a transform names one. */
  #markFor({ outputs }: Pick<RenderRequest, 'outputs'>): { readonly watermark?: Watermark } {
    const isNamed = outputs.some(({ transform }) => transform.watermark !== undefined)
    return isNamed && this.#watermark !== undefined ? { watermark: this.#watermark } : {}
  }

  /** Waits for a place and for memory, and holds both until the worker is done or gone, whoever still listens. */
  async #run(job: Job): Promise<WorkerSuccess> {
    const release = await this.#places.take(job)
    job.onBegin?.()
    return this.#finish(job, release)
  }

  async #finish(job: Job, release: Release): Promise<WorkerSuccess> {
    const { answer, giveUp } = this.#begin(job, release)
    return toSuccess(await waitFor(answer.catch(crashed).finally(release), { ...job, giveUp }))
  }

  /** Gives the room back where nothing can begin: the system has no process left, or all is closed. */
  #begin({ task, isDrawing }: Job, release: Release): Work {
    try {
      return isDrawing ? this.#processes.run(task) : this.#runInThread(task)
    } catch (error) {
      release()
      throw error
    }
  }

  #runInThread(task: WorkerTask): Work {
    const stop = new SharedArrayBuffer(4)
    const { bytes, transferList } = giveAway(task.bytes)
    return {
      answer: this.#threads.run({ ...task, stop, bytes }, { transferList }),
      giveUp: () => Atomics.store(new Int32Array(stop), 0, 1),
    }
  }
}

const HEADERS_AT_ONCE = 2
const IDLE_TIMEOUT_MS = 10_000

interface Job extends Patience, Pick<RenderOptions, 'waitMs' | 'waitSignal' | 'onBegin'> {
  readonly task: WorkerTask
  /** Whether the bytes are an SVG: work for a process. */
  readonly isDrawing: boolean
  readonly memoryBytes: number
}

interface RenderJob extends Job {
  readonly task: Extract<WorkerTask, { kind: 'render' }>
}

type WorkerSuccess = Extract<WorkerAnswer, { kind: 'rendered' | 'inspected' | 'checked' }>

const toReport = (answer: WorkerSuccess): RenderReport => {
  if (answer.kind !== 'rendered') throw new Error(`a render was answered by ${answer.kind}`)
  return fromPlainReport(answer.report)
}

const toSuccess = (answer: WorkerAnswer): WorkerSuccess => {
  switch (answer.kind) {
    case 'rendered':
    case 'inspected':
    case 'checked':
      return answer
    case 'problem':
      throw fromPlainProblem(answer.problem)
    case 'bug':
      throw toBugProblem(Object.assign(new Error(answer.message), { stack: answer.stack }))
    case 'stopped':
      throw new Error('the worker stopped and nobody asked it to')
    default:
      return unreachable(answer)
  }
}

/** The worker answers its own errors; only its death rejects. The picture may be why, so it is the picture's Problem. */
const crashed = (cause: unknown): never => {
  throw new Problem('render-crashed', 'The thread or process that rendered the picture died.', { cause })
}

/** The bytes to hand to a thread: the memory itself where it is all theirs and may go, else a copy. */
const giveAway = (bytes: Uint8Array): { bytes: Uint8Array; transferList: ArrayBuffer[] } => {
  const { buffer } = bytes
  const isAll = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength && !isPinned(buffer)
  const own = isAll ? bytes : new Uint8Array(bytes)
  return { bytes: own, transferList: own.buffer instanceof ArrayBuffer ? [own.buffer] : [] }
}

/** Memory that libvips owns cannot change threads: Node 20 then copies by itself, later ones throw. */
const isPinned = (buffer: ArrayBuffer): boolean =>
  'isMarkedAsUntransferable' in workerThreads &&
  (workerThreads as { isMarkedAsUntransferable(value: object): boolean }).isMarkedAsUntransferable(buffer)
