import cluster, { type Worker } from 'node:cluster'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { Problem } from '../../core/problem.ts'
import { onAbort, orAborted } from '../../waiting/signals.ts'
import type { Listening } from '../listen.ts'
import { startListening, stopListening } from '../start-listening.ts'
import { createAskServer, type OwnerSide } from './ask-server.ts'
import type { ToOwner, ToWorker, WorkerOptions } from './messages.ts'
import type { Notification } from './notifications.ts'

interface WorkersOptions {
  readonly count: number
  readonly worker: WorkerOptions
  readonly owner: OwnerSide
  readonly onNotification: (notification: Notification) => void
  /** Called with each worker that ended by itself; a new one takes its place. */
  readonly onDied: (how: string) => void
}

/** A worker that lived less than this would probably end again soon. */
const SHORT_LIFE_MS = 1_000
/** glibc would keep an arena for each thread. */
const ONE_ARENA = { MALLOC_ARENA_MAX: '1' }
/** How long a worker that was told to close may take to say that it has. */
const CLOSING_GRACE_MS = 500

/**
 * Processes that listen on one port and answer what is in the store; for everything else they ask this process. If one
 * dies, only its own connections are lost: what it asked for is rendered and stored all the same. They end with this
 * process, however that ends. Problem `cannot-listen`.
 */
export const openWorkers = async (options: WorkersOptions): Promise<Pick<Listening, 'port' | 'close'>> => {
  // Hits are answered by the workers, so that here less memory counts more than quick code.
  setFlagsFromString('--optimize-for-size')
  // Each worker accepts connections itself. If this process handed them over, each would cost it as much as a hit, wait
  // while it is busy, and be lost if the worker dies in between.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({
    exec: createRequire(import.meta.url).resolve('#serve-worker'),
    args: [],
    serialization: 'advanced',
  })
  const crew = new Map<Worker, (message: ToWorker) => void>()
  const closed = new Map<Worker, (isAnswered: boolean) => void>()
  // By number: a worker that starts when all others have died must find the same port.
  const port = options.worker.port || (await findPort(options.worker.host))
  let isStarted = false
  let isClosing = false

  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now()
      const worker = cluster.fork({ ...ONE_ARENA, ...process.env })
      const send = (message: ToWorker): void => {
        // The worker may be ending at this moment; then its end is reported.
        if (worker.isConnected()) worker.send(message, () => {})
      }
      const asks = createAskServer(options.owner, send)
      let reason: string | undefined
      let hasListened = false
      crew.set(worker, send)
      worker.on('message', (message: ToOwner) => {
        if (message.kind === 'notify') for (const each of message.notifications) options.onNotification(each)
        else if (message.kind === 'loaded') {
          // What is sent before a worker has loaded is lost. One that is told to close now has nothing to answer.
          if (isClosing) closed.get(worker)?.(true)
          else send({ kind: 'start', options: { ...options.worker, port } })
        } else if (message.kind === 'closed') closed.get(worker)?.(message.isAnswered)
        else if (message.kind === 'cannot-listen') {
          reject(new Problem('cannot-listen', message.message, { hint: message.hint }))
          reason = `because of this: ${message.message}`
          worker.process.kill('SIGKILL') // it is of no use, and another one may be able to
        } else if (message.kind === 'listening') {
          hasListened = true
          resolve()
        } else asks.take(message)
      })
      worker.once('exit', (code, signal) => {
        crew.delete(worker)
        asks.close()
        closed.get(worker)?.(false)
        const how = reason ?? (signal ? `by ${signal}` : `with ${code}`)
        reject(new Problem('cannot-listen', `A worker ended ${how} before it listened.`))
        if (isClosing || !(isStarted || hasListened)) return
        options.onDied(how)
        const waitMs = performance.now() - startedAt < SHORT_LIFE_MS ? SHORT_LIFE_MS : 0
        setTimeout(() => isClosing || start().catch(() => {}), waitMs)
      })
    })

  const end = (): void => {
    isClosing = true
    for (const worker of crew.keys()) worker.process.kill('SIGKILL')
  }
  try {
    // The first worker shows whether this port can be listened on at all.
    await start()
    await Promise.all(Array.from({ length: options.count - 1 }, start))
    isStarted = true
  } catch (error) {
    end()
    throw error
  }
  return {
    port,
    close: async (signal) => {
      isClosing = true
      const late = new AbortController()
      const cut = (): void => {
        for (const send of crew.values()) send({ kind: 'cut' })
        setTimeout(() => late.abort(notAll()), CLOSING_GRACE_MS).unref()
      }
      const stop = onAbort(signal, cut)
      const all = [...crew].map(([worker, send]) => {
        const isDone = new Promise<boolean>((resolve) => closed.set(worker, resolve))
        send({ kind: 'close' })
        return isDone
      })
      try {
        const areAnswered = await orAborted(Promise.all(all), late.signal)
        if (areAnswered.includes(false)) throw notAll()
      } finally {
        stop()
        end()
      }
    },
  }
}

/** A port that is free at this moment. */
const findPort = async (host: string): Promise<number> => {
  const server = createServer()
  const port = await startListening(server, { port: 0, host, flags: '--port or --host' })
  await stopListening(server)
  return port
}

const notAll = (): Error => new Error('Not all requests of the workers were answered.')
