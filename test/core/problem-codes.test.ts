import { expect, test } from 'vitest'
import { refuse, toRefused } from '../../src/app/origin/refusal.ts'
import {
  isPassing,
  POLICIES,
  Problem,
  parseProblemCode,
  policyOf,
  problemStatusOf,
} from '../../src/core/problem.ts'

const CODES = Object.keys(POLICIES).flatMap((text) => parseProblemCode(text) ?? [])

test('every code is kebab-case, and names that are none are told apart', () => {
  expect(CODES).toHaveLength(Object.keys(POLICIES).length)
  for (const code of CODES) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
  expect([parseProblemCode('toString'), parseProblemCode('bug')]).toEqual([undefined, undefined])
})

test('whatever goes wrong with an original or a store is told by a code that has a status', () => {
  for (const code of CODES) {
    // Those are said of a request alone, by a bug, and by the server in front.
    if (policyOf(code).fault === 'request' || code === 'internal' || code === 'unavailable') continue
    expect([404, 422, 502, 503, 504]).toContain(problemStatusOf(toRefused(new Problem(code, 'x')).code))
  }
  expect(problemStatusOf('config-invalid')).toBe(500)
})

test('nothing of a store and its rights is told to the world', () => {
  for (const code of CODES)
    if (/^(store|queue|config|ledger|file)-/.test(code))
      expect(toRefused(new Problem(code, 'x'))).toEqual(
        code === 'store-timeout' ? refuse('source-timeout') : refuse('source-unavailable'),
      )
})

test('only a Problem that may be over in a moment is tried again', () => {
  const isTried = (error: unknown) => isPassing(error)
  expect(isTried(new Problem('store-unavailable', 'x'))).toBe(true)
  expect(isTried(new Problem('store-full', 'x'))).toBe(false)
  expect(isTried(new Problem('store-denied', 'x'))).toBe(false)
  expect(isTried(new Error('a bug'))).toBe(false)
})
