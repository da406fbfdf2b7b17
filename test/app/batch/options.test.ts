import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noCounts, type PlanCounts } from '../../../src/app/batch/plan-counts.ts'
import type { ConfigInput } from '../../../src/config/config-input.ts'
import { encodersSchema } from '../../../src/config/encoders-schema.ts'
import { configSchema } from '../../../src/config/schema.ts'
import { watermarkSchema } from '../../../src/config/watermark.ts'
import { openBench, putText, SECRET } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

/**
 * The law Stale, option by option: what each one makes `build` do over an output that was complete before it was
 * changed. Twelve results: two sources, three transforms, two formats.
 */

const BASE: Partial<ConfigInput> = {
  formats: ['webp', 'original'],
  sizes: { content: { widths: [320, 640] }, card: { width: 100, height: 100, position: 'attention' } },
}

/** Any file that is there. */
const MARK = resolve(import.meta.dirname, '../../samples/photos/icons/compass.svg')

/** What differs from `{ present: 12 }`. */
type Change = Partial<PlanCounts>

const NOTHING: Change = {}
const ALL_NEW: Change = { present: 0, missing: 12, orphans: 12 }

/** Twelve results of encoders that `BASE` has no use for. */
const OTHER_FORMATS: Partial<ConfigInput> = { ...BASE, formats: ['avif', 'gif'] }

/** Four of the twelve have a watermark. */
const MARKED: Partial<ConfigInput> = {
  ...BASE,
  watermark: { file: MARK },
  sizes: { ...BASE.sizes, card: { width: 100, height: 100, position: 'attention', watermark: true } },
}

type Row = readonly [option: keyof ConfigInput, Partial<ConfigInput>, Change, base?: Partial<ConfigInput>]

const ROWS: readonly Row[] = [
  ['quality', { quality: 70 }, ALL_NEW],
  [
    'quality',
    { sizes: { ...BASE.sizes, card: { width: 100, height: 100, position: 'attention', quality: 60 } } },
    { present: 8, missing: 4, orphans: 4 },
  ],
  ['sizes', { sizes: { ...BASE.sizes, hero: { widths: [1920] } } }, { missing: 4, expected: 16 }],
  ['sizes', { sizes: { content: { widths: [320, 640] } } }, { present: 8, expected: 8, orphans: 4 }],
  [
    'sizes',
    { sizes: { renamed: { widths: [320, 640] }, card: { width: 100, height: 100, position: 'attention' } } },
    NOTHING,
  ],
  [
    'sizes',
    { sizes: { ...BASE.sizes, card: { width: 100, height: 100, fit: 'contain', background: '#ffffff' } } },
    { present: 8, missing: 4, orphans: 4 },
  ],
  [
    'sizes',
    { sizes: { ...BASE.sizes, card: { width: 100, height: 100, position: 'attention', densities: [1, 2] } } },
    { missing: 4, expected: 16 },
  ],
  [
    'sizes',
    { sizes: { ...BASE.sizes, card: { width: 100, height: 100, position: 'attention', match: 'b/**' } } },
    { present: 10, expected: 10, orphans: 2 },
  ],
  [
    'sizes',
    { sizes: { ...BASE.sizes, card: { width: 100, height: 100, position: 'attention', formats: ['webp'] } } },
    { present: 10, expected: 10, orphans: 2 },
  ],
  ['formats', { formats: ['avif', 'webp', 'original'] }, { missing: 6, expected: 18 }],
  ['formats', { formats: ['original', 'webp'] }, NOTHING],
  ['encoders', { encoders: { webp: { effort: 6 } } }, { present: 6, stale: 6 }],
  ['encoders', { encoders: { jpeg: { mozjpeg: false } } }, { present: 9, stale: 3 }],
  ['encoders', { encoders: { jpeg: { progressive: true } } }, NOTHING],
  ['encoders', { encoders: { png: { compressionLevel: 9 } } }, { present: 9, stale: 3 }],
  ['encoders', { encoders: { webp: { search: false } } }, { present: 6, stale: 6 }],
  ['encoders', { encoders: { webp: { lossless: 'smaller' }, png: { palette: 'exact' } } }, NOTHING],
  ['encoders', { encoders: { webp: { lossless: false } } }, { present: 6, stale: 6 }],
  ['encoders', { encoders: { jpeg: { search: false } } }, { present: 9, stale: 3 }],
  ['encoders', { encoders: { png: { palette: 'look' } } }, { present: 9, stale: 3 }],
  ['encoders', { encoders: { avif: { search: false } } }, NOTHING],
  ['encoders', { encoders: { avif: { effort: 9 }, gif: { effort: 3 } } }, NOTHING],
  ['encoders', { encoders: { avif: { effort: 9 } } }, { present: 6, stale: 6 }, OTHER_FORMATS],
  ['encoders', { encoders: { gif: { effort: 3 } } }, { present: 6, stale: 6 }, OTHER_FORMATS],
  ['cacheControl', { cacheControl: 'public, max-age=5' }, { present: 0, touch: 12 }],
  ['versions', { versions: true }, { ...ALL_NEW }],
  ['revision', { revision: 'two' }, NOTHING],
  ['vectors', { vectors: 'draw' }, NOTHING],
  ['colors', { colors: 'srgb' }, NOTHING],
  ['secret', { secret: ['a-secret-that-is-brand-new', SECRET] }, { present: 0, copy: 12 }],
  [
    'secret',
    { secret: ['a-secret-that-is-brand-new', { value: SECRET, retired: true }] },
    { present: 0, copy: 12 },
  ],
  ['secret', { secret: [SECRET, 'a-secret-that-is-brand-new'] }, NOTHING],
  ['secret', { secret: 'a-secret-that-is-brand-new' }, { present: 0, missing: 12, foreign: 12 }],
  ['include', { include: ['b/**'] }, { present: 6, expected: 6, sources: 1, orphans: 6 }],
  ['exclude', { exclude: ['a.jpg'] }, { present: 6, expected: 6, sources: 1, orphans: 6 }],
  ['baseUrl', { baseUrl: 'https://other.example/img/' }, NOTHING],
  ['limits', { limits: { sourcePixels: 5_000_000, renderTimeout: '5s' } }, NOTHING],
  [
    'sizes',
    { sizes: { ...BASE.sizes, card: { width: 100, height: 100, position: 'attention', rotate: 90 } } },
    { present: 8, missing: 4, orphans: 4 },
  ],
  ['watermark', { watermark: { file: MARK } }, NOTHING],
  [
    'watermark',
    {
      watermark: { file: MARK },
      sizes: { ...BASE.sizes, card: { width: 100, height: 100, position: 'attention', watermark: true } },
    },
    { present: 8, missing: 4, orphans: 4 },
  ],
  ['watermark', { watermark: { file: MARK, opacity: 0.5 } }, { present: 8, stale: 4 }, MARKED],
  ['watermark', { watermark: { file: MARK, position: 'top-left' } }, { present: 8, stale: 4 }, MARKED],
  ['watermark', { watermark: { file: MARK, scale: 0.2 } }, { present: 8, stale: 4 }, MARKED],
  ['dialects', { dialects: [{ type: 'nginx', prefix: '/t/', unsigned: true }] }, NOTHING],
  [
    'dialects',
    { dialects: [{ type: 'imgproxy', unsigned: true, cacheKeys: { folder: 'cache/' } }] },
    NOTHING,
  ],
  ['serve', { serve: { allow: 'configured', fill: 'one', encoders: { avif: { effort: 0 } } } }, NOTHING],
  // What single pictures are told touches those alone (`test/wire/picture-overrides.test.ts`); nothing is told here.
  ['overrides', { overrides: './pictures.json' }, NOTHING],
  ['sidecars', { sidecars: true }, NOTHING],
  // Where things are, not what they show: another place is another listing.
  ['source', {}, NOTHING],
  ['output', {}, NOTHING],
  ['state', {}, NOTHING],
]

