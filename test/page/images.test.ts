import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createImages as createInBrowser } from '../../src/browser.ts'
import type { ConfigInput } from '../../src/config/config-input.ts'
import type { Format } from '../../src/core/format.ts'
import type { Override } from '../../src/core/override.ts'
import { createImages, type Images } from '../../src/index.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { makeFolder } from '../support/folder.ts'
import { CLEAR_THUMBHASH, CONFIG, codeOf, makeImagesJson, parse, SECRET, THUMBHASH } from './support.ts'

const BASE = 'https://img.example.com/'
const CAT = { width: 2725, height: 2225, mediaFormat: 'jpeg', thumbhash: THUMBHASH, colour: 'aa8866' }
const FACTS = {
  'photos/cat.jpg': CAT,
  'small.png': { width: 500, height: 375, mediaFormat: 'png' },
  'clear.png': { width: 500, height: 375, thumbhash: CLEAR_THUMBHASH, colour: '102030' },
  'moving.gif': { width: 700, height: 400, mediaFormat: 'gif', isAnimated: true },
  'logo.svg': { width: 100, height: 50, mediaFormat: 'svg', isScalable: true },
  'été/ça & là 100%.png': { width: 800, height: 400 },
}
/** Every function must say the same from a secret as from images.json. */
const FACES: readonly (readonly [string, (changes?: Partial<ConfigInput>) => Images])[] = [
  [
    'imgsizes',
    (changes) => createImages({ ...CONFIG, ...changes }, { images: makeImagesJson(FACTS, changes) }),
  ],
  ['imgsizes/browser', (changes) => createInBrowser(makeImagesJson(FACTS, changes))],
]

const descriptorsOf = (srcset: string): readonly string[] =>
  srcset.split(', ').map((candidate) => candidate.split(' ')[1] ?? '')

/** Whether every URL of a `srcset` is a key of ours. */
const isSigned = (srcset: string): boolean =>
  srcset.split(', ').every((candidate) => {
    const [url = ''] = candidate.split(' ')
    const key = decodeURIComponent(url.slice(BASE.length))
    return createKeyring([{ value: SECRET, isRetired: false }]).verify(key) !== undefined
  })

