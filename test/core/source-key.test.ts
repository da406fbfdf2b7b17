import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_KEY_BYTES, parseSourceKey, SOURCE_NAME, whyNotSourceKey } from '../../src/core/source-key.ts'
import { ANY_CHARACTER } from '../support/characters.ts'

describe('a source key', () => {
  test.each([
    ...[
      'a',
      'photos/cat.jpg',
      'été/ça & là 100%.png',
      'e\u0301',
      'a b',
      ' ',
      'a/ b',
      '...',
      '.hidden',
      'a/.imgsizes',
    ],
    ...['.imgsizes2', '.imgsizesa/b', 'a?b#c', 'a\'b"c<d>', '%2F', '\u2028', '\u{1f600}', '640w.q80'],
    'é'.repeat(MAX_KEY_BYTES / 2),
  ])('may be %j, and is left as it is', (text) => {
    expect(parseSourceKey(text)).toBe(text)
    expect(whyNotSourceKey(text)).toBeUndefined()
  })

  test.each([
    ...['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/.', './a', 'a/../b', '../a', 'a/..'],
    ...['a\\b', 'a\0', 'a\nb', 'a\x7f', 'a\x80', 'a\x9f', '\ud800', 'a\udc00b'],
    ...['.imgsizes', '.imgsizes/ledger/1', `${'é'.repeat(MAX_KEY_BYTES / 2)}a`],
  ])('may not be %j', (text) => {
    expect(parseSourceKey(text)).toBeUndefined()
    expect(whyNotSourceKey(text)).toMatch(/^(?:is|has|holds|lies) /)
  })

  test('is whole or none: the text comes back unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
        const key = parseSourceKey(text)
        if (key !== undefined) expect(key).toBe(text)
        expect(key === undefined).toBe(whyNotSourceKey(text) !== undefined)
      }),
    )
  })

  test('never steps out of its root', () => {
    const segment = fc.constantFrom('a', '.', '..', '', '...', '.imgsizes', 'b.jpg')
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const isKey = segments.every((name) => !['', '.', '..'].includes(name)) && segments[0] !== '.imgsizes'
        expect(parseSourceKey(segments.join('/')) !== undefined).toBe(isKey)
      }),
    )
  })
})

test.each<[string, boolean]>([
  ['a', true],
  ['0-a', true],
  ['a'.repeat(32), true],
  ['a'.repeat(33), false],
  ['-a', false],
  ['A', false],
  ['a_b', false],
  ['', false],
  ['a\n', false],
])('%j as the name of a source: %s', (name, expected) => {
  expect(SOURCE_NAME.test(name)).toBe(expected)
})