describe('a changed option makes build do exactly what it touches', () => {
  it.each(ROWS.map(([option, change, expected, base = BASE]) => ({ option, change, expected, base })))(
    '$option: $change',
    async ({ change, expected, base }) => {
      const source = openMemoryStore()
      const output = openMemoryStore()
      for (const key of ['a.jpg', 'b/c.png']) await putText(source, key, `picture ${key}`)
      await openBench({ source, output, config: base }).build()
      const changed = openBench({ source, output, config: { ...base, ...change } })
      const { counts } = await changed.plan()
      expect(counts).toEqual({ ...noCounts(), sources: 2, expected: 12, present: 12, ...expected })
      await changed.build()
      const after = await openBench({ source, output, config: { ...base, ...change } }).plan()
      expect(after.counts).toMatchObject({
        missing: 0,
        stale: 0,
        copy: 0,
        touch: 0,
        present: counts.expected,
      })
    },
  )

  it('colors: what is of wide colours, and nothing else', async () => {
    const [source, output] = [openMemoryStore(), openMemoryStore()]
    await putText(source, 'a.jpg', 'a wide picture')
    await putText(source, 'b.jpg', 'another picture')
    const benchOf = (colors: 'keep' | 'srgb') => openBench({ source, output, config: { ...BASE, colors } })
    await benchOf('keep').build()
    for (const colors of ['srgb', 'keep'] as const) {
      expect((await benchOf(colors).plan()).counts).toMatchObject({ present: 6, stale: 6 })
      await benchOf(colors).build()
      expect((await benchOf(colors).plan()).counts).toMatchObject({ present: 12, stale: 0 })
    }
  })

  it('knows every option', () => {
    // `$schema` is for editors alone.
    const tried = new Set<string>(['$schema', ...ROWS.map(([option]) => option)])
    expect(Object.keys(configSchema.shape).filter((option) => !tried.has(option))).toEqual([])
  })

  it('knows every option of the encoders and of the watermark', () => {
    const tried = ROWS.flatMap(([, { encoders = {}, watermark = {} }]) => [
      ...Object.entries(encoders).flatMap(([format, options]) =>
        Object.keys(options ?? {}).map((option) => `${format}.${option}`),
      ),
      ...Object.keys(watermark),
    ])
    const known = [
      ...Object.entries(encodersSchema.shape).flatMap(([format, options]) =>
        Object.keys(options.unwrap().shape).map((option) => `${format}.${option}`),
      ),
      ...Object.keys(watermarkSchema.shape),
    ]
    expect(known.length).toBeGreaterThan(8)
    expect(known.filter((option) => !tried.includes(option))).toEqual([])
  })
})
