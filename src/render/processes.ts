import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { Problem } from '../core/problem.ts'
import type { EncoderVersions } from './encoder-version.ts'
import { RenderProcess, type RenderProcessOptions } from './render-process.ts'

/**
 * Separate processes, which can be ended whatever they do, together with everything that went wrong in them: in a
 * thread, no decoder and no encoder can be ended. None is started before it is needed.
 */
export class Processes {
  readonly #options: RenderProcessOptions
  readonly #alive = new Set<RenderProcess>()
  /** With the timer that ends each. The one that became idle last works first. */
  readonly #idle = new Map<RenderProcess, NodeJS.Timeout>()
  /** Those who wait until one is idle or gone. */
  readonly #waiting = new Set<() => void>()
  #encoders: EncoderVersions | undefined
  #hasFailed = false
  #isClosed = false

  constructor(options: RenderProcessOptions) {
    this.#options = options
  }

  /** As told by the first process that was started; undefined before that. */
  get encoders(): EncoderVersions | undefined {
    return this.#encoders
  }

  /**
   * An idle process, else a new one; the caller limits how many there are. If `isWorth` says that another one beside so
   * many is not worth its start, or if the system has none left, it waits for the next idle one; Problem
   * `render-unavailable` where there is none at all.
   */
  async take(signal?: AbortSignal, isWorth = (_others: number) => true): Promise<RenderProcess> {
    for (;;) {
      signal?.throwIfAborted()
      if (this.#isClosed) throw unavailable(new Error('the renderer is closed'))
      const mayStart = isWorth(this.#alive.size)
      const found = this.#wake() ?? (mayStart ? await this.#start() : undefined)
      if (found === undefined) await this.#change(signal)
      else if (found instanceof RenderProcess) {
        if (!signal?.aborted) return found
        this.#rest(found)
      } else if (this.#alive.size === 0) throw unavailable(found)
      else if (this.#idle.size === 0) await this.#change(signal)
    }
  }

  /** Ends one that was taken if it was given up, else keeps it. Resolves once it holds nothing any more. */
  async leave(left: RenderProcess): Promise<void> {
    if (!left.isLost) return this.#rest(left)
    left.kill()
    await left.ended
  }

  /** Has those who wait ask again whether another process is worth its start. */
  reconsider(): void {
    for (const end of this.#waiting) end()
  }

  /** Rejects with Problem `render-unavailable` where the last start failed, and still fails. */
  async probe(): Promise<void> {
    if (!this.#hasFailed || this.#alive.size > 0) return
    await this.leave(await this.take())
  }

  /** Ends them all, idle or not, and waits until they have gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const each of this.#alive) each.kill()
    await Promise.all([...this.#alive].map(({ ended }) => ended))
  }

  #wake(): RenderProcess | undefined {
    const [found, timer] = [...this.#idle].at(-1) ?? []
    clearTimeout(timer)
    if (found !== undefined) this.#idle.delete(found)
    return found
  }

  /** A new one, or why none could be started. */
  async #start(): Promise<RenderProcess | Error> {
    const lack = findLackOfFiles()
    this.#hasFailed = lack !== undefined
    if (lack !== undefined) return lack
    const started = new RenderProcess(this.#options)
    this.#alive.add(started)
    void started.ended.then(() => {
      this.#alive.delete(started)
      clearTimeout(this.#idle.get(started))
      this.#idle.delete(started)
      this.reconsider()
    })
    const timer = setTimeout(() => started.kill(), LONGEST_START_MS)
    try {
      const encoders = await started.ready
      this.#encoders ??= encoders
      return started
    } catch (error) {
      this.#hasFailed = true
      await started.ended
      return toError(error)
    } finally {
      clearTimeout(timer)
    }
  }

  #rest(tired: RenderProcess): void {
    tired.rest()
    const timer = setTimeout(() => {
      this.#idle.delete(tired)
      tired.kill()
    }, IDLE_MS)
    this.#idle.set(tired, timer.unref())
    this.reconsider()
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(end)
        signal?.removeEventListener('abort', end)
        if (signal?.aborted) reject(signal.reason)
        else resolve()
      }
      this.#waiting.add(end)
      signal?.addEventListener('abort', end, { once: true })
    })
  }
}

/** Two sockets and two pipes, and some more for code that opens files at the same time. */
const FILES_TO_START = 8

/** Why too few files can be opened to start a process: on Node 20, such a failed start leaves some open for ever. */
const findLackOfFiles = (): Error | undefined => {
  const opened: number[] = []
  try {
    for (let i = 0; i < FILES_TO_START; i++) opened.push(openSync(devNull, 'r'))
    return undefined
  } catch (error) {
    return toError(error)
  } finally {
    for (const file of opened) closeSync(file)
  }
}

const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/** An idle process waits this long for a task before it is ended. */
const IDLE_MS = 10_000

/** Usually it takes 0.1 seconds, but on a busy machine several. */
const LONGEST_START_MS = 30_000

const unavailable = (cause: Error): Problem =>
  new Problem('render-unavailable', `No process could be started to render in (${cause.message}).`, {
    hint: 'See what was printed, the limits of processes and open files, and `imgsizes doctor`.',
    cause,
  })
