import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openMemoryQueue } from '../../../src/queue/memory-queue.ts'
import type { Queue } from '../../../src/queue/port.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { createTextRenderer, listKeys, openBench, picture, putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { asGatedStore, type Gate, gateBy } from '../../support/gated-store.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { naming, startWorker } from './support.ts'

/**
 * The law Event: three workers share a queue while sources come, are replaced and go. Messages come twice, late and in
 * any order, and workers are killed at any operation on a store or the queue, or time jumps beyond what hides a message.
 * Once the queue is empty every source that is there has the results of its present bytes, all of them vouched for by
 * the ledger, and none is left of one that is gone.
 *
 * Where both happen in one story, the law is weaker: a worker that has slept so long, stores what was replaced meanwhile,
 * and is killed before it looks again, leaves that. But then the next plan sees it, and one build makes it right.
 */

const RUNS = Number(process.env.IMGSIZES_TEST_RUNS ?? 60)

const SOURCES = ['a.jpg', 'a.jpg', 'a.jpg', 'a.jpg/b & c+d.jpg', 'été.png'] as const

const asGatedQueue = (queue: Queue, gate: Gate): Queue => {
  const gated = gateBy(gate)
  return {
    ...queue,
    receive: (options) => gated('receive', () => queue.receive(options)),
    hold: (messages, ms) => gated('hold', () => queue.hold(messages, ms)),
    giveBack: (messages, ms) => gated('give back', () => queue.giveBack(messages, ms)),
    delete: (messages) => gated('delete', () => queue.delete(messages)),
  }
}

/** As they stand: those that S3 and a folder show. */
const OPENERS: Readonly<Record<string, () => WritableStore>> = {
  MD5s: () => openMemoryStore(),
  dates: () => asDatedStore(openMemoryStore()),
}

const CHANGE = fc.record({
  source: fc.constantFrom(...SOURCES),
  text: fc.constantFrom('one', 'two', 'six', 'broken', 'gone', 'gone'),
  /** Steps before it happens, and from there to each message about it. */
  after: fc.nat({ max: 40 }),
  told: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 3 }),
})

const KILL = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 120 }))

it.each(Object.entries(OPENERS))(
  'over a store that shows %s every source comes to what it is at last, whatever is told when and whoever dies',
  async (_, openStore) => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(CHANGE, { minLength: 1, maxLength: 6 }),
        fc.tuple(KILL, KILL),
        fc.array(fc.nat({ max: 150 }), { maxLength: 3 }),
        async (scheduler, changes, kills, jumps) => {
          const clock = createManualClock()
          const queue = openMemoryQueue(clock, 30_000)
          const source = openStore()
          const output = openStore()
          await putText(source, 'keep.jpg', 'kept')
          const step = (label: string) => scheduler.schedule(Promise.resolve(), label)
          const idle = async (steps: number): Promise<void> => {
            for (let i = 0; i < steps; i++) await step('time goes by')
          }

          const workers = await Promise.all(
            [...kills, Number.POSITIVE_INFINITY].map((after, index) => {
              let operations = 0
              let isKilled = false
              const gate: Gate = async (name) => {
                if (!isKilled) await step(`${index} ${name}`)
                if (++operations > after) isKilled = true
                if (isKilled) await new Promise<never>(() => {})
              }
              return startWorker(asGatedQueue(queue, gate), clock, {
                source: asGatedStore(source, gate),
                output: asGatedStore(output, gate),
                renderer: createTextRenderer(() => gate('render')),
              })
            }),
          )
          let left = changes.length + jumps.length
          const happening = [
            ...changes.map(async ({ source: key, text, after, told }) => {
              await idle(after)
              if (text === 'gone') await source.deleteAll([key])
              else await putText(source, key, text)
              await Promise.all(
                told.map(async (later) => {
                  await idle(later)
                  await queue.send([naming(key)])
                }),
              )
              left--
            }),
            ...jumps.map(async (after) => {
              await idle(after)
              await clock.advance(40_000)
              left--
            }),
          ]
          const isDone = async (): Promise<boolean> => {
            const { waiting, inHand } = await queue.depth()
            return left === 0 && waiting + inHand === 0
          }
          for (let turns = 0; scheduler.count() > 0 || !(await isDone()); turns++) {
            if (turns > 50_000)
              throw new Error(`the queue is never empty: ${JSON.stringify(await queue.depth())}`)
            if (scheduler.count() > 0) await scheduler.waitOne()
            else await clock.advance(1_000)
          }
          await Promise.all(happening)
          const stopping = workers.at(-1)?.stop()
          let isOver = false
          stopping?.finally(() => {
            isOver = true
          })
          // What it writes is compressed by other threads, in a time of their own.
          while (!isOver) await (scheduler.count() > 0 ? scheduler.waitOne() : sleep(1))
          expect(await stopping).toBe(true)

          const last = openBench({ source, output, now: clock.date })
          const isWeak = jumps.length > 0 && Math.min(...kills) < Number.POSITIVE_INFINITY
          if (isWeak) await last.build()
          let orphans = 0
          for await (const { key, variant, transformText } of last.results.list({})) {
            const original = await source.get(variant.source)
            const shown = new TextDecoder().decode((await output.get(key))?.bytes)
            const bytes = original && new TextDecoder().decode(original.bytes)
            if (bytes === 'broken') continue // what stood before stays, as by a build
            if (isWeak && bytes === undefined) {
              orphans++
              continue
            }
            expect(shown, key).toBe(
              picture(bytes ?? 'gone', transformText.split('q')[1] ?? '', variant.format),
            )
          }
          const present = (await listKeys(source)).filter((key) => key !== 'keep.jpg')
          const { counts } = await last.plan({ selection: { isSelected: (key) => key !== 'keep.jpg' } })
          expect(counts).toMatchObject({ sources: present.length, missing: 0, stale: 0, orphans })
          for (const { events } of workers.slice(-1))
            expect(events.filter(({ kind }) => kind === 'bug')).toEqual([])
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    )
  },
)
