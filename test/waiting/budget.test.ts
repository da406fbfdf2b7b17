import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Lease, openBudget } from '../../src/waiting/budget.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a budget', () => {
  it('is never overdrawn, serves in order and is whole again at the end', async () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 })
    const order = fc.infiniteStream(fc.nat())
    await fc.assert(
      fc.asyncProperty(amounts, order, async (wanted, picks) => {
        const budget = openBudget(10)
        const served: number[] = []
        const held: { readonly amount: number; readonly lease: Lease }[] = []
        wanted.forEach((amount, i) => {
          void budget.acquire(amount).then((lease) => {
            served.push(i)
            held.push({ amount: Math.min(amount, 10), lease })
          })
        })
        await settle()
        while (held.length > 0) {
          const inUse = held.reduce((sum, { amount }) => sum + amount, 0)
          expect(inUse).toBeLessThanOrEqual(10)
          expect(budget.used).toBe(inUse)
          held.splice((picks.next().value ?? 0) % held.length, 1)[0]?.lease.release()
          await settle()
        }
        expect(served).toEqual(wanted.map((_, i) => i))
        expect([budget.used, budget.waiting]).toEqual([0, 0])
      }),
      { numRuns: 60 },
    )
  })

  it('lets a job larger than all of it run alone', async () => {
    const budget = openBudget(10)
    const small = await budget.acquire(1)
    let isRunning = false
    const large = budget.acquire(1000).then((lease) => {
      isRunning = true
      return lease
    })
    await settle()
    expect(isRunning).toBe(false)
    small.release()
    const lease = await large
    expect(budget.used).toBe(10)
    lease.release()
    lease.release()
    expect(budget.used).toBe(0)
  })

  it('frees the place of one who gives up, for those behind', async () => {
    const budget = openBudget(10)
    const first = await budget.acquire(5)
    const leaving = new AbortController()
    const large = budget.acquire(10, { signal: leaving.signal })
    const behind = budget.acquire(5)
    leaving.abort(new Error('gone'))
    await expect(large).rejects.toThrow('gone')
    const second = await behind
    expect(budget.used).toBe(10)
    await expect(budget.acquire(1, { signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow('late')
    first.release()
    second.release()
    expect([budget.used, budget.waiting]).toEqual([0, 0])
  })

  it('gives at once what is free, and to nobody past those who wait', async () => {
    const budget = openBudget(10)
    const first = budget.tryAcquire(6)
    expect([budget.tryAcquire(5), budget.used]).toEqual([undefined, 6])
    const waiting = budget.acquire(5)
    expect(budget.tryAcquire(1)).toBeUndefined()
    first?.release()
    const second = await waiting
    budget.tryAcquire(1000)?.release()
    second.release()
    expect(budget.tryAcquire(1000)).toBeDefined()
    expect(budget.used).toBe(10)
  })

  it('counts anew what turned out to be another amount, and lets in who then fits', async () => {
    const budget = openBudget(10)
    const first = await budget.acquire(6)
    const second = budget.acquire(6)
    first.resize(4)
    const lease = await second
    lease.resize(9)
    expect([budget.used, budget.tryAcquire(1)]).toEqual([13, undefined])
    lease.release()
    expect(budget.used).toBe(4)
  })

  it('serves whoever leaves something free after all others, and only where that much stays free', async () => {
    const budget = openBudget(3)
    const order: string[] = []
    const take = async (name: string, leaving?: number): Promise<Lease> => {
      const lease = await budget.acquire(1, leaving === undefined ? {} : { leaving })
      order.push(name)
      return lease
    }
    const held = [await take('a'), await take('b'), await take('c')]
    const spare = take('spare', 1)
    const visitor = take('visitor')
    expect(budget.waiting).toBe(1)
    held[0]?.release()
    await visitor
    held[1]?.release()
    await settle()
    expect(order).toEqual(['a', 'b', 'c', 'visitor'])
    held[2]?.release()
    const last = await spare
    expect([order.at(-1), budget.used]).toEqual(['spare', 2])
    last.release()
    const none = openBudget(1)
    const leaving = new AbortController()
    const never = none.acquire(1, { leaving: 1, signal: leaving.signal })
    leaving.abort(new Error('gone'))
    await expect(never).rejects.toThrow('gone')
  })

  it('takes back what can be spared, one after the other, before anybody waits', async () => {
    const kept: Lease[] = []
    const budget = openBudget(10, () => {
      const lease = kept.shift()
      lease?.release()
      return lease !== undefined
    })
    for (let i = 0; i < 5; i++) kept.push(await budget.acquire(2))
    const first = await budget.acquire(3)
    expect([kept.length, budget.used]).toEqual([3, 9])
    const rest = budget.tryAcquire(7)
    expect([kept.length, budget.used]).toEqual([0, 10])
    const waiting = budget.acquire(1)
    rest?.resize(6)
    await waiting
    const late = budget.acquire(4)
    kept.push(first)
    budget.settle()
    await settle()
    expect([kept.length, budget.waiting]).toEqual([0, 1])
    rest?.release()
    await late
  })
})
