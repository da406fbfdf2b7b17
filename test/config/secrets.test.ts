import { describe, expect, test } from 'vitest'
import { ConfigProblem } from '../../src/config/config-problem.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { requireSecrets } from '../../src/config/secrets.ts'
import { Problem } from '../../src/core/problem.ts'
import { thrownBy } from '../support/problems.ts'

const ONE = 'correct-horse-battery-staple'
const TWO = 'wrong-cow-generator-paperclip'

const resolveSecret = (secret: unknown) => resolveConfig({ source: 'a', output: 'b', secret }, { root: '/' })

test('a text is the one secret', () => {
  expect(resolveSecret(ONE).secrets).toEqual([{ value: ONE, isRetired: false }])
})

test('of a list the first that is not retired comes first', () => {
  expect(resolveSecret([{ value: ONE, retired: true }, TWO]).secrets).toEqual([
    { value: TWO, isRetired: false },
    { value: ONE, isRetired: true },
  ])
})

test('sixteen bytes are enough, however few characters', () => {
  expect(resolveSecret('ääääääää').secrets).toHaveLength(1)
})

describe('a secret is refused and never shown:', () => {
  test.each<[string, unknown, string, string]>([
    ['fifteen bytes', 'abcdefghijklmno', 'secret', 'a text of 15 bytes'],
    ['empty', '', 'secret', 'a text of 0 bytes'],
    ['white space at an end', `${ONE}\n`, 'secret', 'a text with white space at an end'],
    ['no Unicode', `${ONE}\ud800`, 'secret', 'a text that is not valid Unicode'],
    ['the same twice', [ONE, TWO, ONE], 'secret', 'the same secret twice'],
    ['the same retired', [ONE, { value: ONE, retired: true }], 'secret', 'the same secret twice'],
    ['only retired ones', [{ value: ONE, retired: true }], 'secret', 'only retired secrets'],
    ['a gap in the list', [undefined, ONE], 'secret[0]', 'nothing'],
    ['retired: false', [{ value: ONE, retired: false }], 'secret[0].retired', 'false'],
    [
      'an unknown option',
      [ONE, { value: TWO, retired: true, retiredd: ONE }],
      'secret[1].retiredd',
      'unknown option',
    ],
    ['an object alone', { value: ONE }, 'secret', 'an object'],
    ['a number', 1234567890123456, 'secret', 'a long number'],
    ['a large number', 1234567890123456n, 'secret', 'a long number'],
  ])('%s', (_, secret, path, found) => {
    const problem = thrownBy(ConfigProblem, () => resolveSecret(secret))
    expect(problem.problems[0]).toMatchObject({ path, found })
    expect(problem.message).not.toContain(ONE)
    expect(problem.message).not.toContain('abcdefghijklmno')
  })
})

test('none at all is good until one is needed', () => {
  const config = resolveSecret(undefined)
  expect(config.secrets).toEqual([])
  expect(resolveSecret([]).secrets).toEqual([])
  expect(() => requireSecrets(config)).toThrow(Problem)
  expect(() => requireSecrets(config)).toThrow(expect.objectContaining({ code: 'config-secret-missing' }))
  expect(requireSecrets(resolveSecret(ONE))[0].value).toBe(ONE)
})
