import { describe, expect, it } from 'vitest'
import { keyPrefixOf, locateSource, type SourceConfig } from '../../src/config/config.ts'
import type { SourceKey } from '../../src/core/source-key.ts'

const named = (name: string): SourceConfig => ({ name, place: { kind: 'folder', path: `/pictures/${name}` } })
const ONLY: SourceConfig = { place: { kind: 'folder', path: '/pictures' } }
const SHOP = named('shop')
const SHOPPING = named('shopping')

describe('an original', () => {
  it('of the only source has its whole key as its name there', () => {
    expect(locateSource([ONLY], 'shop/a.jpg' as SourceKey)).toEqual({ ...ONLY, inner: 'shop/a.jpg' })
  })

  it('belongs to the source whose name is its first segment, whole', () => {
    const sources = [SHOP, SHOPPING]
    expect(locateSource(sources, 'shopping/a/b.jpg' as SourceKey)).toEqual({ ...SHOPPING, inner: 'a/b.jpg' })
    expect(locateSource(sources, 'shop/shop/a.jpg' as SourceKey)).toEqual({ ...SHOP, inner: 'shop/a.jpg' })
  })

  it.each(['shops/a.jpg', 'shop', 'Shop/a.jpg', 'a/shop/b.jpg'])('%s belongs to none of the named', (key) => {
    expect(locateSource([SHOP], key as SourceKey)).toBeUndefined()
  })

  it('has a key that begins with what its source gives it', () => {
    expect([ONLY, SHOP].map(keyPrefixOf)).toEqual(['', 'shop/'])
  })
})
