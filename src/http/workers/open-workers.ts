import cluster, { type Worker } from 'node:cluster'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Problem } from '../../core/problem.ts'
import { orAborted } from '../../waiting/signals.ts'
import type { Listening } from '../listen.ts'
import { startListening } from '../start-listening.ts'
import { createAskServer, type OwnerSide } from './ask-server.ts'
import type { ToOwner, ToWorker, WorkerOptions } from './messages.ts'
import type { Told } from './told.ts'

export interface WorkersOptions {
  readonly count: number
  readonly worker: WorkerOptions
  readonly owner: OwnerSide
  readonly onTold: (told: Told) => void
  /** Told of each that ended by itself; another takes its place. */
  readonly onDied: (how: string) => void
}

/** One that lived no longer would soon end again. */
const SHORT_LIFE_MS = 1_000
/** For a worker that was told to close to say that it has: it has closed its connections by then. */
const CLOSING_GRACE_MS = 500

/**
 * Processes that listen together and answer what stands in the store; what does not, they ask of this one. One that
 * dies takes its own connections with it and nothing else: what it had asked for is rendered and stored all the same.
 * They end with this process, however that ends. Problem `cannot-listen`.
 */
export const openWorkers = async (options: WorkersOptions): Promise<Pick<Listening, 'port' | 'close'>> => {
  // Each takes connections itself. Handed over by this process, they would cost it as much as a hit each, wait while
  // it is busy, and be lost where a worker dies between.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({
    exec: createRequire(import.meta.url).resolve('#serve-worker'),
    args: [],
    serialization: 'advanced',
  })
  const crew = new Map<Worker, (message: ToWorker) => void>()
  const closed = new Map<Worker, (isAnswered: boolean) => void>()
  // By its number: whoever comes after all others have died is to find the same one.
  const port = options.worker.port || (await findPort(options.worker.host))
  let isStarted = false
  let isClosing = false

  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now()
      const worker = cluster.fork()
      const send = (message: ToWorker): void => {
        // It may be ending at this moment: then its end is told.
        if (worker.isConnected()) worker.send(message, () => {})
      }
      const asks = createAskServer(options.owner, send)
      crew.set(worker, send)
      worker.on('message', (message: ToOwner) => {
        if (message.kind === 'tell') for (const told of message.told) options.onTold(told)
        else if (message.kind === 'loaded') send({ kind: 'start', options: { ...options.worker, port } })
        else if (message.kind === 'closed') closed.get(worker)?.(message.isAnswered)
        else if (message.kind === 'cannot-listen')
          reject(new Problem('cannot-listen', message.message, { hint: message.hint }))
        else if (message.kind !== 'listening') asks.take(message)
        else resolve()
      })
      worker.once('exit', (code, signal) => {
        crew.delete(worker)
        asks.close()
        closed.get(worker)?.(false)
        const how = signal ? `by ${signal}` : `with ${code}`
        reject(new Problem('cannot-listen', `A worker ended ${how} before it listened.`))
        if (isClosing || !isStarted) return
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
    // The first finds out whether it can be listened there at all.
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
      if (signal.aborted) cut()
      signal.addEventListener('abort', cut, { once: true })
      const all = [...crew].map(([worker, send]) => {
        const isDone = new Promise<boolean>((resolve) => closed.set(worker, resolve))
        send({ kind: 'close' })
        return isDone
      })
      try {
        const areAnswered = await orAborted(Promise.all(all), late.signal)
        if (areAnswered.includes(false)) throw notAll()
      } finally {
        signal.removeEventListener('abort', cut)
        end()
      }
    },
  }
}

/** One that is free at this moment. */
const findPort = async (host: string): Promise<number> => {
  const server = createServer()
  await startListening(server, { port: 0, host, flags: '--port or --host' })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const notAll = (): Error => new Error('Not all that was asked of the workers was answered.')