describe.each(FACES)('%s', (_, open) => {
  const images = open()

  it('signs as the contract says', () => {
    expect(images.url('photos/cat.jpg', '640w.q80', { format: 'webp' })).toBe(
      `${BASE}photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp`,
    )
  })

  it('offers the formats of a picture by their bytes, and none that is larger than what every browser shows', () => {
    const typesOf = (smallest?: readonly Format[]) => {
      const facts = { 'small.png': { ...FACTS['small.png'], ...(smallest && { smallest }) } }
      const { sources, img } = openWith(facts).sources('small.png', 'content', { alt: '' })
      expect(img.src).toMatch(/\.png$/)
      return sources.map(({ type }) => type)
    }
    const openWith = (facts: Parameters<typeof makeImagesJson>[0]) => createInBrowser(makeImagesJson(facts))
    expect(typesOf()).toEqual(['image/avif', 'image/webp'])
    expect(typesOf(['avif', 'webp', 'png'])).toEqual(['image/avif', 'image/webp'])
    expect(typesOf(['webp', 'avif', 'png'])).toEqual(['image/webp', 'image/avif'])
    expect(typesOf(['webp', 'png', 'avif'])).toEqual(['image/webp'])
    expect(typesOf(['png', 'webp', 'avif'])).toEqual([])
    // Of one that is not made ahead nobody knows how large it will be.
    expect(typesOf(['png', 'webp'])).toEqual(['image/avif', 'image/webp'])
  })

  it('takes the widest of a size, in what every browser shows', () => {
    expect(images.url('photos/cat.jpg', 'content')).toMatch(/\/960w\.q80\.[\w-]{16}\.jpg$/)
    expect(images.url('small.png', 'content')).toMatch(/\.png$/)
    expect(images.url('photos/cat.jpg', 'card', { format: 'auto' })).toMatch(/800x600\.cover\.q80.*\.auto$/)
  })

  it('rounds a width up to a configured one', () => {
    const widthFor = (minWidth: number) =>
      /\/(\d+)w/.exec(images.url('photos/cat.jpg', 'content', { minWidth }))?.[1]
    expect([1, 320, 321, 960, 4000].map(widthFor)).toEqual(['320', '320', '640', '960', '960'])
  })

  it('escapes what a path may hold', () => {
    expect(images.url('été/ça & là 100%.png', 'one')).toContain(
      '/%C3%A9t%C3%A9/%C3%A7a%20%26%20l%C3%A0%20100%25.png/640w.q80.',
    )
  })

  it('gives every width with its signed URL', () => {
    const srcset = images.srcset('photos/cat.jpg', 'content', { format: 'avif' })
    expect(descriptorsOf(srcset)).toEqual(['320w', '640w', '960w'])
    expect(isSigned(srcset)).toBe(true)
  })

  it('never gives a candidate wider than the original twice, and says its true width', () => {
    const srcset = images.srcset('small.png', 'content')
    expect(descriptorsOf(srcset)).toEqual(['320w', '500w'])
    expect(srcset).toMatch(/\/640w\.q80\.[\w-]{16}\.png 500w$/)
  })

  it('gives densities, and true ones where the original is too small', () => {
    expect(descriptorsOf(images.srcset('photos/cat.jpg', 'card'))).toEqual(['1x', '2x'])
    expect(descriptorsOf(images.srcset('small.png', 'card'))).toEqual(['1x', '1.25x'])
    expect(descriptorsOf(images.srcset('logo.svg', 'square'))).toEqual([''])
  })

  it('writes a picture: a source for each modern format, and a fallback', () => {
    const [picture] = parse(
      images.picture('photos/cat.jpg', 'content', { alt: 'A "cat" & <me>', class: "it's" }),
    )
    expect(picture?.tag).toBe('picture')
    expect(picture?.children.map(({ tag, attributes }) => [tag, attributes.type])).toEqual([
      ['source', 'image/avif'],
      ['source', 'image/webp'],
      ['img', undefined],
    ])
    const sizes = 'auto, (max-width: 960px) 100vw, 960px'
    for (const { attributes } of picture?.children ?? []) {
      expect(descriptorsOf(attributes.srcset ?? '')).toEqual(['320w', '640w', '960w'])
      expect(isSigned(attributes.srcset ?? '')).toBe(true)
      expect(attributes).toMatchObject({ sizes })
    }
    const img = picture?.children.at(-1)?.attributes
    expect(img).toMatchObject({ width: '960', height: '784' })
    expect(img).toMatchObject({ alt: 'A "cat" & <me>', class: "it's", loading: 'lazy', decoding: 'async' })
    expect(isSigned(img?.src ?? '')).toBe(true)
    expect(img?.src).toMatch(/\/960w.*\.jpg$/)
    expect(img).not.toHaveProperty('style')
    expect(img).not.toHaveProperty('fetchpriority')
  })

  it('says what it is told of loading', () => {
    const html = images.picture('photos/cat.jpg', 'content', {
      alt: '',
      sizes: '50vw',
      loading: 'eager',
      decoding: 'sync',
      fetchPriority: 'high',
    })
    const children = parse(html)[0]?.children ?? []
    expect(children.map(({ attributes }) => attributes.sizes)).toEqual(['50vw', '50vw', '50vw'])
    expect(children.at(-1)?.attributes).toMatchObject({
      alt: '',
      loading: 'eager',
      decoding: 'sync',
      fetchpriority: 'high',
    })
  })

  it('says how wide it is shown as it is told, else as its size is, measured by the browser where it loads late', () => {
    const sizesOf = (options: object, catalogue = images) =>
      catalogue.sources('photos/cat.jpg', 'content', { alt: '', ...options }).img.sizes
    expect(sizesOf({ sizes: '50vw' })).toBe('50vw')
    expect(sizesOf({ loading: 'eager' })).toBe('(max-width: 960px) 100vw, 960px')
    const content = { widths: [320, 640, 960], sizes: 'auto, (max-width: 60rem) 100vw, 60rem' }
    const told = open({ sizes: { content } })
    expect(sizesOf({}, told)).toBe('auto, (max-width: 60rem) 100vw, 60rem')
    expect(sizesOf({ loading: 'eager' }, told)).toBe('(max-width: 60rem) 100vw, 60rem')
    expect(sizesOf({ sizes: '50vw' }, told)).toBe('50vw')
  })

  it('tells files apart by width where it is said how wide they are shown, whatever the size', () => {
    const { sources, img } = images.sources('photos/cat.jpg', 'card', { alt: '', sizes: '600px' })
    for (const { srcSet, sizes } of [...sources, img]) {
      expect(descriptorsOf(srcSet ?? '')).toEqual(['400w', '800w'])
      expect(sizes).toBe('600px')
    }
    const one = images.sources('photos/cat.jpg', 'one', { alt: '', sizes: '50vw' })
    expect(descriptorsOf(one.img.srcSet ?? '')).toEqual(['640w'])
  })

  it('keeps free the size of the least density', () => {
    const children = parse(images.picture('photos/cat.jpg', 'card', { alt: '' }))[0]?.children ?? []
    expect(children).toHaveLength(3)
    const img = children.at(-1)?.attributes
    expect(img).toMatchObject({ width: '400', height: '300' })
    expect(img).not.toHaveProperty('sizes')
    // Theirs would count in place of those that somebody gives to the <img>.
    for (const { attributes } of children.slice(0, -1)) expect(attributes).not.toHaveProperty('width')
  })

  it('loads ahead what the picture will show, in the format that is tried first', () => {
    const preload = images.preload('photos/cat.jpg', 'content')
    const [first] = images.sources('photos/cat.jpg', 'content', { alt: '', loading: 'eager' }).sources
    expect(preload).toMatchObject({
      imagesrcset: first?.srcSet,
      imagesizes: first?.sizes,
      type: 'image/avif',
      fetchpriority: 'high',
    })
    const [link] = parse(preload.link)
    const { link: _, ...attributes } = preload
    expect(link).toMatchObject({ tag: 'link', attributes: { rel: 'preload', as: 'image', ...attributes } })
    const told = images.preload('photos/cat.jpg', 'card', { sizes: '50vw', fetchPriority: 'auto' })
    expect(told).toMatchObject({ imagesizes: '50vw', fetchpriority: 'auto' })
    expect(images.preload('photos/cat.jpg', 'card')).not.toHaveProperty('imagesizes')
    expect(
      open({ formats: ['original'], sizes: { one: { width: 640 } } }).preload('photos/cat.jpg', 'one'),
    ).not.toHaveProperty('type')
  })

  it('gives a background in every format and density', () => {
    const optionsOf = (text: string) =>
      text
        .slice('image-set('.length, -1)
        .split(/, (?=url)/)
        .map((option) => {
          const [, url = '', type, density] =
            /^url\("([^"]*)"\) type\("([^"]*)"\) ([\d.]+x)$/.exec(option) ?? []
          expect(isSigned(url)).toBe(true)
          return [type, density]
        })
    expect(optionsOf(images.cssImageSet('photos/cat.jpg', 'card'))).toEqual([
      ['image/avif', '1x'],
      ['image/avif', '2x'],
      ['image/webp', '1x'],
      ['image/webp', '2x'],
      ['image/jpeg', '1x'],
      ['image/jpeg', '2x'],
    ])
    const wide = optionsOf(images.cssImageSet('photos/cat.jpg', 'content', { displayWidth: 480 }))
    expect(wide.slice(0, 3).map(([, density]) => density)).toEqual(['0.67x', '1.33x', '2x'])
    expect(optionsOf(images.cssImageSet('moving.gif', 'one')).map(([type]) => type)).toEqual([
      'image/webp',
      'image/gif',
    ])
  })

  it('says for pages that are shared where the picture is, how large, and of which type', () => {
    const shared = images.openGraph('photos/cat.jpg', 'card', { alt: 'A "cat"' })
    expect(shared).toMatchObject({ width: 800, height: 600, type: 'image/jpeg', alt: 'A "cat"' })
    expect(shared.url).toMatch(
      /^https:\/\/img\.example\.com\/photos\/cat\.jpg\/800x600\.cover\.q80\.[\w-]{16}\.jpg$/,
    )
    expect(images.openGraph('moving.gif', 'card').type).toBe('image/gif')
    const both = open({ formats: ['webp', 'jpg', 'original'] })
    expect(both.openGraph('small.png', 'card').type).toBe('image/jpeg')
    const tags = parse(shared.html).map(({ attributes }) => [attributes.property, attributes.content])
    expect(tags).toEqual([
      ['og:image', shared.url],
      ['og:image:width', '800'],
      ['og:image:height', '600'],
      ['og:image:type', 'image/jpeg'],
      ['og:image:alt', 'A "cat"'],
    ])
    const relative = open({ baseUrl: '/img/' })
    expect(codeOf(() => relative.openGraph('photos/cat.jpg', 'card'))).toBe('site-unknown')
    expect(relative.openGraph('photos/cat.jpg', 'card', { site: 'https://www.example.com' }).url).toMatch(
      /^https:\/\/www\.example\.com\/img\/photos\/cat\.jpg\//,
    )
  })

  it('has no srcset where there is nothing to choose', () => {
    const { sources, img } = images.sources('photos/cat.jpg', 'one', { alt: '' })
    expect(img).not.toHaveProperty('srcSet')
    expect(sources.map(({ srcSet }) => srcSet.includes(' '))).toEqual([false, false])
  })

  it("obeys a size's own formats", () => {
    const { sources } = images.sources('photos/cat.jpg', 'square', { alt: '' })
    expect(sources.map(({ type }) => type)).toEqual(['image/webp'])
  })

  it('leaves out what would stop an animation', () => {
    const { sources, img } = images.sources('moving.gif', 'content', { alt: '' })
    expect(sources.map(({ type }) => type)).toEqual(['image/webp'])
    expect(img.src).toMatch(/\.gif$/)
  })

  it('gives other screens another crop, formats within them', () => {
    const sizes = { '(max-width: 600px)': 'square', default: 'content' }
    const { sources, img } = images.sources('photos/cat.jpg', sizes, { alt: '' })
    expect(sources.map(({ media, type, width, height }) => [media, type, width, height])).toEqual([
      ['(max-width: 600px)', 'image/webp', 300, 300],
      ['(max-width: 600px)', undefined, 300, 300],
      [undefined, 'image/avif', undefined, undefined],
      [undefined, 'image/webp', undefined, undefined],
    ])
    expect(img).toMatchObject({ width: 960, height: 784 })
    expect(codeOf(() => images.sources('photos/cat.jpg', { all: 'card' } as never, { alt: '' }))).toBe(
      'size-unknown',
    )
  })

  it('shows a preview or a colour before the picture, never behind a transparent one', () => {
    const backgroundOf = (source: string, placeholder: 'thumbhash' | 'colour') =>
      images.sources(source, 'card', { alt: '', placeholder }).img.style?.background
    expect(backgroundOf('photos/cat.jpg', 'thumbhash')).toMatch(
      /^#aa8866 url\("data:image\/png;base64,[\w+/=]+"\) center\/cover no-repeat$/,
    )
    expect(backgroundOf('photos/cat.jpg', 'colour')).toBe('#aa8866')
    expect(backgroundOf('clear.png', 'colour')).toBeUndefined()
    expect(backgroundOf('small.png', 'thumbhash')).toBeUndefined()
    const html = images.picture('photos/cat.jpg', 'card', { alt: '', placeholder: 'thumbhash' })
    expect(parse(html)[0]?.children.at(-1)?.attributes.style).toBe(
      `background:${backgroundOf('photos/cat.jpg', 'thumbhash')}`,
    )
    expect(html.length).toBeLessThan(3000)
    expect(images.placeholder('photos/cat.jpg')).toMatch(/^data:image\/png;base64,/)
    expect(images.placeholder('small.png')).toBeUndefined()
  })

  it('says what is known of a picture', () => {
    expect(images.facts('photos/cat.jpg')).toMatchObject(CAT)
    expect(images.facts('logo.svg')).toMatchObject(FACTS['logo.svg'])
    expect(images.facts('moving.gif')).toMatchObject(FACTS['moving.gif'])
    expect(images.facts('unheard-of.jpg')).toBeUndefined()
  })

  it.each([
    ['picture-alt-missing', () => images.picture('photos/cat.jpg', 'content', {} as never)],
    ['picture-alt-missing', () => images.picture('photos/cat.jpg', 'content', undefined as never)],
    ['picture-size-unknown', () => images.picture('unheard-of.jpg', 'content', { alt: '' })],
    ['picture-size-invalid', () => images.picture('new.jpg', 'one', { alt: '', width: 0, height: 1.5 })],
    ['size-unknown', () => images.url('photos/cat.jpg', 'huge' as never)],
    ['format-unknown', () => images.url('photos/cat.jpg', 'content', { format: 'png' })],
    ['source-invalid', () => images.url('../cat.jpg', 'content')],
    ['source-url-unknown', () => images.url('https://elsewhere.example/cat.jpg', 'content')],
  ])('throws %s with a hint', (code, work) => {
    expect(codeOf(work)).toBe(code)
  })
})

