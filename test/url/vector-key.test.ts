import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSourceKey } from '../../src/core/source-key.ts'
import { parseTransform } from '../../src/core/transform.ts'
import { claimKey, createKeyring } from '../../src/url/keyring.ts'
import { words } from '../support/words.ts'

const keyring = createKeyring([{ value: 'correct-horse-battery-staple', isRetired: false }])

const toVariant = (sourceText: string, transformText: string) => {
  const source = parseSourceKey(sourceText)
  const transform = parseTransform(transformText)
  if (source === undefined || transform === undefined) throw new Error('unparsed')
  return { source, transform }
}

const VECTORS = ['logo.svg', 'a/b.SVG', 'c.svgz', 'été/x.y.svg']
const OTHERS = ['logo.png', 'svg', 'logo.svg.png', 'a.svg/b', 'logo.xsvg']
const TRANSFORMS = ['full.q80', 'full.q1.v-0123456789', 'full.q100']
const OTHER_TRANSFORMS = words('640w.q80 full.bg-ffffff.q80 full.blur-150.q80 1x1.cover.q80 full.max-9.q80')

describe('the key of a vector', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VECTORS), fc.constantFrom(...TRANSFORMS), (source, transform) => {
        const variant = { ...toVariant(source, transform), format: 'svg' as const }
        const key = keyring.keyOf(variant)
        expect(keyring.verify(key)?.variant).toEqual(variant)
        expect(claimKey(key)?.ext).toBe('svg')
        // One signature for every format of a transform.
        expect(keyring.keyOf({ ...variant, format: 'png' })).toBe(key.replace(/svg$/, 'png'))
      }),
    )
  })

  it.each([
    ...OTHERS.map((source) => [source, 'full.q80'] as const),
    ...OTHER_TRANSFORMS.map((transform) => ['logo.svg', transform] as const),
  ])('there is none of %s by %s', (source, transform) => {
    const variant = toVariant(source, transform)
    const raster = keyring.keyOf({ ...variant, format: 'png' })
    expect(keyring.verify(raster)).toBeDefined()
    const text = raster.replace(/png$/, 'svg')
    expect(claimKey(text)).toBeUndefined()
    // Whatever was asked before: formats of one transform stand together in a listing.
    expect(keyring.verify(raster)).toBeDefined()
    expect(keyring.verify(text)).toBeUndefined()
    expect(() => keyring.keyOf({ ...variant, format: 'svg' })).toThrow(/no vector/)
  })
})
