import { expect, it } from 'vitest'
import type { SourceKey } from '../../src/core/source-key.ts'
import { predictCost, predictRenderMs, sourceSizeOf } from '../../src/plan/cost.ts'
import type { SourcePlan } from '../../src/plan/decide.ts'
import type { FactsRecord } from '../../src/plan/ledger-entry.ts'
import { toTransform } from '../support/parsed.ts'

const planOf = (kinds: readonly string[], key = 'a.jpg', facts: readonly Partial<FactsRecord>[] = []) => {
  const result = { transform: toTransform('100w.q80'), format: 'webp' }
  const group = { key: key as SourceKey, source: { sizeBytes: 2_000_000 }, known: { facts } }
  return { group, fingerprint: 'f', steps: kinds.map((kind) => ({ kind, result })) } as unknown as SourcePlan
}

it('a request costs the same whatever it is for, and what is there nothing', () => {
  expect(predictCost(planOf(['present', 'orphan']))).toBe(0)
  expect(predictCost({ ...planOf(['copy', 'touch', 'drop', 'present']), aliases: [{} as never] })).toBe(4)
})

it('a render costs what its source and its results do, besides the requests', () => {
  const both = planOf(['render', 'render', 'copy'])
  const result = { transform: toTransform('100w.q80'), format: 'webp' as const }
  const one = predictRenderMs(sourceSizeOf(both), [result])
  const two = predictRenderMs(sourceSizeOf(both), [result, result])
  expect(two).toBeGreaterThan(one)
  expect(one).toBeGreaterThan(6 * 8)
  expect(predictCost(both)).toBe(two + 1)
})

it('a size that nobody knows is guessed from the bytes', () => {
  expect(sourceSizeOf(planOf([]))).toEqual({ width: 3000, height: 2000 })
  expect(sourceSizeOf(planOf([], 'a.PNG'))).toEqual({ width: 1733, height: 1155 })
  const [old, own] = [
    { fingerprint: 'e', width: 8, height: 9 },
    { fingerprint: 'f', width: 5, height: 6 },
  ]
  expect(sourceSizeOf(planOf([], 'a.jpg', [old, own]))).toBe(own)
  expect(sourceSizeOf(planOf([], 'a.jpg', [old]))).toBe(old)
})
