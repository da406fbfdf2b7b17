import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createLargestFirst } from '../../src/app/largest-first.ts'

describe('largest first', () => {
  it('begins the largest of those that wait, and never more than the limit', async () => {
    const queue = createLargestFirst(2)
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

  it('goes on after a failure', async () => {
    const queue = createLargestFirst(1)
    await expect(queue.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await queue.run(1, async () => 'yes')).toBe('yes')
  })
})