describe('createImages from a configuration', () => {
  it('signs sources that nobody knows yet', () => {
    const images = createImages(CONFIG)
    expect(images.url('photos/cat.jpg', '300x200.cover.q80', { format: 'webp' })).toContain(
      '.sY6ujT5sKtppyKbs.webp',
    )
    const html = images.picture('new.jpg', 'content', { alt: '', width: 500, height: 300 })
    expect(html).toContain(' 500w')
    expect(html).toContain('width="500" height="300"')
  })

  it('needs no places, and takes the widest density', () => {
    const images = createImages({
      baseUrl: '/img/',
      secret: SECRET,
      sizes: { a: { width: 10, densities: [1, 2] } },
    })
    expect(images.url('a.jpg', 'a')).toMatch(/^\/img\/a\.jpg\/20w\.q80\./)
  })

  it('says what is wrong with it', () => {
    expect(codeOf(() => createImages({ baseUrl: '/img/' }))).toBe('config-secret-missing')
    expect(() => createImages({ formats: ['bmp'] } as never)).toThrow(/formats/)
  })

  it('knows originals by their absolute URL', () => {
    const images = createImages(
      { ...CONFIG, source: { shop: 'https://shop.example/pictures/', blog: './blog' } },
      { origins: { 'https://www.example.com/media/': 'blog/', '/media/': 'blog/' } },
    )
    const expected = images.url('shop/a b.jpg', 'one')
    expect(images.url('https://shop.example/pictures/a%20b.jpg?v=3#top', 'one')).toBe(expected)
    expect(images.url('//shop.example/pictures/a b.jpg', 'one')).toBe(expected)
    expect(images.url('https://www.example.com/media/x.jpg', 'one')).toBe(images.url('blog/x.jpg', 'one'))
    expect(images.url('/media/x.jpg', 'one')).toBe(images.url('blog/x.jpg', 'one'))
    expect(codeOf(() => images.url('https://shop.example/other/a.jpg', 'one'))).toBe('source-url-unknown')
    expect(codeOf(() => images.url('/other/a.jpg', 'one'))).toBe('source-invalid')
    expect(codeOf(() => images.url('https://shop.example/pictures/a%2Fb.jpg', 'one'))).toBe(
      'source-url-unknown',
    )
  })
})

