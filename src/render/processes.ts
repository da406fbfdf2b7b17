import { type ChildProcess, fork } from 'node:child_process'
import type { WorkerAnswer, WorkerTask } from './wire.ts'

/** Answers tasks in processes of their own, which can be ended whatever they do: a thread in librsvg cannot. */
export interface Processes {
  /** In a process that is idle, else in a new one: whoever asks bounds how many there are. Throws where it cannot. */
  run(task: WorkerTask): Work
  /** Waits for the tasks under way, and until every process has gone. */
  close(): Promise<void>
}

/** A task under way. */
export interface Work {
  /** Rejects when the worker has died, for that reason alone; of a process nothing is left then. */
  readonly answer: Promise<WorkerAnswer>
  /** Tells that nobody waits any more: a thread ends before its next step, a process is killed. */
  readonly giveUp: () => void
}

export interface ProcessesOptions {
  /** The compiled module that each of them runs. */
  readonly file: string
  /** How long one waits for its next task before it is ended. */
  readonly idleMs: number
}

/** Starts none yet. None keeps this process alive but while it is at work, and none outlives it. */
export const openProcesses = ({ file, idleMs }: ProcessesOptions): Processes => {
  const alive = new Set<DrawingProcess>()
  const idle: DrawingProcess[] = []
  let isClosed = false

  const start = (): DrawingProcess => {
    const started = new DrawingProcess(file)
    alive.add(started)
    void started.ended.then(() => {
      alive.delete(started)
      forget(started)
    })
    return started
  }
  const forget = (gone: DrawingProcess): void => {
    const at = idle.indexOf(gone)
    if (at >= 0) idle.splice(at, 1)
  }
  const rest = (tired: DrawingProcess): void => {
    idle.push(tired)
    tired.rest(idleMs, () => {
      forget(tired)
      tired.kill()
    })
  }

  return {
    run: (task) => {
      if (isClosed) throw new Error('the processes are closed')
      // The last to rest is the first to work, so that those which are too many end.
      const worker = idle.pop() ?? start()
      let isAnswered = false
      const answer = worker.ask(task).then((found) => {
        isAnswered = true
        if (isClosed) worker.kill()
        else rest(worker)
        return found
      })
      const giveUp = (): void => {
        // Once it has answered it may be at the next task.
        if (!isAnswered) worker.kill()
      }
      return { answer, giveUp }
    },
    close: async () => {
      isClosed = true
      for (const worker of idle.splice(0)) worker.kill()
      await Promise.all([...alive].map(({ ended }) => ended))
    },
  }
}

/** One child, and at most one task at a time. */
class DrawingProcess {
  /** Resolves once it has gone. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  #asked: Asked | undefined
  #idleTimer: NodeJS.Timeout | undefined

  constructor(file: string) {
    this.#child = fork(file, [], {
      serialization: 'advanced',
      execArgv: [],
      env: pickEnvironment(process.env),
      // What GLib and Node have to say of their end stays where threads say it.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // In a session of its own Ctrl-C does not reach it, not even before it can ignore it.
      detached: process.platform !== 'win32',
    })
    // Whether it keeps us alive is for the process alone to say; the channel would in any case.
    this.#child.channel?.unref()
    this.#child.on('message', (answer) => this.#settle()?.resolve(answer as WorkerAnswer))
    this.ended = new Promise((resolve) => {
      const end = (cause: Error): void => {
        clearTimeout(this.#idleTimer)
        this.#settle()?.reject(cause)
        resolve()
      }
      this.#child.once('exit', (code, signal) => end(new Error(`ended by ${signal ?? code}`)))
      // One that was never there does not exit. Of any other, what cannot be sent to it is told by its exit.
      this.#child.on('error', (error) => (this.#child.pid === undefined ? end(error) : this.kill()))
    })
  }

  ask(task: WorkerTask): Promise<WorkerAnswer> {
    clearTimeout(this.#idleTimer)
    this.#child.ref()
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject }
      this.#child.send(task)
    })
  }

  rest(idleMs: number, onTooLong: () => void): void {
    this.#child.unref()
    this.#idleTimer = setTimeout(onTooLong, idleMs).unref()
  }

  kill(): void {
    // Whoever waits for its end would else leave before.
    this.#child.ref()
    this.#child.kill('SIGKILL')
  }

  #settle(): Asked | undefined {
    const asked = this.#asked
    this.#asked = undefined
    return asked
  }
}

interface Asked {
  readonly resolve: (answer: WorkerAnswer) => void
  readonly reject: (cause: Error) => void
}

/**
 * What libraries, fonts and the allocator are found and set by. Neither secrets, which a child that draws what strangers
 * made has no use for, nor NODE_OPTIONS; libuv's pool is as large as Node makes it, for one task alone.
 */
const pickEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => PASSED_ON.test(name)))

const PASSED_ON =
  /^(?:PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_\w+|FONTCONFIG_\w+|PANGOCAIRO_BACKEND|MALLOC_\w+|VIPS_\w+|LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+|SYSTEMROOT|WINDIR|USERPROFILE|APPDATA|LOCALAPPDATA)$/i
