import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { Problem } from '../core/problem.ts'
import type { EncoderVersions } from './encoder-version.ts'
import { RenderProcess, type RenderProcessOptions } from './render-process.ts'
import type { Order, Reply } from './wire.ts'

/**
 * Does tasks in processes of their own, which can be ended whatever they do, and which nothing that goes wrong in
 * one of them outlives: no decoder and no encoder can be ended in a thread.
 */
export interface Processes {
  /** As the first that was started has told of itself; absent before. */
  readonly encoders: EncoderVersions | undefined
  /**
   * One that is idle, else a new one: whoever asks bounds how many there are. Where the system has none left it is
   * the next that is idle, or Problem `render-unavailable` where there is none at all.
   */
  take(signal?: AbortSignal): Promise<Worker>
  /** Rejects with Problem `render-unavailable` where the last could not be started and it still cannot. */
  probe(): Promise<void>
  /** Ends them all, at work or not, and waits until they have gone. */
  close(): Promise<void>
}

/** A process that works for somebody. */
interface Worker {
  /** From now on hears how much memory the task holds, where that is more than it got. */
  watch(onHolds: (bytes: number) => void): void
  /** Tells it something and waits for what it says next; rejects, with why, when it has died. */
  ask(order: Order): Promise<Reply>
  /** Ends it, if it is at work, else has it wait for the next. Resolves once it holds nothing any more. */
  leave(): Promise<void>
}

export interface ProcessesOptions extends RenderProcessOptions {
  /** How long one waits for its next task before it is ended. */
  readonly idleMs: number
}

/** Starts none yet. */
export const openProcesses = (options: ProcessesOptions): Processes => new ProcessPool(options)

class ProcessPool implements Processes {
  readonly #options: ProcessesOptions
  readonly #alive = new Set<RenderProcess>()
  /** With what ends them when they have waited for too long. The last to rest is the first to work. */
  readonly #idle = new Map<RenderProcess, NodeJS.Timeout>()
  /** Who waits for one to be idle, or to have gone. */
  readonly #waiting = new Set<() => void>()
  #encoders: EncoderVersions | undefined
  #hasFailed = false
  #isClosed = false

  constructor(options: ProcessesOptions) {
    this.#options = options
  }

  get encoders(): EncoderVersions | undefined {
    return this.#encoders
  }

  async take(signal?: AbortSignal): Promise<Worker> {
    for (;;) {
      signal?.throwIfAborted()
      if (this.#isClosed) throw unavailable(new Error('the renderer is closed'))
      const found = this.#wake() ?? (await this.#start())
      if (found instanceof RenderProcess) {
        if (!signal?.aborted) return this.#toWorker(found)
        this.#rest(found)
      } else if (this.#alive.size === 0) throw unavailable(found)
      else if (this.#idle.size === 0) await this.#change(signal)
    }
  }

  async probe(): Promise<void> {
    if (!this.#hasFailed || this.#alive.size > 0) return
    const worker = await this.take()
    await worker.leave()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const each of this.#alive) each.kill()
    await Promise.all([...this.#alive].map(({ ended }) => ended))
  }

  #toWorker(own: RenderProcess): Worker {
    return {
      watch: (onHolds) => own.watch(onHolds),
      ask: (order) => own.ask(order),
      leave: async () => {
        if (!own.isAtWork && !own.hasEnded && !this.#isClosed) return this.#rest(own)
        own.kill()
        await own.ended
      },
    }
  }

  #wake(): RenderProcess | undefined {
    const last = [...this.#idle].at(-1)
    if (last === undefined) return undefined
    const [found, timer] = last
    clearTimeout(timer)
    this.#idle.delete(found)
    return found
  }

  /** A new one, or why there is none. */
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
      this.#tellChange()
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
    }, this.#options.idleMs)
    this.#idle.set(tired, timer.unref())
    this.#tellChange()
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

  #tellChange(): void {
    for (const end of this.#waiting) end()
  }
}

/** Two sockets and two pipes, and some for whoever opens files at the same time. */
const FILES_TO_START = 8

/** Why too few files may be opened to start a process: a start that fails for that leaves some open for ever (Node 20). */
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

/** A busy machine takes seconds where 0.1 is usual. */
const LONGEST_START_MS = 30_000

const unavailable = (cause: Error): Problem =>
  new Problem('render-unavailable', `No process could be started to render in (${cause.message}).`, {
    hint: 'See what was printed, the limits of processes and open files, and `imgsizes doctor`.',
    cause,
  })
