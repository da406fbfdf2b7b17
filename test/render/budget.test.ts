import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openBudget, type Release } from '../../src/render/budget.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a budget', () => {
  it('is never overdrawn, serves in order and is whole again at the end', async () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 })
    const order = fc.infiniteStream(fc.nat())
    await fc.assert(
      fc.asyncProperty(amounts, order, async (wanted, picks) => {
        const budget = openBudget(10)
        const served: number[] = []
        const held: { readonly amount: number; readonly release: Release }[] = []
        wanted.forEach((amount, i) => {
          void budget.acquire(amount).then((release) => {
            served.push(i)
            held.push({ amount: Math.min(amount, 10), release })
          })
        })
        await settle()
        while (held.length > 0) {
          const inUse = held.reduce((sum, { amount }) => sum + amount, 0)
          expect(inUse).toBeLessThanOrEqual(10)
          expect(budget.used).toBe(inUse)
          held.splice((picks.next().value ?? 0) % held.length, 1)[0]?.release()
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
    const large = budget.acquire(1000).then((release) => {
      isRunning = true
      return release
    })
    await settle()
    expect(isRunning).toBe(false)
    small()
    const release = await large
    expect(budget.used).toBe(10)
    release()
    release()
    expect(budget.used).toBe(0)
  })

  it('frees the place of one who gives up, for those behind', async () => {
    const budget = openBudget(10)
    const first = await budget.acquire(5)
    const leaving = new AbortController()
    const large = budget.acquire(10, leaving.signal)
    const behind = budget.acquire(5)
    leaving.abort(new Error('gone'))
    await expect(large).rejects.toThrow('gone')
    const second = await behind
    expect(budget.used).toBe(10)
    await expect(budget.acquire(1, AbortSignal.abort(new Error('late')))).rejects.toThrow('late')
    first()
    second()
    expect([budget.used, budget.waiting]).toEqual([0, 0])
  })

  it('gives at once what is free, and to nobody past those who wait', async () => {
    const budget = openBudget(10)
    const first = budget.tryAcquire(6)
    expect([budget.tryAcquire(5), budget.used]).toEqual([undefined, 6])
    const waiting = budget.acquire(5)
    expect(budget.tryAcquire(1)).toBeUndefined()
    first?.()
    const second = await waiting
    budget.tryAcquire(1000)?.()
    second()
    expect(budget.tryAcquire(1000)).toBeDefined()
    expect(budget.used).toBe(10)
  })
})