describe('versions', () => {
  const versioned = { ...CONFIG, versions: true }
  const cat = (version: string) =>
    makeImagesJson({ 'photos/cat.jpg': { ...CAT, version } }, { versions: true })

  it('stand in every URL that images.json knows, signed, and change with the picture', () => {
    for (const open of [
      (version: string) => createImages(versioned, { images: cat(version) }),
      (version: string) => createInBrowser(cat(version)),
    ]) {
      const before = open('9b2cf535f27731c974343645a3985328').srcset('photos/cat.jpg', 'content')
      expect(before.match(/\.q80\.v-62b5e29568\./g)).toHaveLength(3)
      expect(isSigned(before)).toBe(true)
      const after = open('another').srcset('photos/cat.jpg', 'content')
      expect(isSigned(after)).toBe(true)
      expect(after).not.toContain('62b5e29568')
    }
  })

  it('are left to the origin where nothing is known of the source', () => {
    expect(createImages(versioned).url('photos/cat.jpg', 'one')).toMatch(/\/640w\.q80\.[\w-]{16}\.jpg$/)
  })
})

describe('images.json', () => {
  it('may be split', () => {
    const parts = [makeImagesJson({ 'a/1.jpg': CAT }), makeImagesJson({ 'b/1.jpg': CAT })]
    const images = createInBrowser(parts)
    expect(images.facts('b/1.jpg')).toMatchObject(CAT)
    expect(isSigned(images.srcset('b/1.jpg', 'content'))).toBe(true)
  })

  it('signs nothing that it was not given', () => {
    const images = createInBrowser(makeImagesJson(FACTS))
    expect(codeOf(() => images.url('photos/cat.jpg', '77w.q80'))).toBe('size-unknown')
    expect(codeOf(() => images.url('unheard-of.jpg', 'content'))).toBe('url-not-signed')
    expect(codeOf(() => images.url('toString', 'content'))).toBe('url-not-signed')
  })

  it('is refused when it is something else', () => {
    expect(codeOf(() => createInBrowser({ ...makeImagesJson(FACTS), version: 2 as never }))).toBe(
      'images-invalid',
    )
    expect(codeOf(() => createInBrowser([]))).toBe('images-invalid')
  })
})

