import cluster from 'node:cluster'
import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ToOwner, ToWorker } from '../../src/http/workers/messages.ts'
import type { Notification } from '../../src/http/workers/notifications.ts'
import { openWorkers } from '../../src/http/workers/open-workers.ts'
import { openBench } from '../support/bench-project.ts'

/** A process that only says and does what a test tells it to. */
class FakeWorker extends EventEmitter {
  readonly heard: ToWorker[] = []
  readonly process = { kill: (signal: string) => void this.emit('exit', null, signal) }
  isConnected = () => true
  send = (message: ToWorker): void => void this.heard.push(message)
  says = (message: ToOwner): void => void this.emit('message', message)
  get kinds(): readonly string[] {
    return this.heard.map(({ kind }) => kind)
  }
}

let crew: FakeWorker[] = []
beforeEach(() => {
  crew = []
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
  vi.spyOn(cluster, 'setupPrimary').mockImplementation(() => {})
  vi.spyOn(cluster, 'fork').mockImplementation(() => {
    const worker = new FakeWorker()
    crew.push(worker)
    return worker as never
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})
afterAll(() => setFlagsFromString('--no-optimize-for-size'))

const { config, keyring } = openBench()
const KEY = keyring.keyOf({
  source: 'a.jpg' as never,
  transform: { resize: { kind: 'width', width: 1 }, quality: 80 } as never,
  format: 'webp',
})

const setUp = (count: number, port = 3_000) => {
  const died: string[] = []
  const told: Notification[] = []
  const held = { now: 0 }
  const opening = openWorkers({
    count,
    worker: {
      config,
      port,
      host: '127.0.0.1',
      mount: '/',
      hotBytes: 1,
      wants: { isCounted: true, level: 'info' },
    },
    owner: {
      keyring,
      maker: {
        make: async () => ({
          kind: 'rendered',
          upload: { bytes: new Uint8Array(), md5: '', renderedAt: 0 },
          madeFor: 'this',
        }),
      },
      outgoing: {
        hold: () => {
          held.now++
          return () => void held.now--
        },
      },
      health: { isReady: async () => true },
      noteUse: () => {},
    },
    onNotification: (notification) => void told.push(notification),
    onDied: (how) => void died.push(how),
  })
  opening.catch(() => {})
  return { opening, died, told, held }
}

const at = (index: number): FakeWorker => {
  const worker = crew[index]
  if (worker === undefined) throw new Error(`no worker ${index} of ${crew.length}`)
  return worker
}
const listenAt = async (index: number): Promise<void> => {
  at(index).says({ kind: 'loaded' })
  at(index).says({ kind: 'listening' })
  await turn()
}
const open = async (count: number) => {
  const test = setUp(count)
  for (let i = 0; i < count; i++) await listenAt(i)
  return { ...test, workers: await test.opening }
}
const CANNOT = {
  kind: 'cannot-listen',
  message: 'Cannot listen on x (EADDRINUSE).',
  hint: 'Another port.',
} as const

describe('workers that are opened', () => {
  it('are told everything once they have loaded, the others once the first one listens', async () => {
    const { opening } = setUp(3)
    expect([crew.length, at(0).heard]).toEqual([1, []])
    await listenAt(0)
    expect([crew.length, at(0).heard]).toMatchObject([
      3,
      [{ kind: 'start', options: { port: 3_000, mount: '/' } }],
    ])
    await listenAt(1)
    await listenAt(2)
    expect((await opening).port).toBe(3_000)
  })

  it('share a port that is free, where they may choose', async () => {
    const { opening } = setUp(2, 0)
    await vi.waitUntil(() => crew.length === 1)
    await listenAt(0)
    await listenAt(1)
    const { port } = await opening
    expect(port).toBeGreaterThan(0)
    expect(crew.flatMap(({ heard }) => heard)).toMatchObject([{ options: { port } }, { options: { port } }])
  })

  it.each([
    ['one cannot listen', () => at(1).says(CANNOT), CANNOT.message],
    ['one ends before that', () => at(1).emit('exit', 7, null), 'A worker ended with 7 before it listened.'],
  ])('all end where %s', async (_, fail, message) => {
    const { opening, died } = setUp(3)
    await listenAt(0)
    const ended = vi.fn()
    for (const index of [0, 2]) at(index).once('exit', ended)
    fail()
    await expect(opening).rejects.toMatchObject({
      code: 'cannot-listen',
      message: expect.stringContaining(message),
    })
    await vi.advanceTimersByTimeAsync(5_000)
    expect([ended.mock.calls.length, crew.length, died]).toEqual([2, 3, []])
  })
})

describe('a worker that ends by itself', () => {
  it.each([
    [999, 0],
    [1_000, 1],
  ])('after %i ms has %i in its place at once, and one a second later', async (livedMs, atOnce) => {
    const { died } = await open(2)
    await vi.advanceTimersByTimeAsync(livedMs)
    at(0).emit('exit', null, 'SIGKILL')
    await vi.advanceTimersByTimeAsync(999)
    expect([crew.length, died]).toEqual([2 + atOnce, ['by SIGKILL']])
    await vi.advanceTimersByTimeAsync(1)
    expect(crew.length).toBe(3)
    await listenAt(2)
    expect(at(2).kinds).toEqual(['start'])
  })

  it('while others begin has one in its place, too', async () => {
    const { opening, died } = setUp(2)
    await listenAt(0)
    at(0).emit('exit', 1, null)
    await listenAt(1)
    await opening
    await vi.advanceTimersByTimeAsync(1_000)
    expect([crew.length, died]).toEqual([3, ['with 1']])
  })

  it('is followed by others until one can listen', async () => {
    const { died } = await open(1)
    at(0).emit('exit', 1, null)
    await vi.advanceTimersByTimeAsync(1_000)
    at(1).says(CANNOT)
    at(1).says({ kind: 'loaded' })
    await vi.advanceTimersByTimeAsync(1_000)
    at(2).emit('exit', 1, null)
    await vi.advanceTimersByTimeAsync(1_000)
    await listenAt(3)
    expect([crew.length, died]).toEqual([4, ['with 1', `because of this: ${CANNOT.message}`, 'with 1']])
  })

  it('holds no bytes any more', async () => {
    const { held, told } = await open(2)
    for (const index of [0, 1])
      at(index).says({ kind: 'ask', id: 1, question: { kind: 'make', key: KEY, isForeign: false } })
    await turn()
    expect([held.now, at(0).kinds]).toEqual([2, ['start', 'reply']])
    at(0).emit('exit', 1, null)
    expect(held.now).toBe(1)
    at(1).says({ kind: 'release', id: 1 })
    expect(held.now).toBe(0)
    const notifications = [
      { kind: 'used', key: KEY },
      { kind: 'warning', message: '', more: {} },
    ] as const
    at(1).says({ kind: 'notify', notifications })
    expect(told).toEqual(notifications)
  })
})

describe('workers that are closed', () => {
  const close = async (count = 2) => {
    const { workers, died } = await open(count)
    const late = new AbortController()
    let outcome = 'open'
    const ended: FakeWorker[] = []
    for (const worker of crew) worker.once('exit', () => void ended.push(worker))
    workers.close(late.signal).then(
      () => (outcome = 'closed'),
      (error: Error) => (outcome = error.message),
    )
    await turn()
    return { late, ended, died, outcome: () => turn().then(() => outcome) }
  }
  const NOT_ALL = 'Not all requests of the workers were answered.'

  it('end when all have answered', async () => {
    const { late, ended, died, outcome } = await close()
    expect(crew.map(({ kinds }) => kinds.at(-1))).toEqual(['close', 'close'])
    at(0).says({ kind: 'closed', isAnswered: true })
    expect([await outcome(), ended]).toEqual(['open', []])
    at(1).says({ kind: 'closed', isAnswered: true })
    expect([await outcome(), ended.length, died]).toEqual(['closed', 2, []])
    late.abort(new Error('late'))
    expect(at(0).kinds).toEqual(['start', 'close'])
  })

  it.each([
    ['says so', () => at(1).says({ kind: 'closed', isAnswered: false })],
    ['dies', () => at(1).emit('exit', 1, null)],
  ])('have not answered all where one of them %s', async (_, fail) => {
    const { outcome } = await close()
    at(0).says({ kind: 'closed', isAnswered: true })
    fail()
    expect(await outcome()).toBe(NOT_ALL)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(crew).toHaveLength(2)
  })

  it('are cut off where that takes too long, and have half a second to say so', async () => {
    const { late, ended, outcome } = await close()
    late.abort(new Error('late'))
    expect(crew.map(({ kinds }) => kinds.at(-1))).toEqual(['cut', 'cut'])
    await vi.advanceTimersByTimeAsync(499)
    expect([await outcome(), ended]).toEqual(['open', []])
    await vi.advanceTimersByTimeAsync(1)
    expect([await outcome(), ended.length]).toEqual([NOT_ALL, 2])
  })

  it('are not followed by others, and one that is ending is told nothing', async () => {
    const { workers } = await open(2)
    at(0).emit('exit', 1, null)
    at(1).isConnected = () => false
    const closed = workers.close(new AbortController().signal)
    at(1).emit('exit', 0, null)
    await expect(closed).rejects.toThrow(NOT_ALL)
    await vi.advanceTimersByTimeAsync(1_000)
    expect([crew.length, at(1).kinds]).toEqual([2, ['start']])
  })

  it('do not wait for one that is being started, which has nothing to answer', async () => {
    const { workers } = await open(1)
    await vi.advanceTimersByTimeAsync(1_000)
    at(0).emit('exit', 1, null)
    await vi.advanceTimersByTimeAsync(0)
    const closed = workers.close(new AbortController().signal)
    at(1).says({ kind: 'loaded' })
    await closed
    expect(at(1).kinds).toEqual(['close'])
  })
})
