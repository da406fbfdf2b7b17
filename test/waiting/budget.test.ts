import { setImmediate as settle } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Lease, openBudget } from '../../src/waiting/budget.ts'

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
    lease.resize(3)
    expect(budget.used).toBe(4)
    first.resize(1000)
    expect(budget.used).toBe(10)
    first.release()
    expect(budget.used).toBe(0)
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

  it('serves nobody who leaves something free while another waits for more', async () => {
    const budget = openBudget(4)
    const held = await budget.acquire(2)
    const visitor = budget.acquire(3)
    const spare = budget.acquire(1, { leaving: 0 })
    await settle()
    expect([budget.used, budget.waiting]).toEqual([2, 1])
    held.release()
    await Promise.all([visitor, spare])
    expect(budget.used).toBe(4)
  })

  it('forgets the signal of one who has been served', async () => {
    const budget = openBudget(1)
    const leaving = new AbortController()
    const first = await budget.acquire(1, { signal: leaving.signal })
    const second = budget.acquire(1)
    leaving.abort()
    expect([budget.used, budget.waiting]).toEqual([1, 1])
    first.release()
    await second
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

  it('serves each who waits once, when what can be spared makes space for several', async () => {
    const kept: Lease[] = []
    const budget = openBudget(10, () => {
      const lease = kept.shift()
      lease?.release()
      return lease !== undefined
    })
    const held = [await budget.acquire(5), await budget.acquire(5)]
    const waiting = [6, 4, 3].map((amount) => budget.acquire(amount))
    kept.push(...held)
    budget.settle()
    const [first, second] = await Promise.all(waiting.slice(0, 2))
    expect([kept.length, budget.used, budget.waiting]).toEqual([0, 10, 1])
    second?.release()
    const third = await waiting[2]
    expect(budget.used).toBe(9)
    first?.release()
    third?.release()
    expect(budget.used).toBe(0)
  })

  it('counts what is held, and lets nobody wait for what is free, whatever is held, kept, resized or given up', async () => {
    const step = fc.record({
      deed: fc.constantFrom('acquire', 'release', 'keep', 'resize', 'leave'),
      amount: fc.integer({ min: 0, max: 15 }),
      which: fc.nat(9),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const held: { readonly lease: Lease; amount: number }[] = []
        const kept: typeof held = []
        const queue: { readonly amount: number; readonly leave: () => void }[] = []
        const budget = openBudget(10, () => {
          const spared = kept.shift()
          spared?.lease.release()
          return spared !== undefined
        })
        const acquire = (wanted: number): void => {
          const leaving = new AbortController()
          const waiter = { amount: Math.min(wanted, 10), leave: () => leaving.abort() }
          queue.push(waiter)
          budget.acquire(wanted, { signal: leaving.signal }).then(
            (lease) => {
              expect(queue.shift()).toBe(waiter)
              held.push({ lease, amount: waiter.amount })
            },
            () => queue.splice(queue.indexOf(waiter), 1),
          )
        }
        for (const { deed, amount, which } of steps) {
          const at = which % held.length
          const one = held[at]
          if (deed === 'acquire') acquire(amount)
          else if (deed === 'leave') queue[which % queue.length]?.leave()
          else if (one !== undefined && deed === 'resize') {
            one.amount = Math.min(amount, 10)
            one.lease.resize(amount)
          } else if (one !== undefined) {
            held.splice(at, 1)
            if (deed === 'keep') kept.push(one)
            else one.lease.release()
            budget.settle()
          }
          await settle()
          expect(budget.used).toBe([...held, ...kept].reduce((sum, each) => sum + each.amount, 0))
          expect(budget.waiting).toBe(queue.length)
          const [next] = queue
          if (next === undefined) continue
          expect(kept).toEqual([])
          expect(budget.used + next.amount).toBeGreaterThan(10)
        }
      }),
      { numRuns: 100 },
    )
  })
})