describe('what is said of single pictures', () => {
  const OVERRIDES: Readonly<Record<string, Override>> = {
    'photos/cat.jpg': {
      alt: 'A "cat"',
      focus: { x: 313, y: 250 },
      quality: 70,
      sizes: { card: { focus: { x: 0, y: 1000 } }, avatar: { quality: 5 } },
    },
    'small.png': { alt: '' },
    'logo.svg': { focus: { x: 1, y: 1 }, alt: 'Logo' },
  }
  const SIZES = {
    card: { width: 400, height: 300, position: 'attention', densities: [1, 2] },
    avatar: { width: 96, height: 96, match: 'avatars/**' },
    content: { widths: [320, 640] },
  } as const
  const file = (changes: Partial<ConfigInput> = {}) =>
    makeImagesJson(FACTS, { sizes: SIZES, ...changes }, OVERRIDES)

  const faces = (changes: Partial<ConfigInput> = {}) =>
    [
      createInBrowser(file(changes)),
      createImages({ ...CONFIG, sizes: SIZES, ...changes }, { images: file(changes) }),
    ] as const

  it.each([{}, { versions: true }])('is in its URLs, from images.json as from a secret: %j', (changes) => {
    const html = faces(changes).map((images) => images.picture('photos/cat.jpg', 'card', {}))
    expect(html[0]).toBe(html[1])
    expect(html[0]).toContain('/400x300.cover.bottom-left.q70.')
    expect(html[0]).toContain('/800x600.cover.bottom-left.q70.')
    expect(html[0]).not.toContain('attention')
    const [images] = faces(changes)
    expect(images.srcset('photos/cat.jpg', 'content')).toMatch(
      /\/320w\.q70\..* 320w, .*\/640w\.q70\..* 640w$/,
    )
    for (const size of ['card', 'content'] as const)
      expect(isSigned(images.srcset('photos/cat.jpg', size))).toBe(true)
    expect(images.url('small.png', 'card')).toContain('/800x600.cover.attention.q80.')
    expect(codeOf(() => images.url('photos/cat.jpg', 'avatar'))).toBe('url-not-signed')
  })

  it('is what a picture is for those who cannot see it, unless the page says it', () => {
    for (const images of faces()) {
      expect(images.picture('photos/cat.jpg', 'card', {})).toContain('alt="A &quot;cat&quot;"')
      expect(images.picture('photos/cat.jpg', 'card', { alt: '' })).toContain('alt=""')
      expect(images.sources('small.png', 'card', { alt: undefined }).img.alt).toBe('')
      expect(images.sources('logo.svg', 'card', {}).img.alt).toBe('Logo')
      expect(codeOf(() => images.picture('clear.png', 'card', {}))).toBe('picture-alt-missing')
    }
  })

  it('tells where the eye goes', () => {
    expect(faces()[0].facts('photos/cat.jpg')?.focus).toEqual({ x: 313, y: 250 })
  })

  it('is read from the disk where there is no images.json', () => {
    const folder = makeFolder()
    mkdirSync(join(folder, 'in'))
    writeFileSync(join(folder, 'p.json'), '{"cat.jpg": {"focus": [100, 200], "alt": "file"}}')
    writeFileSync(join(folder, 'in', 'cat.jpg.json'), '{"alt": "sidecar"}')
    const input = { ...CONFIG, sizes: SIZES, source: join(folder, 'in'), sidecars: true }
    const images = createImages({ ...input, overrides: join(folder, 'p.json') })
    expect(images.picture('cat.jpg', 'card', { width: 900, height: 900 })).toMatch(
      /400x300\.cover\.focus-100-200\.q80.*alt="sidecar"/,
    )
    const away = createImages({ ...input, overrides: 's3://bucket/p.json', sidecars: false })
    expect(codeOf(() => away.url('cat.jpg', 'card'))).toBe('overrides-missing')
  })
})
