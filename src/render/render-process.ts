import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import { Problem } from '../core/problem.ts'
import type { EncoderVersions } from './encoder-version.ts'
import { FrameReader, type MessageFrame, writeFrame } from './message-frames.ts'
import { formatOrder, parseReply, type TaskOrder, type TaskReply } from './task-messages.ts'

/** How a render process is started. */
export interface RenderProcessOptions {
  /** The compiled module that it runs. */
  readonly file: string
  /** How many steps it does at once: the threads of its libuv. */
  readonly stepsAtOnce: number
  /** The most bytes that it may hold in any case. */
  readonly mostBytes: number
}

/** A child process that does one task at a time. It keeps the parent alive only during a task, and ends with it. */
export class RenderProcess {
  /** Resolves once it can be used, with its encoders; rejects where it cannot be started. */
  readonly ready: Promise<EncoderVersions>
  /** Resolves once it has gone, with everything that it held. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  /** Undefined where the system had no file descriptor left for it. */
  readonly #channel: Duplex | undefined
  #becomeReady: (encoders: EncoderVersions) => void = () => {}
  #asked: { resolve(reply: TaskReply): void; reject(why: unknown): void } | undefined
  #onHolds: (bytes: number) => void = () => {}
  #why: unknown
  #isAwaitingGrant = false

  constructor(options: RenderProcessOptions) {
    this.#child = spawn(
      process.execPath,
      [...FLAGS, ...preloads(), options.file, String(options.mostBytes)],
      {
        env: toEnvironment(process.env, options),
        // Messages of GLib and Node about their end are replaced by our own.
        stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
        // In a session of its own, Ctrl-C does not reach it, not even before it can ignore that.
        detached: process.platform !== 'win32',
      },
    )
    this.#channel = this.#child.stdio?.[CHANNEL] as Duplex | undefined
    let fail = (_: Error): void => {}
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve
      fail = reject
    })
    this.ended = new Promise((resolve) => {
      const end = (why: Error): void => {
        this.giveUp(crashed(why))
        this.#channel?.destroy()
        fail(why)
        resolve()
      }
      this.#child.once('exit', (code, signal) =>
        end(signal === 'SIGKILL' ? KILLED : new Error(`ended by ${signal ?? code}`)),
      )
      // A process that never started does not exit.
      this.#child.on('error', (error) => this.#child.pid === undefined && end(error))
    })
    const reader = new FrameReader((frame) => this.#hear(frame))
    this.#channel?.on('data', (read: Buffer) => {
      try {
        reader.take(read)
      } catch (error) {
        this.giveUp(crashed(error)) // it does not follow the protocol any more: it was taken over, or is broken
        this.kill()
      }
    })
    // If something cannot be sent, its exit tells why.
    this.#channel?.on('error', () => this.kill())
  }

  /** Whether it has ended, or was given up. */
  get isLost(): boolean {
    return this.#why !== undefined
  }

  /** From now on, reports the memory that it holds when that is more than granted. */
  watch(onHolds: (bytes: number) => void): void {
    this.#onHolds = onHolds
  }

  /** Sends something and waits for its next answer. Problem `render-crashed` where it has died. */
  ask(order: TaskOrder): Promise<TaskReply> {
    if (this.#why !== undefined) return Promise.reject(this.#why)
    this.#keepAlive(true)
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject }
      this.#tell(order)
    })
  }

  /** Rejects what is asked, now and later, with the first reason that is given. */
  giveUp(why: unknown): void {
    this.#why ??= why
    this.#asked?.reject(this.#why)
  }

  /** Makes it idle: what it asked for is not granted. */
  rest(): void {
    if (this.#isAwaitingGrant) this.#tell({ kind: 'dropped' })
    this.#keepAlive(false)
  }

  kill(): void {
    // Otherwise the parent might exit before this ends, although somebody waits for it.
    this.#keepAlive(true)
    this.#child.kill('SIGKILL')
  }

  #tell(order: TaskOrder): void {
    if (this.#channel !== undefined) writeFrame(this.#channel, formatOrder(order))
  }

  #hear(frame: MessageFrame): void {
    const reply = parseReply(frame)
    if (reply.kind === 'ready') this.#becomeReady(reply.encoders)
    else if (reply.kind === 'holds') this.#onHolds(reply.bytes)
    else {
      this.#isAwaitingGrant = reply.kind === 'needs'
      this.#asked?.resolve(reply)
      this.#asked = undefined
    }
  }

  #keepAlive(isOn: boolean): void {
    const channel = this.#channel as (Duplex & { ref(): void; unref(): void }) | undefined
    if (isOn) this.#child.ref()
    else this.#child.unref()
    if (isOn) channel?.ref()
    else channel?.unref()
  }
}

/**
 * A process answers its own errors; only its death rejects. The picture may be the reason, so the Problem is the
 * picture's.
 */
const crashed = (cause: unknown): Problem =>
  new Problem('render-crashed', 'The process that rendered the picture died.', { cause })

const KILLED = new Error('ended by SIGKILL')

/** Whether somebody else has ended the process, as the system does where memory runs out: no fault of code. */
export const wasKilled = (error: unknown): boolean => error instanceof Problem && error.cause === KILLED

/** The file descriptor in the child (`process.ts`). */
const CHANNEL = 3

/** It runs little JavaScript: V8 needs no threads of its own there. Its flags are in `bin/render-process.cjs`. */
const FLAGS = ['--v8-pool-size=0']

/** Yarn's Plug'n'Play finds packages, and reads them in their archives, only where its file is loaded first. */
const preloads = (): string[] =>
  process.versions.pnp === undefined ? [] : ['--require', createRequire(import.meta.url).resolve('pnpapi')]

/**
 * The variables by which libraries, fonts, compiled code and the allocator are found and set. No secrets, which a child
 * that reads files of unknown people does not need, and no NODE_OPTIONS. The language is the same everywhere, because
 * drawings choose texts by it (`systemLanguage`), and fonts their letters. By default glibc keeps an arena for each
 * thread, and blocks that were once large; these settings return the pixels of a picture to the system.
 */
const toEnvironment = (
  environment: NodeJS.ProcessEnv,
  { stepsAtOnce }: RenderProcessOptions,
): NodeJS.ProcessEnv => ({
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(LARGE_BLOCK_BYTES),
  MALLOC_TRIM_THRESHOLD_: String(LARGE_BLOCK_BYTES),
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => PASSED_ON.test(name))),
  LC_ALL: 'en_US.UTF-8',
  UV_THREADPOOL_SIZE: String(stepsAtOnce),
})

const LARGE_BLOCK_BYTES = 4 * 1024 * 1024

const PASSED_ON =
  /^(?:PATH|HOME|TZ|TMPDIR|TEMP|TMP|XDG_\w+|FONTCONFIG_\w+|PANGOCAIRO_BACKEND|NODE_(?:DISABLE_)?COMPILE_CACHE|MALLOC_\w+|VIPS_\w+|LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+|SYSTEMROOT|WINDIR|USERPROFILE|APPDATA|LOCALAPPDATA)$/i
