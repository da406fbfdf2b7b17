import { describe, expect, test } from 'vitest'
import { mountOf } from '../../src/config/base-url.ts'
import type { Config } from '../../src/config/config.ts'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { ConfigProblem, formatConfigProblem } from '../../src/config/config-problem.ts'
import { defineConfig } from '../../src/config/define.ts'
import type { EncodersInput } from '../../src/config/encoders-schema.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { Problem } from '../../src/core/problem.ts'
import { formatTransform } from '../../src/core/transform.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { thrownBy } from '../support/problems.ts'

const SECRET = 'correct-horse-battery-staple'

const resolveWith = (input: object): Config =>
  resolveConfig({ source: './photos', output: './public/img', ...input }, { root: '/site' })

const problemOf = (input: unknown): ConfigProblem =>
  thrownBy(ConfigProblem, () => resolveConfig(input, { root: '/site', file: 'imgsizes.config.ts' }))

const faultsOf = (input: object): readonly string[] =>
  problemOf({ source: './photos', output: './public/img', ...input }).problems.map(({ path }) => path)

const sizeOf = (size: unknown): readonly string[] =>
  (resolveWith({ sizes: { card: size } }).sizes[0]?.transforms ?? []).map(
    ({ transform, density }) => `${formatTransform(transform)} @${density}`,
  )

const firstFault = (input: object): string => {
  const [fault] = problemOf({ source: './photos', output: './public/img', ...input }).problems
  return fault === undefined ? '' : `${fault.path}: ${fault.found}; ${fault.allowed}`
}

