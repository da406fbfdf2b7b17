import { describe, expect, it } from 'vitest'
import { packDue } from '../../../src/app/watch/send-due.ts'
import { waitForEmpty } from '../../../src/app/watch/wait-for-empty.ts'
import { predictCost } from '../../../src/plan/cost.ts'
import { openMemoryQueue } from '../../../src/queue/memory-queue.ts'
import { openBench, putText } from '../../support/bench-project.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { collect, each } from '../../support/streams.ts'

describe('what is due', () => {
  it('is sent in messages of bounded cost, the dearest first, and each source once', async () => {
    const source = openMemoryStore()
    const names = Array.from({ length: 230 }, (_, index) => `${String(index).padStart(3, '0')}.jpg`)
    for (const [index, name] of names.entries()) await putText(source, name, 'x'.repeat(1 + index * 40))
    const bench = openBench({ source })
    const { plans } = await bench.plan()
    const messages = await collect(packDue(each(plans)))
    const sent = messages.map(({ body }) => JSON.parse(body).sources as string[])
    expect(sent.flat().toSorted()).toEqual(names)
    const costs = new Map(plans.map((plan) => [String(plan.group.key), predictCost(plan)]))
    const inOrder = sent.flat().map((name) => costs.get(name) ?? 0)
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => b - a))
    expect(inOrder[0]).toBeGreaterThan(inOrder.at(-1) ?? 0)
    expect(messages.map(({ sources }) => sources)).toEqual(sent.map(({ length }) => length))
    expect(Math.max(...sent.map(({ length }) => length))).toBe(50)
    await bench.build()
    expect(await collect(packDue(each((await bench.plan()).plans)))).toEqual([])
  })
})

it('the wait for an empty queue ends when nothing has waited, or been in a hand, for a minute', async () => {
  const clock = createManualClock()
  const queue = openMemoryQueue(clock, 600_000)
  await queue.send(['one'])
  let isOver = false
  const waiting = waitForEmpty(queue, { now: clock.now, wait: clock.wait, onDepth: () => {} }).then(() => {
    isOver = true
  })
  const pass = async (seconds: number): Promise<void> => {
    for (let passed = 0; passed < seconds; passed += 5) await clock.advance(5_000)
  }
  await pass(120)
  const messages = await queue.receive({ most: 10, waitMs: 0 })
  await pass(120)
  expect(isOver).toBe(false)
  await queue.delete(messages)
  await pass(50)
  await queue.send(['two'])
  await pass(30)
  await queue.delete(await queue.receive({ most: 10, waitMs: 0 }))
  await pass(55)
  expect(isOver).toBe(false)
  await pass(15)
  expect(isOver).toBe(true)
  await waiting
})
