import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { DEFAULT_ENCODERS } from '../../src/config/defaults.ts'
import { compileMatch } from '../../src/config/match.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SizeInput } from '../../src/config/schema.ts'
import { RENDER_REVISION, VECTOR_REVISION } from '../../src/core/encoder.ts'
import { resolveFormats } from '../../src/core/format.ts'
import {
  type Override,
  overrideOfSize,
  overrideTransform,
  type SizeOverride,
} from '../../src/core/override.ts'
import { formatTransform } from '../../src/core/transform.ts'
import { createExpectation, type Narrowing } from '../../src/plan/expected.ts'
import { createEncoding, digest, digestHeaders, digestRecipe, toRecipeOf } from '../../src/plan/recipe.ts'
import { toKey } from '../page/support.ts'

const SIZES: Readonly<Record<string, SizeInput>> = {
  content: { widths: [320, 640] },
  card: { width: 40, height: 30, fit: 'cover' },
  social: { width: 1200, draw: true },
  avatar: { width: 96, height: 96, formats: ['webp'] },
  still: { width: 5, formats: ['webp'], draw: false },
}

const expectOf = (
  source: string,
  changes: Partial<ConfigInput> & { readonly narrowing?: Narrowing } = {},
): readonly string[] => {
  const { narrowing, ...input } = changes
  const config = resolveConfig(
    { source: './a', output: './b', formats: ['webp', 'original'], sizes: SIZES, ...input },
    { root: '/' },
  )
  return createExpectation({ ...config, toMatcher: compileMatch, ...(narrowing && { narrowing }) })
    .of(toKey(source), 'fingerprint')
    .map(({ transformText, format, sizes }) => `${transformText} ${format} ${sizes.join()}`)
}

const DRAWN = ['1200w.q80 webp social', '1200w.q80 png social', '96x96.cover.q80 webp avatar']

describe('of a drawing', () => {
  it('one vector is expected in place of all sizes that do not draw', () => {
    expect(expectOf('a/logo.svg')).toEqual([...DRAWN, 'full.q80 svg content,card,still'])
    expect(expectOf('LOGO.SVGZ')).toEqual([...DRAWN, 'full.q80 svg content,card,still'])
    expect(expectOf('logo.png')).toContain('320w.q80 png content')
    expect(expectOf('logo.png').join()).not.toContain('svg')
  })

  it('every size is expected, and no vector, where vectors are drawn', () => {
    expect(expectOf('logo.svg', { vectors: 'draw' })).toEqual(expectOf('logo.png'))
  })

  it('the vector is expected beside sizes that all draw, and where no size is for it nothing', () => {
    const { social } = SIZES
    expect(expectOf('logo.svg', { sizes: { social: social ?? {} } })).toEqual([
      ...DRAWN.slice(0, 2),
      'full.q80 svg social',
    ])
    expect(expectOf('logo.svg', { sizes: {} })).toEqual([])
    expect(expectOf('logo.svg', { sizes: { card: { width: 4, match: 'photos/**' } } })).toEqual([])
  })

  it('the vector has the quality and the version of the site', () => {
    const versions = { quality: 70, versions: true, sizes: { one: { width: 4, quality: 50 } } }
    expect(expectOf('logo.svg', versions)).toEqual([
      expect.stringMatching(/^full\.q70\.v-[0-9a-f]{10} svg one$/),
    ])
  })

  it('a narrowed plan is about the vector where it is about a size that shows it, or its format', () => {
    const vector = 'full.q80 svg content,card,still'
    expect(expectOf('logo.svg', { narrowing: { size: 'card' } })).toEqual([vector])
    expect(expectOf('logo.svg', { narrowing: { size: 'social' } })).toEqual(DRAWN.slice(0, 2))
    expect(expectOf('logo.svg', { narrowing: { format: 'svg' } })).toEqual([vector])
    expect(expectOf('logo.svg', { narrowing: { format: 'original' } })).toEqual(DRAWN.slice(1, 2))
  })
})

