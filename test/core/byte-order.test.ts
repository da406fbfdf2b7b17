import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes, countBytes } from '../../src/core/byte-order.ts'
import { ANY_CHARACTER } from '../support/characters.ts'

/** Characters around every border of UTF-8 and UTF-16. */
const border = fc.constantFrom(
  ...['\0', 'a', '/', '.', '-', '\x7f', '\x80', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\ufffd', '\uffff'],
  ...['\u{10000}', '\u{1f600}', '\u{10ffff}'],
)
const text = fc.oneof(fc.string({ unit: ANY_CHARACTER }), fc.string({ unit: border }))

test('the order is that of UTF-8 bytes', () => {
  fc.assert(
    fc.property(text, text, fc.string({ unit: border, maxLength: 3 }), (a, b, shared) => {
      for (const [x, y] of [
        [a, b],
        [shared + a, shared + b],
        [a, a + b],
      ] as const)
        expect(Math.sign(compareBytes(x, y))).toBe(Buffer.compare(Buffer.from(x), Buffer.from(y)))
    }),
    { numRuns: 5000 },
  )
})

test('JavaScript alone would get it wrong', () => {
  expect('\u{1f600}' < '\uffff').toBe(true)
  expect(compareBytes('\u{1f600}', '\uffff')).toBeGreaterThan(0)
})

test('bytes are counted as UTF-8', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(countBytes(value)).toBe(Buffer.byteLength(value))
    }),
  )
})

test('a lone surrogate counts as its replacement', () => {
  for (const lone of ['\ud800', 'a\udfffb', '\udc00\ud800', '\udc00\udc00', '\ud800\ue000'])
    expect(countBytes(lone)).toBe(Buffer.byteLength(lone))
})
