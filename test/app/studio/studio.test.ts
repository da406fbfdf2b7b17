import { describe, expect, it } from 'vitest'
import type { InventoryRow } from '../../../src/app/studio/inventory.ts'
import { parsePatch, patchOverride } from '../../../src/app/studio/override-patch.ts'
import { predictAddition } from '../../../src/app/studio/predict.ts'
import { chooseThumb, type StandingResult, toPattern } from '../../../src/app/studio/result-state.ts'
import { createTally } from '../../../src/app/studio/tally.ts'
import type { Format } from '../../../src/core/format.ts'
import { Problem } from '../../../src/core/problem.ts'
import { parseSourceKey, type SourceKey } from '../../../src/core/source-key.ts'
import { parseTransform, type Transform } from '../../../src/core/transform.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'

const source = (text: string): SourceKey => {
  const key = parseSourceKey(text)
  if (key === undefined) throw new Error(text)
  return key
}

const transform = (text: string): Transform => {
  const parsed = parseTransform(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

const result = (
  text: string,
  format: Format,
  state: StandingResult['state'],
  { sizes = ['content'], bytes = 1000 }: { sizes?: readonly string[]; bytes?: number } = {},
): StandingResult => ({
  result: { transform: transform(text), transformText: text, format, sizes },
  state,
  ...(state === 'built' && {
    standing: { key: `a.jpg/${text}.x.${format}` as VariantKey, sizeBytes: bytes },
  }),
})

it('the states of a picture are those of each size and format, the worst of several widths', () => {
  expect(
    toPattern([
      result('320w.q80', 'webp', 'built'),
      result('640w.q80', 'webp', 'missing'),
      result('960w.q80', 'webp', 'stale'),
      result('320w.q80', 'jpg', 'built', { sizes: ['content', 'card'] }),
    ]),
  ).toEqual([
    ['content', 'webp', 'stale'],
    ['content', 'jpg', 'built'],
    ['card', 'jpg', 'built'],
  ])
})

describe('a thumbnail', () => {
  const choose = (...results: readonly StandingResult[]) => chooseThumb(results)?.result.transformText

  it('is the smallest result that is large enough, uncropped where there is one', () => {
    expect(
      choose(
        result('96x96.cover.q80', 'webp', 'built'),
        result('300x200.cover.q80', 'webp', 'built'),
        result('960w.q80', 'webp', 'built'),
        result('640w.q80', 'webp', 'built'),
        result('320w.q80', 'webp', 'missing'),
      ),
    ).toBe('640w.q80')
    expect(choose(result('300x200.cover.q80', 'webp', 'built'))).toBe('300x200.cover.q80')
    expect(choose(result('241w.q80', 'webp', 'built'), result('240w.q80', 'webp', 'built'))).toBe('240w.q80')
    const formats = (['jpg', 'avif', 'webp'] as const).map((format) => result('640w.q80', format, 'built'))
    expect(chooseThumb(formats)?.result.format).toBe('webp')
  })

  it('is none that is too small, too heavy, or not there', () => {
    expect(choose(result('96x96.cover.q80', 'webp', 'built'))).toBeUndefined()
    expect(choose(result('640w.q80', 'webp', 'built', { bytes: 5_000_000 }))).toBeUndefined()
    expect(choose(result('640w.q80', 'webp', 'missing'))).toBeUndefined()
  })
})

describe('totals', () => {
  const size = { width: 1000, height: 1000 }

  it('add results up by size and format, and each file once', () => {
    const tally = createTally()
    tally.addSource(50_000)
    tally.add(
      source('a.jpg'),
      [
        result('100w.q80', 'webp', 'built', { sizes: ['content', 'card'], bytes: 700 }),
        result('200w.q80', 'webp', 'missing'),
        result('300w.q80', 'webp', 'failing'),
      ],
      size,
    )
    const { cells, ...rest } = tally.read()
    expect(rest).toMatchObject({ sources: 1, sourceBytes: 50_000, resultBytes: 700 })
    const plain = { format: 'webp', built: 1, bytes: 700, missing: 0, stale: 0, failing: 0 }
    expect(cells).toEqual([
      { ...plain, size: 'content', missing: 1, failing: 1 },
      { ...plain, size: 'card' },
    ])
  })

  it('tell what has many more bytes to a pixel than others of its size and format', () => {
    const tally = createTally()
    for (let i = 0; i < 50; i++)
      tally.add(
        source(`${i}.jpg`),
        [result('100w.q80', 'webp', 'built', { bytes: i === 7 ? 9_000 : 1_000 })],
        size,
      )
    const { outliers } = tally.read()
    expect(outliers.map((outlier) => outlier.source)).toEqual(['7.jpg'])
    expect(outliers[0]?.times).toBeGreaterThan(8)
  })

  it('tell the heaviest eight of a size and format, by the bytes that they have too many', () => {
    const tally = createTally()
    const heavy = [3, 9, 1, 7, 0, 5, 2, 8, 6, 4]
    for (let i = 0; i < 60; i++)
      tally.add(
        source(`${i}.jpg`),
        [result('100w.q80', 'webp', 'built', { bytes: i < 10 ? 9_000 + (heavy[i] ?? 0) : 1_000 })],
        size,
      )
    const order = tally.read().outliers.map(({ bytes }) => bytes - 9_000)
    expect(order).toEqual([9, 8, 7, 6, 5, 4, 3, 2])
  })
})

describe('what something new would cost', () => {
  const rows = new Map<SourceKey, InventoryRow>(
    Array.from({ length: 100 }, (_, i) => [source(`${i}.jpg`), { size: { width: 2000, height: 1000 } }]),
  )
  const densities = [
    { format: 'webp', results: 1, pixels: 320 * 160, bytes: 320 * 160 * 0.2 },
    { format: 'webp', results: 1, pixels: 1280 * 640, bytes: 1280 * 640 * 0.1 },
  ] as const
  const predict = (text: string, formats: readonly ('webp' | 'avif' | 'original')[], threads = 1) =>
    predictAddition(
      { rows, densities, threads },
      { isFor: (key) => key !== '0.jpg', transforms: [transform(text)], formats },
    )

  it('counts results of the sources that it is for, with bytes as those of the format have', () => {
    const { results, bytes } = predict('640w.q80', ['webp'])
    expect(results).toBe(99)
    expect(bytes / (99 * 640 * 320)).toBeCloseTo(0.15, 2)
  })

  it('of a format that nobody has built is told by how formats differ', () => {
    const [avif, webp] = [predict('640w.q80', ['avif']), predict('640w.q80', ['webp'])]
    expect(avif.bytes / webp.bytes).toBeCloseTo(0.042 / 0.072, 2)
    expect(avif.minutes).toBeGreaterThan(webp.minutes)
  })

  it('takes half the time with twice the renders, and enlarges nothing', () => {
    expect(predict('640w.q80', ['webp'], 2).minutes * 2).toBeCloseTo(predict('640w.q80', ['webp']).minutes)
    expect(predict('9000w.q80', ['webp'])).toEqual(predict('2000w.q80', ['webp']))
  })
})

describe('a patch of an override', () => {
  it('changes what it names, takes away what is null, and keeps the rest in its order', () => {
    const before = { alt: 'A cat', quality: 70, sizes: { card: { quality: 60, focus: [500, 500] } } } as const
    const after = patchOverride(before, {
      focus: { x: 310, y: 220 },
      quality: null,
      sizes: { card: { focus: null } },
    })
    expect(JSON.stringify(after)).toBe('{"alt":"A cat","sizes":{"card":{"quality":60}},"focus":[310,220]}')
    expect(before.quality).toBe(70)
  })

  it('leaves nothing behind of what is taken away whole', () => {
    const before = { sizes: { card: { focus: [100, 200] } } } as const
    expect(patchOverride(before, { sizes: { card: { focus: null } } })).toEqual({})
    expect(patchOverride({}, { sizes: { card: { focus: { x: 1, y: 2 } } } })).toEqual({
      sizes: { card: { focus: [1, 2] } },
    })
  })

  it.each([
    [undefined],
    [[]],
    [{ quality: 0 }],
    [{ quality: 1.5 }],
    [{ focus: { x: 1001, y: 0 } }],
    [{ focus: [0, 0] }],
    [{ exclude: true }],
    [{ alt: 'x'.repeat(10_001) }],
    [{ sizes: { card: { alt: 'x' } } }],
  ])('is refused where it is %j', (body) => {
    expect(() => parsePatch(body)).toThrow(Problem)
  })

  it('is taken as it is where it is right', () => {
    const patch = { focus: { x: 0, y: 1000 }, alt: '', quality: null, sizes: { card: { quality: 1 } } }
    expect(parsePatch(patch)).toEqual(patch)
  })
})