describe('what is not said', () => {
  test('has the defaults of the contract', () => {
    expect(resolveWith({})).toEqual({
      root: '/site',
      sources: [{ place: { kind: 'folder', path: '/site/photos' } }],
      output: { kind: 'folder', path: '/site/public/img' },
      baseUrl: '/',
      secrets: [],
      include: ['**/*.{jpg,jpeg,jpe,jfif,png,webp,avif,gif,tif,tiff,svg}'],
      exclude: [],
      formats: ['avif', 'webp', 'original'],
      quality: 80,
      sizes: [],
      sidecars: false,
      vectors: 'keep',
      colors: 'keep',
      versions: false,
      revision: '',
      encoders: {
        avif: { effort: 3, search: true },
        webp: { effort: 4, search: true },
        jpeg: { mozjpeg: true, search: true },
        png: {},
        gif: {},
      },
      cacheControl: 'public, max-age=86400, stale-while-revalidate=604800',
      foreignCacheControl: 'public, max-age=86400, stale-while-revalidate=604800',
      limits: {
        sourceBytes: 64_000_000,
        sourcePixels: 100_000_000,
        frames: 10_000,
        outputPixels: 40_000_000,
        fetchTimeoutMs: 15_000,
        renderTimeoutMs: 30_000,
        damaged: 'refuse',
      },
      dialects: [],
      serve: {
        allow: 'signed',
        expiring: false,
        fill: 'siblings',
        encoders: {
          avif: { effort: 1 },
          webp: { effort: 4 },
          jpeg: { mozjpeg: false, progressive: false },
          png: {},
          gif: {},
        },
        cors: [],
        timingAllowOrigin: [],
        autoCacheControl: 'private, max-age=86400',
        log: { level: 'info', sample: 1 },
        queue: { length: 100, timeoutMs: 10_000 },
        trustProxy: 0,
        timeouts: { keepAliveMs: 65_000, headersMs: 10_000, drainMs: 25_000 },
      },
    } satisfies Config)
  })

  test('is cached for a year where versions are on', () => {
    expect(resolveWith({ versions: true }).cacheControl).toBe('public, max-age=31536000, immutable')
    expect(resolveWith({ versions: true, cacheControl: 'no-store' }).cacheControl).toBe('no-store')
  })

  test('a search is of the build alone, unless serve is told so itself', () => {
    const encoders = { jpeg: { search: true }, webp: { search: true }, avif: { search: true } }
    const plain = resolveWith({ encoders })
    expect(plain.encoders).toMatchObject(encoders)
    for (const options of Object.values(plain.serve.encoders)) expect(options).not.toHaveProperty('search')
    const told = resolveWith({ encoders, serve: { encoders: { webp: { search: true } } } })
    expect(told.serve.encoders.webp.search).toBe(true)
    expect(resolveWith({ encoders: { jpeg: { search: false } } }).encoders.jpeg).not.toHaveProperty('search')
  })

  test('of encoders is filled in, for serve too', () => {
    const { encoders, serve } = resolveWith({
      encoders: { webp: { effort: 6 }, png: { compressionLevel: 9 }, avif: { effort: 5 } },
      serve: { encoders: { avif: { effort: 0 } } },
    })
    expect(encoders).toEqual({
      avif: { effort: 5, search: true },
      webp: { effort: 6, search: true },
      jpeg: { mozjpeg: true, search: true },
      png: { compressionLevel: 9 },
      gif: {},
    })
    expect(serve.encoders).toEqual({
      avif: { effort: 0 },
      webp: { effort: 6 },
      jpeg: { mozjpeg: false, progressive: false },
      png: { compressionLevel: 9 },
      gif: {},
    })
  })

  test('of JPEG is what the nearest option says, and nothing that mozjpeg does anyway', () => {
    const jpegOf = (encoders: EncodersInput['jpeg'], serve?: EncodersInput['jpeg']) => {
      const config = resolveWith({ encoders: { jpeg: encoders }, serve: { encoders: { jpeg: serve } } })
      return [config.encoders.jpeg, config.serve.encoders.jpeg]
    }
    const quickest = { mozjpeg: false, progressive: false }
    const search = true
    expect(jpegOf({ mozjpeg: false })).toEqual([{ mozjpeg: false, search }, quickest])
    expect(jpegOf(quickest, { progressive: true })).toEqual([{ ...quickest, search }, { mozjpeg: false }])
    expect(jpegOf({ progressive: true }, { mozjpeg: true })).toEqual([
      { mozjpeg: true, search },
      { mozjpeg: true },
    ])
  })

  test('of JPEG cannot be mozjpeg in one scan', () => {
    const quickest = { jpeg: { progressive: false } }
    expect(faultsOf({ encoders: quickest })).toEqual(['encoders.jpeg.progressive'])
    expect(faultsOf({ serve: { encoders: { jpeg: { mozjpeg: true, progressive: false } } } })).toEqual([
      'serve.encoders.jpeg.progressive',
    ])
    expect(resolveWith({ serve: { encoders: quickest } }).serve.encoders.jpeg.progressive).toBe(false)
  })

  test('may be undefined as well as absent', () => {
    const names: readonly (keyof ConfigInput)[] = [
      'state',
      'secret',
      'baseUrl',
      'cacheControl',
      'sizes',
      'serve',
    ]
    expect(resolveWith(Object.fromEntries(names.map((name) => [name, undefined])))).toEqual(resolveWith({}))
  })
})

