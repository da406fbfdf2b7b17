import { describe, expect, it } from 'vitest'
import { createImages as createInBrowser } from '../../src/browser.ts'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { createImages, type Images } from '../../src/index.ts'
import { CONFIG, makeImagesJson, parse, SECRET } from './support.ts'

const FACTS = {
  'logo.svg': { width: 2000, height: 1000, mediaFormat: 'svg', isScalable: true },
  'icon.svg': { width: 24, height: 24, mediaFormat: 'svg', isScalable: true },
  'inch.svg': { width: 188.976, height: 113.386, mediaFormat: 'svg', isScalable: true },
  'cat.jpg': { width: 2725, height: 2225, mediaFormat: 'jpeg' },
} as const

const open = (changes: Partial<ConfigInput> = {}): readonly (readonly [string, Images])[] => {
  const json = makeImagesJson(FACTS, changes)
  return [
    ['imgsizes', createImages({ ...CONFIG, ...changes }, { images: json })],
    ['imgsizes/browser', createInBrowser(json)],
  ]
}

const VECTOR = /^https:\/\/img\.example\.com\/logo\.svg\/full\.q80\.[\w-]{16}\.svg$/

describe.each(open({ sizes: { ...CONFIG.sizes, social: { width: 1200, draw: true } } }))(
  '%s',
  (_, images) => {
    it('shows a drawing as one vector, whatever the size', () => {
      for (const size of ['content', 'card', 'one']) {
        expect(images.url('logo.svg', size)).toMatch(VECTOR)
        expect(images.srcset('logo.svg', size)).toMatch(VECTOR)
      }
      expect(images.url('logo.svg', 'card', { format: 'auto' })).toMatch(/\/full\.q80\.[\w-]{16}\.auto$/)
      const [picture] = parse(images.picture('logo.svg', 'card', { alt: 'Logo' }))
      expect(picture?.children).toHaveLength(1)
      const attributes = picture?.children[0]?.attributes
      expect(attributes?.src).toMatch(VECTOR)
      expect(attributes).not.toHaveProperty('srcset')
      expect(attributes).not.toHaveProperty('sizes')
    })

    it('keeps free what the drawing is large, and no more than the size asks', () => {
      const sides = (source: string, size: string): readonly number[] => {
        const { width, height } = images.sources(source, size, { alt: '' }).img
        return [width, height]
      }
      expect(sides('logo.svg', 'card')).toEqual([400, 200])
      expect(sides('logo.svg', 'content')).toEqual([960, 480])
      expect(sides('icon.svg', 'card')).toEqual([24, 24])
      expect(sides('inch.svg', 'content')).toEqual([189, 113])
    })

    it('shows pixels where a size draws, has formats of its own, or a format of pixels is asked for', () => {
      expect(images.url('logo.svg', 'social')).toMatch(/\/1200w\.q80\.[\w-]{16}\.png$/)
      expect(images.url('logo.svg', 'square')).toMatch(/\/300x300\.cover\.q80\.[\w-]{16}\.png$/)
      expect(images.url('logo.svg', 'social', { format: 'svg' })).toMatch(VECTOR)
      expect(() => images.url('cat.jpg', 'card', { format: 'svg' })).toThrow(/not made as svg/)
    })

    it('is loaded ahead and lies in backgrounds as a vector, and is no picture for Open Graph', () => {
      expect(images.preload('logo.svg', 'content').imagesrcset).toMatch(VECTOR)
      expect(images.cssImageSet('logo.svg', 'card')).toMatch(/svg"\) type\("image\/svg\+xml"\) 1x\)$/)
      expect(() => images.openGraph('logo.svg', 'content')).toThrow(/shows logo\.svg as a vector/)
      expect(images.openGraph('logo.svg', 'social')).toMatchObject({
        width: 1200,
        height: 600,
        type: 'image/png',
      })
    })

    it('changes with the screen between vector and pixels', () => {
      const { sources, img } = images.sources(
        'logo.svg',
        { '(max-width: 500px)': 'card', default: 'social' },
        { alt: '' },
      )
      expect(sources.map(({ media, srcSet }) => [media, /\w+$/.exec(srcSet)?.[0]])).toEqual([
        ['(max-width: 500px)', 'svg'],
        [undefined, 'avif'],
        [undefined, 'webp'],
      ])
      expect(img.src).toMatch(/\.png$/)
    })
  },
)

describe('images.json', () => {
  it('has the signature of the vector alone of a drawing that no size draws', () => {
    const { images, vector } = makeImagesJson(FACTS, { sizes: { content: { widths: [320, 640] } } })
    expect(vector).toEqual({ transform: 'full.q80', parsed: { resize: { kind: 'full' }, quality: 80 } })
    expect(images['logo.svg']?.[7]).toMatch(/^~~[\w-]{16}$/)
    expect(images['cat.jpg']?.[7]).toMatch(/^[\w-]{32}$/)
    expect(images['inch.svg']?.slice(0, 3)).toEqual([189, 113, 'svg*'])
  })

  it('is as before where vectors are drawn', () => {
    const file = makeImagesJson(FACTS, { vectors: 'draw' })
    expect(file).not.toHaveProperty('vector')
    expect(JSON.stringify(file)).not.toContain('draws')
    for (const [, images] of open({ vectors: 'draw', secret: SECRET })) {
      expect(images.srcset('logo.svg', 'card')).toMatch(/400x300.*png 1x, .*800x600.*png 2x$/)
      expect(() => images.url('logo.svg', 'card', { format: 'svg' })).toThrow(/not made as svg/)
    }
  })
})
