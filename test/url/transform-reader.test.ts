import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseTransform } from '../../src/core/transform.ts'
import { createTransformReader } from '../../src/url/keyring.ts'
import { words } from '../support/words.ts'

const oneOf = (...texts: readonly string[]) => fc.constantFrom(...texts)

const rarely = (usual: string, ...others: readonly string[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 3 }, { arbitrary: oneOf(...others), weight: 1 })

const FOCUSES = [
  '.focus-1-2',
  '.focus-250-750',
  '.focus-500-500',
  '.focus-01-2',
  '.focus-1001-2',
  '.focus-1',
  '.focus-1-2-3',
]
const POSITIONS = ['.top', '.attention', '.focus-1-2', ...FOCUSES]
const VERSIONS = words(`
  .v-0123456789 .v-abcdef0123 .v-abcdef0123.v-abcdef0123 .v-012345678G .v-012345678g .v-0123456789a
`)

/** Half of them right, others wrong in the places where a focus or a version may stand. */
const text = fc
  .tuple(
    oneOf(...words('3x4.cover 3x4.cover 3x4.clip 3x4.auto 3x4.contain 3x4.inside 30w full 3x4')),
    rarely('', ...POSITIONS),
    rarely('', '.blur-150', '.crop-3-4-focus-250-750', '.rotate-90.flip-h'),
    rarely('', ...POSITIONS),
    rarely('', '.bg-ffffff'),
    rarely('.q80', '.q5', '', '.q08'),
    rarely('', ...VERSIONS),
    rarely('', ...FOCUSES),
  )
  .map((parts) => parts.join(''))

it('many transforms in a row are read as each alone, with a focus and a version and without', () => {
  const read = createTransformReader()
  const seen = { read: 0, refused: 0 }
  fc.assert(
    fc.property(text, (each) => {
      const transform = parseTransform(each)
      seen[transform === undefined ? 'refused' : 'read']++
      expect(read(each)).toEqual(transform && { transform, transformText: each })
    }),
    { numRuns: 3_000 },
  )
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(100)
})

it('a text without a focus or a version is the same string object each time', () => {
  const read = createTransformReader()
  expect(read('640w.q80')).toBe(read('640w.q80'))
})

it('a thousand texts are remembered, and no more', () => {
  const read = createTransformReader()
  const first = read('1w.q80')
  for (let width = 2; width <= 1_000; width++) read(`${width}w.q80`)
  expect(read('1w.q80')).toBe(first)
  read('1001w.q80')
  expect(read('1w.q80')).not.toBe(first)
})