test('the example of the contract is a good config', () => {
  const config = resolveConfig(
    defineConfig({
      source: './photos',
      output: './public/img',
      state: undefined,
      baseUrl: 'https://img.example.com/',
      secret: SECRET,
      include: ['**/*.{jpg,jpeg,jpe,jfif,png,webp,avif,gif,tif,tiff,svg}'],
      exclude: [],
      formats: ['avif', 'webp', 'original'],
      quality: 80,
      sizes: {
        content: { widths: [320, 640, 960, 1280, 1920] },
        card: { width: 400, height: 300, fit: 'cover', position: 'attention', densities: [1, 2] },
        avatar: { width: 96, height: 96, match: 'avatars/**', formats: ['webp', 'original'], quality: 70 },
      },
      versions: false,
      revision: '',
      encoders: { avif: { effort: 3 }, webp: { effort: 4 }, jpeg: { mozjpeg: true }, png: {}, gif: {} },
      cacheControl: undefined,
      limits: {
        sourceBytes: '64MB',
        sourcePixels: 100_000_000,
        frames: 10_000,
        outputPixels: 40_000_000,
        fetchTimeout: '15s',
        renderTimeout: '30s',
      },
      serve: {
        allow: 'signed',
        fill: 'siblings',
        encoders: { jpeg: { mozjpeg: false }, avif: { effort: 1 } },
      },
    }),
    { root: '/site', file: '/site/imgsizes.config.ts' },
  )
  expect(config.limits).toEqual(resolveWith({}).limits)
  expect(config.serve).toEqual(resolveWith({}).serve)
  expect(config.secrets).toEqual([{ value: SECRET, isRetired: false }])
  expect(
    config.sizes.map(({ name, transforms, ...rest }) => ({
      name,
      ...rest,
      transforms: transforms.map(({ transform, density }) => `${formatTransform(transform)} @${density}`),
    })),
  ).toEqual([
    {
      name: 'content',
      transforms: ['320w.q80 @1', '640w.q80 @1', '960w.q80 @1', '1280w.q80 @1', '1920w.q80 @1'],
    },
    {
      name: 'card',
      transforms: ['400x300.cover.attention.q80 @1', '800x600.cover.attention.q80 @2'],
    },
    {
      name: 'avatar',
      match: ['avatars/**'],
      draws: true,
      formats: ['webp', 'original'],
      transforms: ['96x96.cover.q70 @1'],
    },
  ])
})

describe('a size', () => {
  test.each<[unknown, string]>([
    [{ widths: [640, 320, 640] }, '320w.q80 @1, 640w.q80 @1'],
    [{ heights: [480], quality: 90 }, '480h.q90 @1'],
    [{ width: 100 }, '100w.q80 @1'],
    [{ height: 100, densities: [3, 1.5] }, '150h.q80 @1.5, 300h.q80 @3'],
    [{ width: 3, densities: [1.5] }, '5w.q80 @1.5'],
    [{ width: 1, densities: [1, 1.2] }, '1w.q80 @1'],
    [{ width: 4, height: 3 }, '4x3.cover.q80 @1'],
    [{ width: 4, height: 3, fit: 'inside' }, '4x3.inside.q80 @1'],
    [{ width: 4, height: 3, fit: 'fill' }, '4x3.fill.q80 @1'],
    [
      { width: 4, height: 3, fit: 'contain', position: 'bottom', background: '#FFFFFF' },
      '4x3.contain.bottom.bg-ffffff.q80 @1',
    ],
    [{ width: 4, background: 'A0b0C0' }, '4w.bg-a0b0c0.q80 @1'],
    [{ width: 4, height: 3, position: 'focus-333-500' }, '4x3.cover.focus-333-500.q80 @1'],
    [{ width: 4, height: 3, position: { x: 333, y: 500 } }, '4x3.cover.focus-333-500.q80 @1'],
    [{ width: 4, height: 3, position: { x: 1000, y: 0 } }, '4x3.cover.top-right.q80 @1'],
    [{ width: 4, height: 3, fit: 'contain', position: 'focus-500-1000' }, '4x3.contain.bottom.q80 @1'],
    [{ width: 4, height: 3, position: { x: 500, y: 500 } }, '4x3.cover.q80 @1'],
    [{ width: 4, height: 3, position: 'focus-500-500' }, '4x3.cover.q80 @1'],
    [{ width: 4, height: 3, position: 'center' }, '4x3.cover.q80 @1'],
    [{ width: 16383 }, '16383w.q80 @1'],
  ])('%j is %s', (size, expected) => {
    expect(sizeOf(size).join(', ')).toBe(expected)
  })

  test('inherits the quality', () => {
    const { sizes } = resolveWith({ quality: 55, sizes: { a: { width: 1 } } })
    expect(sizes[0]?.transforms[0]?.transform.quality).toBe(55)
  })
})

