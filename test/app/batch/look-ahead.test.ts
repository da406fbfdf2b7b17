import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lookAhead } from '../../../src/app/batch/listings.ts'
import { collect } from '../../support/streams.ts'

const numbered = async function* (length: number, onRead: (i: number) => void = () => {}) {
  for (let i = 0; i < length; i++) {
    onRead(i)
    yield { key: String(i).padStart(6, '0') }
  }
}

describe('lookAhead', () => {
  it('gives all items, and splits with so many on both sides, in whatever order they are taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.nat({ max: 120 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        async (scheduler, length, stride, isSplitFirst) => {
          const { items, splits } = lookAhead(numbered(length), { stride: async () => stride, most: 540 })
          const drain = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
            const all: T[] = []
            for await (const item of stream) {
              all.push(item)
              await scheduler.schedule(Promise.resolve())
            }
            return all
          }
          const [taken, cut] = isSplitFirst
            ? await scheduler.waitFor(
                (async () => {
                  const cut = await drain(splits)
                  return [await drain(items), cut] as const
                })(),
              )
            : await scheduler.waitFor(Promise.all([drain(items), drain(splits)]))
          expect(taken).toHaveLength(length)
          expect(cut).toEqual([...cut].sort())
          expect(cut.every((split) => taken.some(({ key }) => key === split))).toBe(true)
          if (isSplitFirst) expect(cut).toHaveLength(Math.max(0, Math.floor(length / stride) - 1))
        },
      ),
    )
  })

  it('holds no more than it may, and goes on when some are taken', async () => {
    let read = 0
    const given = numbered(20_000, (i) => {
      read = i
    })
    const { items, splits } = lookAhead(given, { stride: async () => 400, most: 1_500 })
    const splitting = collect(splits)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(read).toBeLessThan(1_600)
    expect(await collect(items)).toHaveLength(20_000)
    expect((await splitting).length).toBeGreaterThan(3)
  })

  it('fails on both sides where the items do, and ends them when nobody takes more', async () => {
    let isEnded = false
    const broken = async function* () {
      try {
        yield { key: 'a' }
        throw new Error('gone')
      } finally {
        isEnded = true
      }
    }
    const { items, splits } = lookAhead(broken(), { stride: async () => 5, most: 100 })
    await expect(collect(splits)).rejects.toThrow('gone')
    await expect(collect(items)).rejects.toThrow('gone')
    isEnded = false
    const other = lookAhead(broken(), { stride: async () => 1, most: 100 })
    for await (const _ of other.items) break
    expect(isEnded).toBe(true)
  })
})
