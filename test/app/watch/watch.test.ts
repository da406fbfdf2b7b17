import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../../src/core/problem.ts'
import { openMemoryQueue } from '../../../src/queue/memory-queue.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { createTextRenderer, getText, listKeys, picture, putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { withDeadLetters } from '../../support/dead-letters.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { createLatch } from '../../support/latch.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { naming, startWorker, type Worker } from './support.ts'

const setUp = async (
  sources: readonly string[] = ['a.jpg'],
  { mostReceives }: { mostReceives?: number } = {},
) => {
  const clock = createManualClock()
  const deadLetters = openMemoryQueue(clock, 30_000)
  const plain = openMemoryQueue(clock, 30_000)
  const queue = mostReceives === undefined ? plain : withDeadLetters(plain, deadLetters, mostReceives)
  const source = openMemoryStore()
  const output = openMemoryStore()
  await putText(source, 'keep.jpg', 'kept')
  for (const name of sources) await putText(source, name, 'one')
  const start = (options: Parameters<typeof startWorker>[2] = {}) =>
    startWorker(queue, clock, { source, output, ...options })
  /** Names sources, and lets the workers work that off. */
  const work = async (...names: readonly string[]): Promise<void> => {
    await queue.send([naming(...names)])
    await until(clock, () => isEmpty(queue))
  }
  return { clock, queue, deadLetters, source, output, start, work }
}

/** Lets time go by in steps until that holds. What other threads do (compress the ledger) needs real time as well. */
const until = async (
  clock: ManualClock,
  holds: () => boolean | Promise<boolean>,
  stepMs = 200,
): Promise<void> => {
  for (let steps = 0; steps < 10_000; steps++) {
    if (await holds()) return
    await clock.advance(stepMs)
    if (steps > 50) await sleep(1)
  }
  throw new Error('it never came to that')
}

const isEmpty = async (queue: ReturnType<typeof openMemoryQueue>): Promise<boolean> => {
  const { waiting, inHand } = await queue.depth()
  return waiting + inHand === 0
}

const results = async (output: WritableStore, source: string): Promise<readonly string[]> =>
  (await listKeys(output, `${source}/`)).filter((key) => !key.startsWith('.imgsizes/'))

/** How its sources have ended. */
const endsOf = ({ events }: Worker): readonly string[] =>
  events.flatMap((event) => (event.kind === 'source-settled' ? [event.end] : []))

/** A store whose originals cannot be had as long as that holds of them. */
const awayWhile = (source: WritableStore, isAway: (key: string) => boolean): WritableStore => ({
  ...source,
  get: async (key, options) => {
    if (isAway(key)) throw new Problem('store-unavailable', 'It is away.')
    return source.get(key, options)
  },
})

