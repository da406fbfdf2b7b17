import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ALONE, createLargestFirst } from '../../src/waiting/largest-first.ts'

describe('largest first', () => {
  it('begins the largest of those that wait, and never more than the limit', async () => {
    const queue = createLargestFirst({ tasks: 2, bytes: 1000 })
    const order: number[] = []
    let running = 0
    const task = (size: number) =>
      queue.run(size, async () => {
        order.push(size)
        expect(++running).toBeLessThanOrEqual(2)
        await sleep(2)
        running--
      })
    await Promise.all([1, 2, 3, 9, 4, 7].map(task))
    expect(order).toEqual([1, 2, 9, 7, 4, 3])
  })

  it('leaves one alone that is to be alone, however much there may be at once', async () => {
    const queue = createLargestFirst({ tasks: 9, bytes: Number.POSITIVE_INFINITY })
    const seen: number[] = []
    let running = 0
    const task = (size: number) =>
      queue.run(size, async () => {
        running++
        await sleep(2)
        seen.push(size === ALONE ? -running : running)
        running--
      })
    await Promise.all([1, 2, ALONE, 3, 4].map(task))
    expect(seen).toEqual([2, 1, -1, 2, 1])
    seen.length = 0
    await Promise.all([ALONE, 0].map(task))
    expect(seen).toEqual([-1, 1])
  })

  it('begins those of one size in the order in which they came, as many as just fit', async () => {
    const queue = createLargestFirst({ tasks: 9, bytes: 10 })
    const running: string[] = []
    const ends: (() => void)[] = []
    const run = (name: string): Promise<void> =>
      queue.run(5, () => {
        running.push(name)
        return new Promise((end) => ends.push(end))
      })
    const all = ['a', 'b', 'c', 'd'].map(run)
    await sleep(1)
    expect(running).toEqual(['a', 'b'])
    ends[0]?.()
    await sleep(1)
    expect(running).toEqual(['a', 'b', 'c'])
    ends[1]?.()
    await sleep(1)
    for (const end of ends) end()
    await Promise.all(all)
  })

  it('goes on after a failure', async () => {
    const queue = createLargestFirst({ tasks: 1, bytes: 1000 })
    await expect(queue.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await queue.run(1, async () => 'yes')).toBe('yes')
  })

  it('has no more bytes in work than allowed, and never passes over the largest', async () => {
    const queue = createLargestFirst({ tasks: 9, bytes: 100 })
    const running = new Map<number, () => void>()
    const run = (sizeBytes: number): Promise<void> =>
      queue.run(sizeBytes, () => new Promise<void>((end) => running.set(sizeBytes, end)))
    const end = async (sizeBytes: number): Promise<void> => {
      running.get(sizeBytes)?.()
      running.delete(sizeBytes)
      await tick()
    }
    const all = [60, 30, 500, 5, 40].map(run)
    await tick()
    expect([...running.keys()]).toEqual([60, 30])
    await end(60)
    expect([...running.keys()]).toEqual([30])
    await end(30)
    expect([...running.keys()]).toEqual([500])
    await end(500)
    expect([...running.keys()]).toEqual([40, 5])
    await end(40)
    await end(5)
    await Promise.all(all)
  })
})
