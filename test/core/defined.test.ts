import { expect, it } from 'vitest'
import { compact, defined } from '../../src/core/defined.ts'

it('what is undefined is left out, of lists also what is false, and nothing else', () => {
  expect(compact<unknown>(0, false, '', undefined, null, 1)).toEqual([0, '', null, 1])
  expect(Object.keys(defined({ a: 0, b: undefined, c: false }))).toEqual(['a', 'c'])
})