describe('a worker', () => {
  it('makes what a named source lacks, and deletes the message after it has stored and recorded', async () => {
    const { queue, output, start, work } = await setUp()
    const order: string[] = []
    const worker = await start({
      output: asGatedStore(output, async (operation) => {
        if (/^put .*answered$/.test(operation))
          order.push(operation.startsWith('put .imgsizes') ? 'recorded' : 'stored')
      }),
    })
    const deleting = queue.delete
    queue.delete = async (messages) => {
      order.push('deleted')
      await deleting(messages)
    }
    await work('a.jpg')
    expect(order).toEqual(['stored', 'stored', 'stored', 'stored', 'recorded', 'deleted'])
    expect(worker.events).toContainEqual(expect.objectContaining({ kind: 'source-settled', end: 'made' }))
    await worker.stop()
    expect(
      (await worker.bench.plan({ selection: { isSelected: (key) => key === 'a.jpg' } })).counts,
    ).toMatchObject({
      missing: 0,
      stale: 0,
    })
  })

  it('looks once at what ten messages name, and once more at what is told of while it works', async () => {
    const { clock, queue, start } = await setUp()
    const latch = createLatch()
    const worker = await start({ renderer: createTextRenderer(latch.pass) })
    await queue.send(Array.from({ length: 10 }, () => naming('a.jpg')))
    await until(clock, () => latch.waiting === 1)
    await queue.send([naming('a.jpg')])
    await until(clock, () => worker.watch.load.messages === 11)
    latch.open()
    await until(clock, () => isEmpty(queue))
    expect(endsOf(worker)).toEqual(['made', 'fresh'])
    expect(latch.waiting).toBe(1)
    await worker.stop()
  })

  it('shows the latest bytes though a slower worker stores those of before after it', async () => {
    const { clock, queue, source, output, start } = await setUp()
    const { opened, open } = createLatch()
    let isHeldUp = false
    const slow = await start({
      output: asGatedStore(output, async (operation) => {
        if (!/^put a\.jpg[^ ]*$/.test(operation)) return
        isHeldUp = true
        await opened
      }),
    })
    await queue.send([naming('a.jpg')])
    await until(clock, () => isHeldUp)
    const quick = await start()
    await putText(source, 'a.jpg', 'two')
    // As many as the slow one may take.
    while (!quick.events.some(({ kind }) => kind === 'source-settled')) {
      await queue.send([naming('a.jpg')])
      await clock.advance(500)
    }
    open()
    await until(clock, () => isEmpty(queue))
    for (const key of await results(output, 'a.jpg'))
      expect(await getText(output, key)).toBe(picture('two', '80', key.endsWith('webp') ? 'webp' : 'jpg'))
    await slow.stop()
    await quick.stop()
  })

  it.each([
    ['MD5s', openMemoryStore],
    ['dates', () => asDatedStore(openMemoryStore())],
  ])(
    'of a worker that slept too long and died leaves to the next plan what it stored, as %s show',
    async (_, openStore) => {
      const { clock, queue, source, start } = await setUp()
      const output = openStore()
      const { opened, open } = createLatch()
      const never = new Promise<never>(() => {})
      let isAsleep = false
      let stored = 0
      await startWorker({ ...queue, hold: async () => {} }, clock, {
        source: asGatedStore(source, async (operation) => {
          if (isAsleep && operation === 'head a.jpg') await never // it dies before it looks again
        }),
        output: asGatedStore(output, async (operation) => {
          if (!operation.startsWith('put a.jpg')) return
          isAsleep = true
          await opened
          if (operation.endsWith('answered')) stored++
        }),
      })
      await queue.send([naming('a.jpg')])
      await until(clock, () => isAsleep)
      await putText(source, 'a.jpg', 'two')
      const quick = await start({ output })
      await queue.send([naming('a.jpg')])
      await until(clock, async () => isEmpty(queue), 1_000)
      open()
      await until(clock, () => stored === 4)
      const shown = async () =>
        new Set(await Promise.all((await results(output, 'a.jpg')).map((key) => getText(output, key))))
      const right = new Set([picture('two', '80', 'webp'), picture('two', '80', 'jpg')])
      expect(await shown()).not.toEqual(right)
      const selection = { isSelected: (key: string) => key === 'a.jpg' }
      expect((await quick.bench.plan({ selection })).counts).toMatchObject({ stale: 4, missing: 0 })
      await quick.bench.build({ selection })
      expect(await shown()).toEqual(right)
      await quick.stop()
    },
  )

  it('deletes the results of what is gone, though its coming is told after', async () => {
    const { source, output, start, work } = await setUp()
    const worker = await start()
    await work('a.jpg')
    const [, ...others] = await results(output, 'a.jpg')
    await output.deleteAll(others) // a single result is purged, too
    await source.deleteAll(['a.jpg'])
    await work('a.jpg')
    await work('a.jpg')
    expect(await results(output, 'a.jpg')).toEqual([])
    expect(endsOf(worker)).toEqual(['made', 'purged', 'fresh'])
    await worker.stop()
  })

  it('leaves to prune what is gone where so much is that it is not believed', async () => {
    const { source, output, start, work } = await setUp()
    const worker = await start()
    await work('a.jpg', 'keep.jpg')
    await source.deleteAll(['a.jpg', 'keep.jpg'])
    await work('a.jpg', 'keep.jpg')
    expect(worker.events).toContainEqual(
      expect.objectContaining({
        kind: 'source-settled',
        source: 'a.jpg',
        end: 'kept',
        problem: expect.objectContaining({ code: 'prune-empty' }),
      }),
    )
    expect(worker.events.filter(({ kind }) => kind === 'message-returned')).toEqual([])
    expect(await results(output, 'a.jpg')).toHaveLength(4)
    await worker.stop()
  })

  it('records what nothing can be made of, and deletes its message', async () => {
    const { source, start, work } = await setUp()
    await putText(source, 'a.jpg', 'broken')
    let renders = 0
    const worker = await start({
      renderer: createTextRenderer(async () => {
        renders++
      }),
    })
    for (let times = 0; times < 2; times++) {
      await work('a.jpg')
    }
    expect(endsOf(worker)).toEqual(['failing', 'failing'])
    expect(renders).toBe(1)
    await worker.stop()
    expect((await worker.bench.plan()).counts.failing).toBe(1)
  })

  it('leaves what it cannot read to the dead letters, and says why', async () => {
    const { clock, queue, deadLetters, output, start } = await setUp(undefined, { mostReceives: 3 })
    const worker = await start()
    await queue.send(['no event at all', ...Array.from({ length: 9 }, () => naming('a.jpg'))])
    await until(clock, async () => (await deadLetters.depth()).waiting === 1, 5_000)
    expect(worker.events.filter(({ kind }) => kind === 'message-returned')).toHaveLength(2)
    expect(worker.events).toContainEqual({
      kind: 'message-poisoned',
      sources: [],
      problem: expect.objectContaining({ code: 'event-unreadable' }),
    })
    expect(await results(output, 'a.jpg')).toHaveLength(4)
    expect(worker.events.filter(({ kind }) => kind === 'source-settled')).toHaveLength(1)
    await worker.stop()
  })

  it('gives back what fails for now, later each time, with the source and the reason', async () => {
    const { clock, queue, source, output, start } = await setUp(['a.jpg'], { mostReceives: 5 })
    let isAway = true
    const worker = await start({
      source: awayWhile(source, () => isAway),
    })
    await queue.send([naming('a.jpg')])
    await until(clock, () => worker.events.filter(({ kind }) => kind === 'message-returned').length === 2)
    expect(worker.events.filter(({ kind }) => kind === 'message-returned')).toMatchObject([
      { sources: ['a.jpg'], problem: { code: 'store-unavailable' }, againInMs: 10_000 },
      { againInMs: 20_000 },
    ])
    isAway = false
    await until(clock, () => isEmpty(queue))
    expect(await results(output, 'a.jpg')).toHaveLength(4)
    await worker.stop()
  })

  it('holds against no other source what fails after the work on one', async () => {
    // More than are planned ahead, so that some are still to be planned when the first is done.
    const names = Array.from({ length: 40 }, (_, i) => `${10 + i}.jpg`)
    const { clock, queue, source, start } = await setUp(names)
    const { opened, open } = createLatch()
    let looks = 0
    const worker = await start({
      atOnce: 40,
      source: {
        ...source,
        head: async (key, options) => {
          if (key === '49.jpg') await opened
          if (key !== '10.jpg' || ++looks !== 2) return source.head(key, options)
          open()
          throw new Problem('store-unavailable', 'It is away.')
        },
      },
    })
    await queue.send([naming(...names)])
    await until(clock, () => worker.events.some(({ kind }) => kind === 'message-returned'))
    expect(worker.events.filter(({ kind }) => kind === 'source-settled')).toHaveLength(39)
    await until(clock, () => isEmpty(queue))
    expect(worker.events.filter(({ kind }) => kind === 'message-returned')).toHaveLength(1)
    await worker.stop()
  })

  it('is as quick as ever once its queue is back', async () => {
    const { clock, queue, start } = await setUp()
    let isAway = true
    const worker = await start()
    const { receive } = queue
    queue.receive = async (options) => {
      if (isAway) throw new Problem('queue-unavailable', 'It is away.')
      return receive(options)
    }
    await until(clock, () => worker.events.filter(({ kind }) => kind === 'queue-failed').length === 8, 5_000)
    expect(worker.watch.isWell).toBe(false)
    isAway = false
    await until(clock, () => worker.watch.isWell, 1_000)
    await queue.send([naming('a.jpg')])
    await clock.advance(200)
    await until(clock, () => worker.watch.load.messages === 1, 1)
    await queue.send([naming('keep.jpg')])
    await clock.advance(200)
    expect(worker.events.filter(({ kind }) => kind === 'source-settled')).toHaveLength(2)
    await worker.stop()
  })

  it('is as quick as ever with what works, whatever keeps failing', async () => {
    const { clock, queue, source, start } = await setUp()
    await putText(source, 'away.jpg', 'one')
    const worker = await start({
      source: awayWhile(source, (key) => key === 'away.jpg'),
    })
    await queue.send([naming('away.jpg')])
    const returned = () => worker.events.filter(({ kind }) => kind === 'message-returned').length
    await until(clock, () => returned() === 6, 1_000)
    for (let seconds = 0; seconds < 60; seconds++) await clock.advance(1_000)
    await queue.send([naming('a.jpg')])
    await until(clock, () => worker.events.some(({ kind }) => kind === 'source-settled'), 100)
    const [settled] = worker.events.filter((event) => event.kind === 'source-settled')
    expect(settled?.elapsedMs).toBeLessThan(2_000)
    await worker.stop()
  })

  it('asks its queue less and less often while all that it gets fails', async () => {
    const { clock, queue, source, start } = await setUp()
    const receive = queue.receive
    const asked: number[] = []
    queue.receive = (options) => {
      asked.push(clock.now())
      return receive(options)
    }
    const worker = await start({ source: awayWhile(source, () => true) })
    for (let i = 0; i < 5; i++) {
      await queue.send([naming('a.jpg')])
      await until(clock, () => asked.length === i + 2, 500)
    }
    const pauses = asked.slice(1).map((at, i) => at - (asked[i] ?? 0))
    for (const [i, pause] of pauses.slice(1).entries()) expect(pause).toBeGreaterThanOrEqual(1_000 * 2 ** i)
    await worker.stop()
  })

  it('waits no longer after many failures at once than after one', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `${i}.jpg`)
    const { clock, queue, source, start } = await setUp(names)
    let isAway = true
    const worker = await start({
      atOnce: 12,
      source: awayWhile(source, () => isAway),
    })
    await queue.send([naming(...names)])
    await until(clock, () => worker.events.some(({ kind }) => kind === 'message-returned'))
    isAway = false
    for (const name of ['keep.jpg', '0.jpg']) {
      await queue.send([naming(name)]) // the first ends the receive that is under way
      await clock.advance(10)
    }
    const settled = () => worker.events.filter((event) => event.kind === 'source-settled')
    await until(clock, () => settled().length === 2, 100)
    expect(settled().every(({ elapsedMs }) => elapsedMs < 2_500)).toBe(true)
    await worker.stop()
  })

  it('holds its messages though the queue says that it hides nothing', async () => {
    const clock = createManualClock()
    const queue = openMemoryQueue(clock, 0)
    const source = openMemoryStore()
    await putText(source, 'a.jpg', 'one')
    const { opened, open } = createLatch()
    let holds = 0
    const { hold } = queue
    queue.hold = async (...given) => {
      holds++
      await hold(...given)
    }
    const worker = await startWorker(queue, clock, { source, renderer: createTextRenderer(() => opened) })
    await queue.send([naming('a.jpg')])
    for (let seconds = 0; seconds < 20; seconds++) await clock.advance(500)
    expect(holds).toBeGreaterThan(3)
    expect(holds).toBeLessThan(30)
    open()
    await until(clock, () => isEmpty(queue))
    expect(endsOf(worker)).toEqual(['made'])
    await worker.stop()
  })

  it('has nothing to do with results of ours, other buckets and tests, and asks no store about them', async () => {
    const { clock, queue, output, start, work } = await setUp()
    const first = await start()
    await work('a.jpg')
    await first.stop()
    const asked: string[] = []
    const worker = await start({
      output: asGatedStore(output, async (operation) => void asked.push(operation)),
    })
    const [result = ''] = await results(output, 'a.jpg')
    const record = (bucket: string, key: string) => ({
      eventSource: 'aws:s3',
      s3: { bucket: { name: bucket }, object: { key } },
    })
    await queue.send([
      JSON.stringify({ Records: [record('site', encodeURIComponent(result))] }),
      JSON.stringify({ Records: [record('other', 'a.jpg')] }),
      JSON.stringify({ Event: 's3:TestEvent' }),
      naming('.imgsizes/ledger/x', '../a.jpg'),
    ])
    await until(clock, () => isEmpty(queue))
    expect(worker.events.filter(({ kind }) => kind === 'message-ignored')).toHaveLength(4)
    expect(asked).toEqual([])
    await worker.stop()
  })

  it('keeps from others what takes longer than a message is hidden', async () => {
    const { clock, queue, start } = await setUp()
    const latch = createLatch()
    const renderer = createTextRenderer(latch.pass)
    const workers = [await start({ renderer }), await start({ renderer })]
    await queue.send([naming('a.jpg')])
    for (let seconds = 0; seconds < 180; seconds++) await clock.advance(1_000)
    expect(latch.waiting).toBe(1)
    latch.open()
    await until(clock, () => isEmpty(queue))
    for (const worker of workers) await worker.stop()
  })

  it('gives back at once what nobody works on when it is to stop, and ends the rest', async () => {
    const { clock, queue, output, start } = await setUp(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'])
    const { opened, open } = createLatch()
    const worker = await start({ atOnce: 1, renderer: createTextRenderer(() => opened) })
    await queue.send(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'].map((name) => naming(name)))
    await until(clock, () => worker.watch.load.working === 1 && worker.watch.load.waiting === 3)
    const stopping = worker.stop()
    await clock.advance(0)
    expect(await queue.depth()).toEqual({ waiting: 3, inHand: 1 })
    open()
    expect(await stopping).toBe(true)
    expect(await queue.depth()).toEqual({ waiting: 3, inHand: 0 })
    expect(await results(output, 'a.jpg')).toHaveLength(4)
  })

  it('gives back all where there is no time left to end it', async () => {
    const { clock, queue, start } = await setUp()
    let isRendering = false
    const worker = await start({
      renderer: createTextRenderer(() => {
        isRendering = true
        return new Promise<never>(() => {})
      }),
    })
    await queue.send([naming('a.jpg')])
    await until(clock, () => isRendering)
    const deadline = new AbortController()
    const stopping = worker.stop(deadline.signal)
    await clock.advance(0)
    expect(await queue.depth()).toEqual({ waiting: 0, inHand: 1 })
    deadline.abort(new Error('over'))
    expect(await stopping).toBe(false)
    expect(await queue.depth()).toEqual({ waiting: 1, inHand: 0 })
  })

  it('gives everything back while nothing can be stored, and goes on once that is possible', async () => {
    const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']
    const { clock, queue, output, start } = await setUp(names, { mostReceives: 9 })
    let isClosed = true
    const refuse = async () => {
      if (isClosed) throw new Problem('store-unavailable', 'It is away.')
    }
    const worker = await start({
      output: {
        ...output,
        probe: refuse,
        put: async (...given) => {
          await refuse()
          return output.put(...given)
        },
      },
    })
    await queue.send(names.map((name) => naming(name)))
    await until(clock, () => worker.events.some(({ kind }) => kind === 'store-lost'))
    expect(worker.watch.isWell).toBe(false)
    isClosed = false
    await until(clock, () => isEmpty(queue), 1_000)
    expect(worker.watch.isWell).toBe(true)
    for (const name of names) expect(await results(output, name)).toHaveLength(4)
    await worker.stop()
  })

  it('spends no receive on a store that is away for hours, and goes on within seconds once it is back', async () => {
    const names = ['a.jpg', 'b.jpg']
    const { clock, queue, deadLetters, output, start } = await setUp(names, { mostReceives: 3 })
    let isAway = false
    const worker = await start({
      output: asGatedStore(
        {
          ...output,
          probe: async () => {
            if (isAway) throw new Problem('store-missing', 'It is away.')
          },
        },
        async () => {
          if (isAway) throw new Problem('store-missing', 'It is away.')
        },
      ),
    })
    await until(clock, () => worker.watch.isWell)
    isAway = true
    await queue.send(names.map((name) => naming(name)))
    await until(clock, () => worker.events.some(({ kind }) => kind === 'store-lost'))
    for (let hours = 0; hours < 6; hours++) await clock.advance(3_600_000)
    expect(await queue.depth()).toEqual({ waiting: 2, inHand: 0 })
    isAway = false
    const backAt = clock.now()
    await until(clock, async () => (await results(output, 'b.jpg')).length === 4)
    expect(clock.now() - backAt).toBeLessThan(10_000)
    await until(clock, () => isEmpty(queue))
    expect((await deadLetters.depth()).waiting).toBe(0)
    await worker.stop()
  })
})