test('an encoder has what differs from its default', () => {
  const encodersOf = (webp: object, png: object) => {
    const { encoders } = resolveWith({ encoders: { webp: { search: false, ...webp }, png } })
    return [encoders.webp, encoders.png]
  }
  expect(encodersOf({ lossless: false }, { palette: false })).toStrictEqual([
    { effort: 4, lossless: false },
    { palette: false },
  ])
  expect(encodersOf({ lossless: 'smaller' }, { palette: 'exact' })).toStrictEqual([{ effort: 4 }, {}])
  expect(encodersOf({}, { palette: 'look' })).toStrictEqual([{ effort: 4 }, { palette: 'look' }])
  expect(encodersOf({}, {})).toStrictEqual([{ effort: 4 }, {}])
})

test('the least that limits may be', () => {
  const least = { sourceBytes: 1, sourcePixels: 1, frames: 1, outputPixels: 1 }
  const times = { fetchTimeout: '1ms', renderTimeout: '1ms' }
  expect(resolveWith({ limits: { ...least, ...times } }).limits).toMatchObject({
    ...least,
    fetchTimeoutMs: 1,
  })
  expect(faultsOf({ limits: { sourceBytes: '0B', fetchTimeout: '0s' } })).toEqual([
    'limits.sourceBytes',
    'limits.fetchTimeout',
  ])
})