describe('with overrides', () => {
  const position = fc.constantFrom('top' as const, 'attention' as const, undefined)
  const size: fc.Arbitrary<SizeInput> = fc
    .record({
      side: fc.constantFrom(30, 40),
      position,
      isDrawn: fc.boolean(),
      quality: fc.constantFrom(70, 80),
    })
    .map(({ side, position, isDrawn, quality }) =>
      isDrawn
        ? { width: side, draw: true, quality, formats: ['webp'] }
        : { width: side, height: side, fit: 'cover', quality, ...(position && { position }) },
    )
  const part: fc.Arbitrary<SizeOverride> = fc.record(
    {
      focus: fc.constantFrom({ x: 1, y: 2 }, { x: 500, y: 500 }, { x: 0, y: 500 }),
      quality: fc.constantFrom(70, 80, 90),
      background: fc.constantFrom('ffffff', '000000'),
    },
    { requiredKeys: [] },
  )
  const override: fc.Arbitrary<Override | undefined> = fc.option(
    fc
      .tuple(part, fc.option(fc.dictionary(fc.constantFrom('a', 'b', 'c'), part), { nil: undefined }))
      .map(([whole, sizes]) => ({ ...whole, ...(sizes && { sizes }) })),
    { nil: undefined },
  )

  it('each source expects what its sizes ask for with its own override, whatever was asked before', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), size, { minKeys: 1 }),
        fc.array(override, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(11), fc.constantFrom('a.jpg', 'b.png', 'c.svg')), { minLength: 12 }),
        (sizes, overrides, asked) => {
          const config = resolveConfig(
            { source: './a', output: './b', formats: ['webp', 'original'], sizes },
            { root: '/' },
          )
          const expectation = createExpectation({ ...config, toMatcher: compileMatch })
          for (const [i, name] of asked) {
            const own = overrides[i % overrides.length]
            const source = toKey(name)
            const wanted = new Map<string, string[]>()
            for (const each of config.sizes)
              for (const { transform } of name === 'c.svg' && !each.draws ? [] : each.transforms) {
                const changed = own ? overrideTransform(transform, overrideOfSize(own, each.name)) : transform
                for (const format of resolveFormats(each.formats ?? config.formats, source)) {
                  const id = `${formatTransform(changed)} ${format}`
                  wanted.set(id, [...(wanted.get(id) ?? []), each.name])
                }
              }
            const results = expectation.of(source, undefined, own)
            for (const { transform, transformText } of results)
              expect(transformText).toBe(formatTransform(transform))
            const drawn = results.filter(({ format }) => format !== 'svg')
            expect(drawn.map((each) => [`${each.transformText} ${each.format}`, each.sizes])).toEqual([
              ...wanted,
            ])
            expect(results.length - drawn.length).toBe(name === 'c.svg' ? 1 : 0)
          }
        },
      ),
    )
  })
})

it('a size that is for some sources is expected of these, whatever was asked before', () => {
  const sizes = { all: { width: 5 }, some: { width: 6, match: 'photos/**' } }
  const config = resolveConfig({ source: './a', output: './b', formats: ['webp'], sizes }, { root: '/' })
  const { of } = createExpectation({ ...config, toMatcher: compileMatch })
  const widthsOf = (source: string) => of(toKey(source)).map(({ transformText }) => transformText)
  for (const path of ['photos/', '', 'photos/'])
    expect(widthsOf(`${path}a.jpg`)).toEqual(['5w.q80', ...(path === '' ? [] : ['6w.q80'])])
})

it('a size that comes to the same result twice is named once, and one that is excluded has none', () => {
  const config = resolveConfig(
    { source: './a', output: './b', sizes: { tiny: { width: 1, densities: [1, 1.4] } } },
    { root: '/' },
  )
  const { of } = createExpectation({ ...config, formats: ['webp'], toMatcher: compileMatch })
  expect(of(toKey('a.jpg')).map(({ sizes }) => sizes)).toEqual([['tiny']])
  expect(of(toKey('a.jpg'), undefined, { exclude: true })).toEqual([])
})

