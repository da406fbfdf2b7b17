import { expect, it } from 'vitest'
import { nameKey } from '../../../src/app/origin/name-key.ts'
import { MAX_KEY_BYTES } from '../../../src/core/source-key.ts'
import { claimKey, createKeyring } from '../../../src/url/keyring.ts'
import { testKey } from '../../support/origin.ts'

const keyring = createKeyring([{ value: 'a secret of this test', isRetired: false }])
const AFTER_NAME = Buffer.byteLength(testKey(keyring, ''))

interface Limits {
  readonly character?: string
  readonly prefixBytes?: number
  readonly maxSegmentBytes?: number
}

/** What becomes of a key of so many bytes, in an output with these limits. */
const statusOf = (
  bytes: number,
  { character = 'a', prefixBytes = 0, maxSegmentBytes = MAX_KEY_BYTES }: Limits,
) => {
  const name = character.repeat((bytes - AFTER_NAME) / Buffer.byteLength(character))
  const key = testKey(keyring, name)
  expect(Buffer.byteLength(key)).toBe(bytes)
  const claim = claimKey(key)
  if (claim === undefined) throw new Error(`${key} is no key`)
  const keyLimits = { prefixBytes, maxSegmentBytes }
  const named = nameKey({ claim }, { keyring, formats: ['webp'], vectors: 'draw', keyLimits })
  return 'verified' in named ? 'named' : named.code
}

it.each<[string, number, Limits]>([
  ['whole', MAX_KEY_BYTES, {}],
  ['behind a prefix', MAX_KEY_BYTES - 8, { prefixBytes: 8 }],
  ['in a segment', AFTER_NAME + 30, { maxSegmentBytes: 30 }],
  ['in a segment of other characters', AFTER_NAME + 30, { character: 'é', maxSegmentBytes: 30 }],
])('a key is as long as an output holds, %s, and not longer', (_, bytes, limits) => {
  const more = Buffer.byteLength(limits.character ?? 'a')
  expect([statusOf(bytes, limits), statusOf(bytes + more, limits)]).toEqual(['named', 'not-a-key'])
})

it.each([
  ['auto', 'keep', 'a.jpg', '640w.q80', ['webp', true]],
  ['auto', 'keep', 'a.svg', 'full.q80', ['svg', true]],
  ['auto', 'keep', 'a.svg', '640w.q80', ['webp', true]],
  ['auto', 'draw', 'a.svg', 'full.q80', ['webp', true]],
  ['jpg', 'keep', 'a.jpg', '640w.q80', ['jpg', false]],
] as const)(
  'a key of .%s, where vectors are told to %s: %s %s',
  (ext, vectors, source, transform, expected) => {
    const claim = claimKey(testKey(keyring, source, { transform, ext }))
    if (claim === undefined) throw new Error('it is a key')
    const keyLimits = { prefixBytes: 0, maxSegmentBytes: MAX_KEY_BYTES }
    const rules = { keyring, formats: ['webp', 'original'] as const, vectors, keyLimits }
    const named = nameKey({ claim, accept: 'image/webp' }, rules)
    expect('verified' in named && [named.verified.variant.format, named.isNegotiated]).toEqual(expected)
  },
)

it('a key under a retired secret is refused as such, and a foreign one says whether Accept has chosen', () => {
  const rotated = createKeyring([
    { value: 'the present secret of all', isRetired: false },
    ...keyring.secrets.map(({ value }) => ({ value, isRetired: true })),
  ])
  const claim = claimKey(testKey(keyring, 'a.jpg'))
  if (claim === undefined) throw new Error('it is a key')
  const keyLimits = { prefixBytes: 0, maxSegmentBytes: MAX_KEY_BYTES }
  const rules = { formats: ['webp'] as const, vectors: 'keep' as const, keyLimits }
  expect(nameKey({ claim }, { ...rules, keyring: rotated })).toMatchObject({ code: 'secret-retired' })
  const foreign = { isNegotiated: true }
  expect(nameKey({ claim, foreign }, { ...rules, keyring })).toMatchObject({ isNegotiated: true })
})