describe('wrong configs', () => {
  test.each(
    Object.entries<object>({
      'sizes.a: neither width nor height; widths, heights, width, height, width and height, or full': {
        sizes: { a: {} },
      },
      'quality: 80n; a whole number 1..100': { quality: 80n },
      'baseUrl: "https://undefined/"; https://host/path/ or /path/, without query, fragment and credentials':
        { baseUrl: `https://${undefined}/` },
      'sizes.a: widths and height; widths, heights, width, height, width and height, or full': {
        sizes: { a: { widths: [1], height: 2 } },
      },
      'sizes.a.width: 0; a whole number 1..16383': { sizes: { a: { width: 0 } } },
      'sizes.a.width: 1.5; a whole number 1..16383': { sizes: { a: { width: 1.5 } } },
      'sizes.a.widths[1]: "2"; a whole number 1..16383': { sizes: { a: { widths: [1, '2'] } } },
      'sizes.a.widths: []; a list, not empty, of whole numbers 1..16383': { sizes: { a: { widths: [] } } },
      'sizes.a.densities: 10000 × 2 = 20000 pixels; sides of 1..16383 pixels': {
        sizes: { a: { width: 10_000, densities: [1, 2] } },
      },
      'sizes.a.densities: set for a list of sides; only with width or height; a list serves every density': {
        sizes: { a: { widths: [1], densities: [1] } },
      },
      'sizes.a.densities[0]: 0.5; a number 1..10': { sizes: { a: { width: 1, densities: [0.5] } } },
      'sizes.a.fit: set without height; only with width and height': {
        sizes: { a: { width: 1, fit: 'cover' } },
      },
      'sizes.a.fit: set without width; only with width and height': {
        sizes: { a: { height: 1, fit: 'cover' } },
      },
      'sizes.a.position: set without width; only with width and height': {
        sizes: { a: { widths: [1], position: 'top' } },
      },
      'sizes.a.position: set with fit inside; only with fit cover, down, clip, auto or contain': {
        sizes: { a: { width: 1, height: 1, fit: 'inside', position: 'top' } },
      },
      'sizes.a.position: set with fit stretch; only with fit cover, down, clip, auto or contain': {
        sizes: { a: { width: 1, height: 1, fit: 'stretch', position: 'attention' } },
      },
      'sizes.a.position: attention or a focus with fit contain; with fit contain an edge or corner': {
        sizes: { a: { width: 1, height: 1, fit: 'contain', position: 'attention' } },
      },
      'sizes.a.position: "middle"; top, right, bottom, left, top-left, top-right, bottom-left, bottom-right, attention, focus-X-Y or { x, y } with 0..1000':
        { sizes: { a: { width: 1, height: 1, position: 'middle' } } },
      'sizes.a.position.y: 1001; a whole number 0..1000': {
        sizes: { a: { width: 1, height: 1, position: { x: 1, y: 1001 } } },
      },
      'sizes.a.background: "#fff"; \'#rrggbb\'': { sizes: { a: { width: 1, background: '#fff' } } },
      'sizes.a.formats: png; those of the top-level formats: avif, webp, original': {
        sizes: { a: { width: 1, formats: ['png', 'webp'] } },
      },
      'formats[0]: "jpeg"; avif, webp, jpg, png, gif, original': { formats: ['jpeg'] },
      'formats: []; a list, not empty, of avif, webp, jpg, png, gif, original': { formats: [] },
      'sizes."a.b": the name "a.b"; names of letters, digits, "_" and "-"': {
        sizes: { 'a.b': { width: 1 } },
      },
      'sizes.a.match: "!b/**"; a glob without "!" before it; say what to leave out under exclude': {
        sizes: { a: { width: 1, match: '!b/**' } },
      },
      'exclude[0]: "/b/**"; a glob over source keys, which never begin with "/"': { exclude: ['/b/**'] },
      [`include[0]: "${'a'.repeat(60)}…"; a glob of at most 65536 characters`]: {
        include: ['a'.repeat(65_537)],
      },
      'include: "**"; a list of globs': { include: '**' },
      'quality: [80, true]; a whole number 1..100': { quality: [80, true] },
      'quality: a list of 2; a whole number 1..100': { quality: [80, 'x'] },
      "limits.sourceBytes: \"64\"; bytes as a whole number from 1 or a text such as '64MB', '64MiB'": {
        limits: { sourceBytes: '64' },
      },
      "limits.fetchTimeout: \"25d\"; a duration such as '15s', '500ms', '2m', at most 24d": {
        limits: { fetchTimeout: '25d' },
      },
      'cacheControl: "a\\nb"; printable ASCII, the value of the header': { cacheControl: 'a\nb' },
      'baseUrl: "img.example.com"; https://host/path/ or /path/, without query, fragment and credentials': {
        baseUrl: 'img.example.com',
      },
      'baseUrl: "https://a.example/?x"; https://host/path/ or /path/, without query, fragment and credentials':
        { baseUrl: 'https://a.example/?x' },
      'source: the same place as output; a place of its own; the output may lie inside the source': {
        output: 'photos/',
      },
      'source: a place inside the output; a place of its own; the output may lie inside the source': {
        output: '.',
      },
      'source: nothing; a folder, s3://bucket/prefix or https://host/path/, or an object with uri': {
        source: undefined,
      },
      'output: nothing; a folder or s3://bucket/prefix': { output: undefined },
      'output: "https://a.example/"; a folder or s3://bucket/prefix': { output: 'https://a.example/' },
    }),
  )('%s', (expected, input) => {
    expect(firstFault(input)).toBe(expected)
  })

  test.each<[string, string]>([
    ['qualty', 'quality'],
    ['Format', 'formats'],
    ['secrets', 'secret'],
    ['baseURL', 'baseUrl'],
    ['inc', 'include'],
  ])('%s is told to be %s', (wrong, right) => {
    const { problems } = problemOf({ source: 'a', output: 'b', [wrong]: 1 })
    expect(problems).toMatchObject([{ path: wrong, found: 'unknown option', suggestion: right }])
  })

  test.each<[string, object, string]>([
    ['formats[0]', { formats: ['wepb'] }, 'webp'],
    ['sizes.a.formats[1]', { sizes: { a: { width: 1, formats: ['webp', 'orignal'] } } }, 'original'],
    ['sizes.a.fit', { sizes: { a: { width: 1, height: 1, fit: 'covr' } } }, 'cover'],
    ['sizes.a.position', { sizes: { a: { width: 1, height: 1, position: 'atention' } } }, 'attention'],
    ['sizes.a.width', { sizes: { a: { width: [320, 640] } } }, 'widths'],
    ['sizes.a.height', { sizes: { a: { height: [1] } } }, 'heights'],
    ['serve.allow', { serve: { allow: 'singed' } }, 'signed'],
  ])('%s: a slip of the pen is told what is meant', (path, input, suggestion) => {
    const { problems } = problemOf({ source: 'a', output: 'b', ...input })
    expect(problems).toContainEqual(expect.objectContaining({ path, suggestion }))
  })

  test('a wrong word like no other says what there is', () => {
    expect(firstFault({ sizes: { a: { width: 1, height: 1, fit: 'crop' } } })).toMatch(
      /^sizes\.a\.fit: "crop"; cover, inside/,
    )
  })

  test('an unknown option like no other says what there is', () => {
    expect(firstFault({ sizes: { a: { width: 1, zoom: 2 } } })).toBe(
      'sizes.a.zoom: unknown option; widths, heights, width, height, full, fit, position, background, quality, densities, match, formats, sizes, draw, rotate, flip, crop, trim, pad, blur, sharpen, pixelate, enlarge, maxKilobytes, watermark',
    )
  })

  test('one fault is not told as the cause of another', () => {
    expect(faultsOf({ formats: ['x'], sizes: { a: { width: 'x', formats: ['png'] } } })).toEqual([
      'formats[0]',
      'sizes.a.width',
    ])
    expect(faultsOf({ sizes: { a: { width: 1, height: 1, fit: 'x', position: 'attention' } } })).toEqual([
      'sizes.a.fit',
    ])
  })

  test('however many faults there are, they are told in time that grows with their number', async () => {
    await expectCpuWithin(3, () =>
      expect(faultsOf({ formats: Array.from({ length: 60_000 }, (_, i) => i) })).toHaveLength(60_000),
    )
    const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`o${i}`, 1]))
    await expectCpuWithin(15, () =>
      expect(faultsOf({ ...unknown, sizes: { a: { width: 1, ...unknown } } })).toHaveLength(20_000),
    )
  })

  test('a misspelt side causes no second message', () => {
    expect(faultsOf({ sizes: { a: { widht: 3 }, b: { hight: 2, width: 3, fit: 'cover' } } })).toEqual([
      'sizes.a.widht',
      'sizes.b.hight',
    ])
    expect(faultsOf({ sizes: { a: { colour: 3 } } })).toEqual(['sizes.a.colour', 'sizes.a'])
  })

  test('all faults are told at once', () => {
    const problem = problemOf({
      source: './photos',
      output: './photos',
      qualty: 70,
      quality: 101,
      secret: 'short',
      sizes: { card: { width: 400, height: 300, fit: 'crop' }, hero: { width: 1600, fit: 'cover' } },
      serve: { encoders: { avif: { effort: 10 } } },
    })
    expect(problem.code).toBe('config-invalid')
    expect(problem.message).toBe(formatConfigProblem(problem))
    expect(formatConfigProblem(problem)).toMatchInlineSnapshot(`
      "imgsizes.config.ts has 7 problems:
        quality: 101; allowed: a whole number 1..100
        serve.encoders.avif.effort: 10; allowed: a whole number 0..9
        qualty: unknown option; did you mean quality? allowed: source, output, state, baseUrl, secret, include, exclude, formats, quality, sizes, watermark, overrides, sidecars, vectors, colors, versions, revision, encoders, cacheControl, limits, dialects, serve, $schema
        source: the same place as output; allowed: a place of its own; the output may lie inside the source
        secret: a text of 5 bytes; allowed: a text of at least 16 bytes without white space at its ends
        sizes.card.fit: "crop"; allowed: cover, inside, contain, fill, stretch, auto, down, clip
        sizes.hero.fit: set without height; allowed: only with width and height"
    `)
  })

  test('many faults are all told, or as many as some rows hold, with how to see the rest', () => {
    const sizes = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`size${i}`, { width: 0 }]))
    const problem = problemOf({ source: 'a', output: 'b', sizes })
    const linesOf = (mostRows?: number) => formatConfigProblem(problem, mostRows).split('\n')
    expect(linesOf()).toHaveLength(41)
    expect(problem.message.split('\n')).toHaveLength(41)
    expect(linesOf(20)).toHaveLength(22)
    expect(linesOf(20).at(-1)).toBe('  … and 20 more: --verbose shows all')
  })

  test('a wrong field hides no other fault, however near', () => {
    const encoders = { avif: { effort: 10 } }
    const more = { output: 's3://bucket', limits: { frames: 0 }, serve: { encoders, cache: { maxBytes: 5 } } }
    expect(faultsOf(more)).toEqual(['limits.frames', 'serve.encoders.avif.effort', 'serve.cache'])
    const point = { position: { x: 1001, y: 5, z: 1 } }
    expect(faultsOf({ sizes: { a: { width: 1, height: 1, ...point } } })).toEqual(['sizes.a.position.x'])
    const several = { watermark: { opacity: 2, scale: 3 }, dialects: 1 }
    expect(faultsOf(several)).toEqual(['watermark.file', 'watermark.opacity', 'watermark.scale', 'dialects'])
  })

  test('a missing secret is told with other faults, where it is needed, and alone is for whoever needs it', () => {
    const origin = { root: '/site', needsSecret: true }
    const input = { source: 'a', output: 'b' }
    expect(resolveConfig(input, origin).secrets).toEqual([])
    expect(() => resolveConfig({ ...input, quality: 0 }, origin)).toThrow(
      /quality: 0.*\n {2}secret: nothing; /,
    )
    expect(() => resolveConfig({ ...input, quality: 0 }, { root: '/site' })).toThrow(/has 1 problem/)
  })

  test.each([[null], [undefined], [[]], ['text'], [() => ({})]])('%j as a whole is one fault', (input) => {
    expect(problemOf(input).problems).toHaveLength(1)
  })

  test('a value under an unknown option is never shown', () => {
    expect(problemOf({ source: 'a', output: 'b', secrets: SECRET }).message).not.toContain(SECRET)
  })
})