it('a drawing that has an override is the same drawing', () => {
  const config = resolveConfig({ source: './a', output: './b', sizes: SIZES }, { root: '/' })
  const { of } = createExpectation({ ...config, toMatcher: compileMatch })
  for (const override of [{ quality: 50 }, { quality: 50, sizes: {} }])
    expect(of(toKey('a.svg'), undefined, override).at(-1)).toMatchObject({ transformText: 'full.q80' })
})

it('no name of a result is longer than the longest, whatever versions and overrides make of it', () => {
  for (const versions of [false, true])
    for (const hasOverrides of [false, true]) {
      const sizes = { card: { width: 40, height: 30, fit: 'cover' } } as const
      const config = resolveConfig({ source: './a', output: './b', versions, sizes }, { root: '/' })
      const { of, longestNameBytes } = createExpectation({ ...config, hasOverrides, toMatcher: compileMatch })
      const override = { focus: { x: 999, y: 999 }, quality: 100, background: 'ffffff' }
      const names = of(toKey('a.jpg'), 'fingerprint', hasOverrides ? override : undefined).map(
        ({ transformText, format }) => `/${transformText}.0123456789abcdef.${format}`,
      )
      expect(longestNameBytes).toBe(Math.max(...names.map((name) => name.length)))
    }
})

it('a digest is of values, in whatever order their properties are', () => {
  const inOrder = digest({ a: null, b: [{ c: 1, d: 2 }] })
  expect(inOrder).toMatch(/^[0-9a-f]{10}$/)
  expect(digest({ b: [{ d: 2, c: 1 }], a: null })).toBe(inOrder)
  for (const other of [
    { a: null, b: [{ c: 2, d: 1 }] },
    { a: 0, b: [{ c: 1, d: 2 }] },
    { b: [{ c: 1, d: 2 }] },
  ])
    expect(digest(other)).not.toBe(inOrder)
})

describe('the recipe of a result', () => {
  it('is of the revision, the format and its encoder, as every version of the program wrote it', () => {
    expect(digest({ b: 2, a: 1 })).toBe(hash('sha256', '{"a":1,"b":2}').slice(0, 10))
    const { webp } = DEFAULT_ENCODERS
    expect(digestRecipe('webp', DEFAULT_ENCODERS)).toBe(
      digest({ revision: RENDER_REVISION, format: 'webp', encoder: webp }),
    )
    expect(digestRecipe('svg', DEFAULT_ENCODERS)).toBe(digest({ revision: VECTOR_REVISION, format: 'svg' }))
  })

  it('tells damage and colours apart, and the watermark where there is one', () => {
    const [kept, changed] = (['keep', 'srgb'] as const).map((colors) =>
      toRecipeOf('as now', 'webp', { damage: 'cut off', colors }),
    )
    expect(kept).not.toBe(changed)
    const config = resolveConfig({ source: './a', output: './b' }, { root: '/' })
    const mark = { path: '/m.png', id: 'abc123', opacity: 1, scale: 0 }
    const [none, marked] = [config, { ...config, watermark: mark }].map((each) =>
      createEncoding(DEFAULT_ENCODERS, each as typeof config),
    )
    expect(marked?.recipesOf('webp', '5w.q80')).toEqual(none?.recipesOf('webp', '5w.q80'))
    expect(marked?.recipesOf('webp', '5w.wm-abc123.q80')).not.toEqual(none?.recipesOf('webp', '5w.q80'))
  })

  it('does not tell the headers, which are of the format too', () => {
    const headers = { cacheControl: 'no-store', objectSettings: '' }
    expect(digestHeaders('webp', headers)).not.toBe(digestHeaders('png', headers))
  })
})
