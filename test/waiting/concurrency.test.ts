import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { allEnded, forEachConcurrent, mapInOrder, openOverlap } from '../../src/waiting/concurrency.ts'

/** Work that ends when it is told to, and counts what is under way. */
const createPieces = () => {
  const running = new Map<string, { end(): void; fail(error: Error): void }>()
  let most = 0
  return {
    running: () => [...running.keys()],
    most: () => most,
    end: (name: string) => running.get(name)?.end(),
    fail: (name: string, error: Error) => running.get(name)?.fail(error),
    work: (name: string) => () =>
      new Promise<void>((resolve, reject) => {
        const leave = (then: () => void) => () => {
          running.delete(name)
          then()
        }
        running.set(name, { end: leave(resolve), fail: (error) => leave(() => reject(error))() })
        most = Math.max(most, running.size)
      }),
  }
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false
  promise.finally(() => (settled = true)).catch(() => {})
  await turn()
  return settled
}

describe('overlapping work', () => {
  it('is one thing after another where one may run at once', async () => {
    const pieces = createPieces()
    const overlap = openOverlap(1)
    const first = overlap.begin(pieces.work('a'))
    expect(await isSettled(first)).toBe(false)
    pieces.end('a')
    await first
    expect(pieces.running()).toEqual([])
  })

  it('goes on while one of two is still running, and never begins a third', async () => {
    const pieces = createPieces()
    const overlap = openOverlap(2)
    await overlap.begin(pieces.work('a'))
    const second = overlap.begin(pieces.work('b'))
    expect(await isSettled(second)).toBe(false)
    pieces.end('a')
    await second
    const third = overlap.begin(pieces.work('c'))
    pieces.end('c')
    await third
    const end = overlap.end()
    expect(await isSettled(end)).toBe(false)
    pieces.end('b')
    await end
    expect(pieces.most()).toBe(2)
  })

  it('fails with the first failure, once nothing runs any more', async () => {
    const pieces = createPieces()
    const overlap = openOverlap(2)
    await overlap.begin(pieces.work('a'))
    const second = overlap.begin(pieces.work('b'))
    pieces.fail('b', new Error('no pixels'))
    await expect(second).rejects.toThrow('no pixels')
    const end = overlap.end()
    expect(await isSettled(end)).toBe(false)
    pieces.fail('a', new Error('too late'))
    await expect(end).rejects.toThrow('no pixels')
  })

  it('begins nothing more once something has failed', async () => {
    const pieces = createPieces()
    const overlap = openOverlap(2)
    await overlap.begin(pieces.work('a'))
    pieces.fail('a', new Error('no pixels'))
    await turn()
    await expect(overlap.begin(pieces.work('b'))).rejects.toThrow('no pixels')
    expect(pieces.running()).toEqual([])
  })
})

it('of several pieces at once, the first failure is told when all have ended', async () => {
  const pieces = createPieces()
  const all = allEnded(['a', 'b', 'c'].map((name) => pieces.work(name)()))
  pieces.fail('b', new Error('no pixels'))
  expect(await isSettled(all)).toBe(false)
  pieces.end('a')
  pieces.fail('c', new Error('no more'))
  await expect(all).rejects.toThrow('no pixels')
})

/** Numbers from 1 on, that tell how many were taken and whether the iteration was closed. */
const source = (last: number, broken?: number) => {
  const seen = { taken: 0, isClosed: false }
  const items = async function* () {
    try {
      for (let number = 1; number <= last; number++) {
        if (number === broken) throw new Error('no more')
        seen.taken = number
        yield number
      }
    } finally {
      seen.isClosed = true
    }
  }
  return { seen, items: items() }
}

describe('work on each item', () => {
  it('runs as much at once as allowed, and takes an item only when it can begin', async () => {
    const { seen, items } = source(5)
    const ends: (() => void)[] = []
    const all = forEachConcurrent(items, 2, () => new Promise<void>((end) => ends.push(end)))
    for (let ended = 0; ended < 5; ended++) {
      for (let i = 0; i < 5; i++) await turn()
      expect([ends.length, seen.taken]).toEqual([Math.min(ended + 2, 5), Math.min(ended + 2, 5)])
      ends[ended]?.()
    }
    await all
    expect(seen.isClosed).toBe(true)
  })

  it('takes no item after a failure, which is thrown when the rest has ended', async () => {
    const { seen, items } = source(9)
    let hasEnded = false
    const all = forEachConcurrent(items, 2, async (number) => {
      if (number === 2) throw new Error('two is wrong')
      for (let i = 0; i < 5; i++) await turn()
      hasEnded = true
    })
    await expect(all).rejects.toThrow('two is wrong')
    expect([hasEnded, seen.taken, seen.isClosed]).toEqual([true, 2, true])
  })

  it('throws a failure of the items when the rest has ended', async () => {
    let ended = 0
    const all = forEachConcurrent(source(9, 3).items, 4, async () => {
      for (let i = 0; i < 5; i++) await turn()
      ended++
    })
    await expect(all).rejects.toThrow('no more')
    expect(ended).toBe(2)
  })

  it('gives results in the order of the items, whichever ends first', async () => {
    const results: number[] = []
    const { seen, items } = source(6)
    const work = async (number: number): Promise<number> => {
      expect(number - results.length).toBeLessThanOrEqual(3)
      for (let i = 0; i < (number % 2) * 3; i++) await turn()
      return number * 10
    }
    for await (const result of mapInOrder(items, 3, work)) results.push(result)
    expect([results, seen.isClosed]).toEqual([[10, 20, 30, 40, 50, 60], true])
  })

  it('throws a failure in its turn, when the rest has ended', async () => {
    let ended = 0
    const failing = mapInOrder(source(6).items, 3, async (number) => {
      if (number === 2) throw new Error('two is wrong')
      for (let i = 0; i < number * 5; i++) await turn()
      ended++
      return number
    })
    expect((await failing.next()).value).toBe(1)
    await expect(failing.next()).rejects.toThrow('two is wrong')
    expect(ended).toBe(3)
  })

  it('gives a result while the next item is still to come, and takes no more than allowed meanwhile', async () => {
    const ends: ((number: number) => void)[] = []
    const items = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>((end) => ends.push((value) => end({ value }))),
      }),
    }
    const results = mapInOrder(items, 2, (number) => number * 10)
    const first = results.next()
    ends[0]?.(1)
    expect((await first).value).toBe(10)
    for (const number of [2, 3, 4]) {
      ends[number - 1]?.(number)
      for (let i = 0; i < 5; i++) await turn()
    }
    expect(ends).toHaveLength(3)
    expect([(await results.next()).value, (await results.next()).value]).toEqual([20, 30])
  })

  it('throws a failure of the items after the results of those before it', async () => {
    const results = mapInOrder(source(9, 3).items, 4, async (number) => number * 10)
    expect([(await results.next()).value, (await results.next()).value]).toEqual([10, 20])
    await expect(results.next()).rejects.toThrow('no more')
  })

  it('closes the items where its reader leaves', async () => {
    const { seen, items } = source(9)
    for await (const result of mapInOrder(items, 3, (number) => number)) if (result === 2) break
    for (let i = 0; i < 5; i++) await turn()
    expect([seen.isClosed, seen.taken]).toEqual([true, 5])
  })
})
