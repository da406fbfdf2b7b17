import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSourceKey, type SourceKey } from '../../src/core/source-key.ts'
import {
  formatPlanEnd,
  formatPlanHeader,
  formatWork,
  type PlanFileHeader,
  parsePlan,
  takeShare,
} from '../../src/plan/plan-file.ts'
import { collect } from '../support/streams.ts'

const keyOf = (text: string): SourceKey => {
  const key = parseSourceKey(text)
  if (key === undefined) throw new Error(`no key: ${text}`)
  return key
}

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

const works = (costs: readonly number[]) =>
  costs.map((cost, i) => ({ source: keyOf(`${String(i).padStart(4, '0')}.jpg`), cost }))

describe('a stored plan', () => {
  it('reads as it was written', async () => {
    const written = works([3, 1, 4000])
    const header = { again: '--force', id: 'x', only: 'a/**' }
    const lines = [formatPlanHeader(header), ...written.map(formatWork), formatPlanEnd(3), '']
    const headers: PlanFileHeader[] = []
    expect(await collect(parsePlan(stream(lines), (read) => headers.push(read)))).toEqual(written)
    expect(headers).toEqual([header])
  })

  it('is cut into shares that hold each source once and cost the same but for one source', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        async (costs, count) => {
          const planned = works(costs)
          const costOf = new Map<string, number>(planned.map(({ source, cost }) => [source, cost]))
          const total = costs.reduce((sum, cost) => sum + cost, 0)
          const shares: SourceKey[][] = []
          for (let index = 1; index <= count; index++)
            shares.push(await collect(takeShare(stream(planned), { index, count, total })))
          expect(shares.flat()).toEqual(planned.map(({ source }) => source))
          for (const share of shares) {
            const cost = share.reduce((sum, source) => sum + (costOf.get(source) ?? 0), 0)
            expect(cost).toBeLessThanOrEqual(total / count + Math.max(...costs))
          }
        },
      ),
    )
  })

  it('has a source in the share where the middle of its cost lies, and no cost below a millisecond', async () => {
    const share = { index: 2, count: 2, total: 4 }
    const [, last] = works([1, 3])
    expect(await collect(takeShare(stream(works([1, 3])), share))).toEqual([last?.source])
    expect(formatWork({ source: keyOf('a.jpg'), cost: 0.2 })).toBe('["a.jpg",1]')
  })

  it('loses no source whose cost is rounded away beside others', async () => {
    const costs = [1e20, 1]
    const [, last] = works(costs)
    const share = { index: 2, count: 2, total: 1e20 + 1 }
    expect(await collect(takeShare(stream(works(costs)), share))).toContain(last?.source)
  })

  it.each([
    ['nothing', [], 'the file is empty'],
    ['another kind of file', ['{"sources":1}'], 'does not begin as a plan'],
    ['a later version', ['{"imgsizes":"plan","version":2}'], 'of version 2'],
    ['a line that is cut off', [formatPlanHeader({ again: '' }), '["a.jpg",'], 'line 2: it is not JSON'],
    ['no source', [formatPlanHeader({ again: '' }), '["../a.jpg",1]'], 'line 2: it is not a source'],
    ['no cost', [formatPlanHeader({ again: '' }), '["a.jpg",0]'], 'line 2: it is not a source'],
    ['cut off between lines', [formatPlanHeader({ again: '' }), '["a.jpg",1]'], 'line 2: it is cut off'],
    [
      'short of one',
      [formatPlanHeader({ again: '' }), '["a.jpg",1]', formatPlanEnd(2)],
      'it comes after 1 sources',
    ],
    [
      'longer than its end',
      [formatPlanHeader({ again: '' }), formatPlanEnd(0), '["a.jpg",1]'],
      'after its end',
    ],
    [
      'twice about a source',
      [formatPlanHeader({ again: '' }), '["a.jpg",1]', '["a.jpg",1]'],
      'line 3: a.jpg stands after a.jpg',
    ],
    [
      'another order',
      [formatPlanHeader({ again: '' }), '["b.jpg",1]', '["a.jpg",1]'],
      'line 3: a.jpg stands after b.jpg',
    ],
  ])('is refused where it is %s', async (_, lines, why) => {
    await expect(collect(parsePlan(stream(lines), () => {}))).rejects.toMatchObject({
      code: 'plan-damaged',
      message: expect.stringContaining(why),
    })
  })
})
