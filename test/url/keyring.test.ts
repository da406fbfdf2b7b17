import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSourceKey } from '../../src/core/source-key.ts'
import { claimKey, createKeyring } from '../../src/url/keyring.ts'
import { versionOf } from '../../src/url/version.ts'
import { alterSignature } from '../support/alterations.ts'
import { ANY_CHARACTER } from '../support/characters.ts'
import { CONTRACT_SIGNATURES } from '../support/contract-tables.ts'
import { toSource, toTransform } from '../support/parsed.ts'

const SECRET = 'correct-horse-battery-staple'
const keyring = createKeyring([{ value: SECRET, isRetired: false }])

describe('keyring', () => {
  it.each(CONTRACT_SIGNATURES)('signs %s %s as the contract says', (source, transformText, signature) => {
    const transform = toTransform(transformText)
    const key = keyring.keyOf({ source: toSource(source), transform, format: 'webp' })
    expect(key).toBe(`${source}/${transformText}.${signature}.webp`)
    expect(keyring.verify(key)?.variant).toEqual({ source, transform, format: 'webp' })
  })

  it('derives the version of the contract', () => {
    expect(versionOf('9b2cf535f27731c974343645a3985328', '')).toBe('62b5e29568')
  })

  it('needs a secret, and signs with the first, or with the one that is named', () => {
    expect(() => createKeyring([])).toThrow('needs a secret')
    const both = createKeyring([
      { value: SECRET, isRetired: false },
      { value: 'another-secret-of-some-length', isRetired: false },
    ])
    const source = toSource('photos/cat.jpg')
    expect(both.sign(source, '640w.q80')).toBe('F5qBZZuh0iN5uWNN')
    expect(both.sign(source, '640w.q80', 1)).not.toBe('F5qBZZuh0iN5uWNN')
    expect(() => both.sign(source, '640w.q80', 2)).toThrow('no secret 2')
    const key = both.keyOf({ source, transform: toTransform('640w.q80'), format: 'webp' }, 1)
    expect(both.verify(key)?.secretIndex).toBe(1)
  })

  it('names a retired secret only where no other one fits', () => {
    const signs = (...retired: readonly boolean[]) =>
      createKeyring(retired.map((isRetired) => ({ value: SECRET, isRetired }))).verify(
        'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.avif',
      )?.secretIndex
    expect([signs(true, true, false), signs(true, true), signs(false, true)]).toEqual([2, 0, 0])
  })

  it('accepts every listed secret and says which', () => {
    const both = createKeyring([
      { value: 'another-secret-of-some-length', isRetired: false },
      { value: SECRET, isRetired: true },
    ])
    expect(both.verify('photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.avif')?.secretIndex).toBe(1)
    expect(
      keyring.verify(both.keyOf({ source: toSource('a'), transform: toTransform('1w.q1'), format: 'gif' })),
    ).toBe(undefined)
  })

  it('refuses every other spelling', () => {
    for (const text of [
      'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.jpeg',
      'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.WEBP',
      'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN=.webp',
      'photos/cat.jpg/640w.q080.F5qBZZuh0iN5uWNN.webp',
      '/photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp',
      'photos//cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp',
      'photos/cat.jpg/640w.F5qBZZuh0iN5uWNN.webp',
      '640w.q80.F5qBZZuh0iN5uWNN.webp',
      '/640w.q80.F5qBZZuh0iN5uWNN.webp',
      'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp\n',
      'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.',
      'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN',
      'photos/cat.jpg/F5qBZZuh0iN5uWNN.webp',
      'photos/cat.jpg/',
      '/',
      '.',
      '',
    ]) {
      expect(keyring.verify(text), text).toBe(undefined)
      expect(claimKey(text), text).toBe(undefined)
    }
  })

  it('claims a key of `.auto`, which names no result', () => {
    const text = 'a/640w.q80.F5qBZZuh0iN5uWNN.auto'
    expect(claimKey(text)).toMatchObject({ source: 'a', ext: 'auto', signature: 'F5qBZZuh0iN5uWNN' })
    const auto = claimKey('photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.auto')
    expect(auto && keyring.verifyClaim(auto, 'webp')?.key).toBe(
      'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp',
    )
    expect(keyring.verify('photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.auto')).toBe(undefined)
  })

  it.each(CONTRACT_SIGNATURES)(
    'heeds every character of the signature of %s %s',
    (source, transformText, signature) => {
      const spell = (given: string): string => `${source}/${transformText}.${given}.webp`
      expect(keyring.verify(spell(signature))).toBeDefined()
      for (const wrong of alterSignature(signature)) {
        expect(keyring.verify(spell(wrong)), wrong).toBe(undefined)
        const claim = claimKey(spell(wrong))
        expect(claim && keyring.verifyClaim(claim, 'webp'), wrong).toBe(undefined)
      }
    },
  )

  it('heeds every character of a key, whatever it has just verified', () => {
    const right = 'photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp'
    for (let at = 0; at < right.lastIndexOf('.'); at++)
      for (const char of ['', 'A', 'w', '0', '9', `${right[at]}${right[at]}`]) {
        const wrong = right.slice(0, at) + char + right.slice(at + 1)
        if (wrong === right) continue
        expect(keyring.verify(right)?.key, wrong).toBe(right)
        expect(keyring.verify(wrong), wrong).toBe(undefined)
        expect(keyring.verify(right)?.key, wrong).toBe(right)
      }
  })

  it('reads each of keys that are nearly the same as if it were the only one', () => {
    const variants = ['a.jpg', 'a.jpg2', 'b.jpg', 'a.jpg/c.jpg'].flatMap((source) =>
      ['640w.q80', '641w.q80', '640w.q8', '640h.q80'].flatMap((transformText) =>
        (['webp', 'jpg', 'gif'] as const).map((format) => ({
          source: toSource(source),
          transform: toTransform(transformText),
          format,
        })),
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...variants), { maxLength: 20 }), (many) => {
        const long = createKeyring([{ value: SECRET, isRetired: false }])
        for (const variant of many) {
          const key = keyring.keyOf(variant)
          expect(long.verify(key)).toMatchObject({ key, variant, secretIndex: 0 })
        }
      }),
    )
  })

  it('never throws and never verifies what it did not sign', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.base64String({ minLength: 16, maxLength: 16 }),
        (text, signature) => {
          expect(keyring.verify(text)).toBe(undefined)
          expect(keyring.verify(`${text}/640w.q80.${signature}.webp`)).toBe(undefined)
        },
      ),
    )
  })

  it('claims what it spells', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: ANY_CHARACTER, minLength: 1 }),
        fc.constantFrom('webp', 'jpg', 'auto'),
        (source, ext) => {
          const claim = claimKey(`${source}/640w.q80.F5qBZZuh0iN5uWNN.${ext}`)
          if (parseSourceKey(source) === undefined) expect(claim).toBe(undefined)
          else expect(claim).toMatchObject({ source, ext, transformText: '640w.q80' })
        },
      ),
    )
  })
})
