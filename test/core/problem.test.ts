import { expect, test } from 'vitest'
import { asProblem, Problem } from '../../src/core/problem.ts'

test('a Problem carries what it was given and nothing else', () => {
  const cause = new Error('why')
  const problem = new Problem('source-missing', 'gone', { hint: 'look', subject: 'a.jpg', cause })
  expect(problem).toMatchObject({
    name: 'Problem',
    code: 'source-missing',
    message: 'gone',
    hint: 'look',
    subject: 'a.jpg',
  })
  expect(problem.cause).toBe(cause)
  expect(Object.hasOwn(new Problem('store-full', 'b'), 'cause')).toBe(false)
})

test('a bug is thrown on', () => {
  const bug = new TypeError('oops')
  expect(() => asProblem(bug)).toThrow(bug)
  const problem = new Problem('store-full', 'b')
  expect(asProblem(problem)).toBe(problem)
})
