import { expect, it } from 'vitest'
import type { WatchEvent } from '../../../src/app/watch/event.ts'
import { createNaming } from '../../../src/app/watch/name-sources.ts'
import { createSession } from '../../../src/app/watch/session.ts'
import type { SourceOutcome } from '../../../src/app/watch/source-work.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { openMemoryQueue } from '../../../src/queue/memory-queue.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { naming } from './support.ts'

type End = (source: SourceKey, outcome: SourceOutcome) => void

const MADE: SourceOutcome = { kind: 'settled', end: 'made' }
const AWAY = new Problem('store-unavailable', 'It is away.')

/** Work that ends at once, in this way. */
const endAllBy =
  (outcome: SourceOutcome) =>
  (sources: readonly SourceKey[], end: End): void => {
    for (const source of sources) end(source, outcome)
  }

/** A worker whose work on sources is what `run` does with them; it runs. */
const start = ({
  run = endAllBy(MADE),
  atOnce = 4,
  visibilityMs = 30_000,
}: {
  readonly run?: (sources: readonly SourceKey[], end: End) => void
  readonly atOnce?: number
  readonly visibilityMs?: number
} = {}) => {
  const clock = createManualClock()
  const queue = openMemoryQueue(clock, visibilityMs)
  const events: WatchEvent[] = []
  const runs: (readonly SourceKey[])[] = []
  const stop = new AbortController()
  const ended = new AbortController()
  let records = 0
  const session = createSession({
    queue,
    facts: { visibilityMs },
    nameSources: createNaming([{ prefix: '' }], { mayBe: () => true }),
    work: {
      ended: ended.signal,
      probe: async () => {},
      run: async (sources, end) => {
        runs.push(sources)
        run(sources, end)
      },
      close: async () => {},
      record: async () => void records++,
    },
    atOnce,
    recordWithinMs: 600_000,
    clock,
    tell: (event) => void events.push(event),
  })
  let isOver = false
  const running = session
    .run(stop.signal, () => new AbortController().signal)
    .finally(() => {
      isOver = true
    })
  const send = async (...bodies: readonly string[]): Promise<void> => {
    await queue.send(bodies)
    await clock.advance(0)
  }
  return {
    clock,
    queue,
    session,
    ended,
    runs,
    send,
    countOf: (kind: WatchEvent['kind']): number => events.filter((event) => event.kind === kind).length,
    events,
    records: () => records,
    isOver: () => isOver,
    stop: () => {
      stop.abort(new Error('stopped'))
      return running
    },
  }
}

it('looks again at a source that changes meanwhile, eight times, and then gives its message back', async () => {
  const { send, runs, events, stop } = start({ run: endAllBy({ kind: 'changed' }) })
  await send(naming('a.jpg'))
  expect(runs).toHaveLength(9)
  expect(events.at(-1)).toMatchObject({
    kind: 'message-returned',
    problem: { code: 'source-changing' },
    againInMs: 10_000,
  })
  expect(await stop()).toBe(true)
})

it('takes sources together, once half of its places are free', async () => {
  const ends: (() => void)[] = []
  const { send, runs, session, stop } = start({
    run: (sources, end) => {
      for (const source of sources) ends.push(() => end(source, MADE))
    },
  })
  await send(naming('1', '2', '3', '4', '5', '6', '7'))
  ends.shift()?.()
  expect([runs.length, session.load]).toMatchObject([1, { waiting: 3, working: 3, messages: 1 }])
  ends.shift()?.()
  expect(runs).toEqual([
    ['1', '2', '3', '4'],
    ['5', '6'],
  ])
  for (const end of ends.splice(0)) end()
  expect(runs).toHaveLength(3)
  ends[0]?.()
  await stop()
  expect(session.load).toEqual({ waiting: 0, working: 0, messages: 0 })
})

it('takes no more messages than it has work to do', async () => {
  const ends: (() => void)[] = []
  const { send, session, stop } = start({
    run: (sources, end) => {
      for (const source of sources) ends.push(() => end(source, MADE))
    },
  })
  await send(...Array.from({ length: 30 }, (_, i) => naming(`${i}.jpg`)))
  expect(session.load).toMatchObject({ waiting: 6, working: 4, messages: 10 })
  for (let i = 0; i < 4; i++) ends[i]?.()
  await send()
  expect(session.load).toMatchObject({ waiting: 12, working: 4, messages: 20 })
  const stopped = stop()
  for (const end of ends) end()
  await stopped
})

it('records what is done when nothing more comes, however busy it was', async () => {
  const { clock, send, records, stop } = start()
  for (let round = 0; round < 6; round++) {
    await send(naming(`${round}.jpg`))
    for (let ms = 0; ms < 100_000 && records() === round; ms += 1_000) await clock.advance(1_000)
  }
  const before = records()
  await send(naming('last.jpg'))
  await clock.advance(20_000)
  expect([before, records()]).toEqual([6, 7])
  await stop()
})

it('gives back at once what it holds where nothing can be stored any more', async () => {
  const { clock, queue, ended, send, events, session, isOver, stop } = start({
    run: (sources, end) => {
      ended.abort(AWAY)
      endAllBy({ kind: 'failed', problem: AWAY })(sources, end)
    },
  })
  await send(naming('a.jpg'))
  expect(await queue.depth()).toEqual({ waiting: 1, inHand: 0 })
  expect(events.map(({ kind }) => kind)).toEqual(['messages-received'])
  expect([session.isWell, isOver()]).toEqual([false, true])
  await clock.advance(0)
  await stop()
})

it('is not well while its queue refuses, asks less and less often, and says so each time', async () => {
  const { clock, queue, session, send, runs, countOf, stop } = start()
  const { receive } = queue
  let asked = 0
  queue.receive = async () => {
    asked++
    throw new Problem('queue-unavailable', 'It is away.')
  }
  await clock.advance(20_000)
  for (let s = 0; s < 6; s++) await clock.advance(1_000)
  expect([asked, countOf('queue-failed'), session.isWell]).toEqual([3, 3, false])
  queue.receive = receive
  await send(naming('a.jpg'))
  for (let s = 0; s < 8; s++) await clock.advance(1_000)
  expect([runs, session.isWell]).toEqual([[['a.jpg']], true])
  await stop()
})