describe('baseUrl', () => {
  test.each([
    ['https://img.example.com', 'https://img.example.com/'],
    ['http://localhost:3000/img', 'http://localhost:3000/img/'],
    ['/', '/'],
    ['/img', '/img/'],
    ['/ä b/', '/%C3%A4%20b/'],
  ])('%s is %s', (given, expected) => {
    expect(resolveWith({ baseUrl: given }).baseUrl).toBe(expected)
  })

  test.each([
    '//host/',
    'ftp://host/',
    '',
    'img/',
    'https://u@host/',
    'https://:topsecret@host/',
    '/a//b/',
    '/a#b',
    3,
  ])('%s is refused', (baseUrl) => {
    const problem = problemOf({ source: 'a', output: 'b', baseUrl })
    expect(problem).toMatchObject({ subject: 'imgsizes.config.ts', problems: [{ path: 'baseUrl' }] })
    expect(problem.message).not.toContain('topsecret')
  })

  test.each([
    [undefined, '/img/'],
    ['/', '/'],
    ['/a/b', '/a/b/'],
    ['/a/', '/a/'],
  ])('or a mount %s: serve is mounted at %s', (mount, expected) => {
    expect(mountOf({ baseUrl: 'https://host/img/' }, mount)).toBe(expected)
  })

  test.each(['img', '//', '/a b', '/a?x'])('no mount: %s', (mount) => {
    expect(thrownBy(Problem, () => mountOf({ baseUrl: '/' }, mount)).code).toBe('config-invalid')
  })
})
