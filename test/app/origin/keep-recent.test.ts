import { expect, it } from 'vitest'
import { keepRecent } from '../../../src/app/origin/keep-recent.ts'

it('keeps as many as it is told to: those that were used last', () => {
  const recent = keepRecent<string, number>(3)
  for (const [i, key] of ['a', 'b', 'c'].entries()) recent.set(key, i)
  expect(recent.get('a')).toBe(0)
  recent.set('d', 3)
  recent.set('a', 4)
  expect([...recent.entries()]).toEqual([
    ['a', 4],
    ['d', 3],
    ['c', 2],
  ])
})
