import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldDensity, toDpr } from '../../src/core/density.ts'
import type { Operations } from '../../src/core/operations.ts'
import {
  COMPASS_POINTS,
  type CoverPosition,
  formatTransform,
  isFocus,
  MAX_SIDE,
  parseTransform,
  type Resize,
  type Transform,
  toCoverPosition,
  withVersion,
} from '../../src/core/transform.ts'
import { words } from '../support/words.ts'

const side = fc.oneof(
  fc.integer({ min: 1, max: MAX_SIDE }),
  fc.constantFrom(1, 9, 10, 9999, 10_000, MAX_SIDE),
)
const perMille = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(0, 1, 499, 500, 501, 999, 1000))
const compass = fc.constantFrom(...COMPASS_POINTS)
const focus = fc.record({ x: perMille, y: perMille }).filter(isFocus)
const box = { width: side, height: side }

const withPosition = <R extends object, P>(resize: R, position: P | undefined) =>
  position === undefined ? resize : { ...resize, position }

const anyPosition = fc.oneof<fc.Arbitrary<CoverPosition>[]>(compass, fc.constant('attention'), focus)

const resize: fc.Arbitrary<Resize> = fc.oneof(
  fc.constant({ kind: 'full' as const }),
  fc.record({ kind: fc.constant('width' as const), width: side }),
  fc.record({ kind: fc.constant('height' as const), height: side }),
  fc.record({ kind: fc.constantFrom('inside' as const, 'fill' as const, 'stretch' as const), ...box }),
  fc
    .tuple(
      fc.record({ kind: fc.constant('contain' as const), ...box }),
      fc.option(compass, { nil: undefined }),
    )
    .map(([contain, position]) => withPosition(contain, position)),
  fc
    .tuple(
      fc.record({
        kind: fc.constantFrom('cover' as const, 'down' as const, 'clip' as const, 'auto' as const),
        ...box,
      }),
      fc.option(anyPosition, { nil: undefined }),
    )
    .map(([cover, position]) => withPosition(cover, position)),
)

const extent = fc.oneof(
  fc.record({ pixels: fc.integer({ min: 1, max: 65_535 }) }),
  fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
)
const padSide = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: MAX_SIDE }))

const operations: fc.Arbitrary<Operations> = fc.record(
  {
    rotate: fc.constantFrom(90 as const, 180 as const, 270 as const),
    flip: fc.constantFrom('h' as const, 'v' as const, 'hv' as const),
    crop: fc
      .record({ width: extent, height: extent, position: anyPosition }, { requiredKeys: ['width', 'height'] })
      .filter(({ width, height }) => ![width, height].every((s) => 'percent' in s && s.percent === 100)),
    trim: fc.integer({ min: 0, max: 255 }),
    pad: fc
      .record({ top: padSide, right: padSide, bottom: padSide, left: padSide })
      .filter((pad) => Object.values(pad).some((side) => side > 0)),
    blur: fc.integer({ min: 30, max: 10_000 }),
    sharpen: fc.integer({ min: 1, max: 1000 }),
    pixelate: fc.integer({ min: 2, max: 1000 }),
    dpr: fc
      .oneof(fc.integer({ min: 1, max: 9_990_000 }), fc.constantFrom(5_000, 15_000, 20_000, 30_000))
      .map((each) => toDpr(each / 10_000)),
    enlarge: fc.constant(true as const),
    max: fc.integer({ min: 1, max: 65_535 }),
    watermark: fc.stringMatching(/^[0-9a-f]{6}$/),
  },
  { requiredKeys: [] },
)

const parts: fc.Arbitrary<Transform> = fc.record(
  {
    resize,
    background: fc.stringMatching(/^[0-9a-f]{6}$/),
    quality: fc.integer({ min: 1, max: 100 }),
    version: fc.stringMatching(/^[0-9a-f]{10}$/),
  },
  { requiredKeys: ['resize', 'quality'] },
)

const transform: fc.Arbitrary<Transform> = fc.oneof(
  parts,
  fc.tuple(parts, operations).map(([plain, more]) => foldDensity({ ...plain, ...more })),
)

test('what is formatted is parsed to the same transform', () => {
  fc.assert(
    fc.property(transform, (value) => {
      expect(parseTransform(formatTransform(value))).toEqual(value)
    }),
  )
})

test('what is parsed is formatted to the same text', () => {
  const piece = fc.constantFrom(
    ...['640w', '480h', '0w', '01w', '16383w', '16384w', '3x4', '3x04', 'cover', 'inside', 'contain', 'fill'],
    ...words('top left top-left left-top center attention focus-1-2 focus-500-500 focus-01-2'),
    ...['bg-ffffff', 'bg-FFFFFF', 'q80', 'q0', 'q080', 'q100', 'q101', 'v-0123456789', 'v-012345678', ''],
    ...['full', 'auto', 'down', 'clip', 'rotate-90', 'rotate-090', 'flip-h', 'flip-vh', 'crop-3-50p-centre'],
    ...words('crop-03-4-top trim-0 pad-1-2-3-4 pad-1-2-3 blur-50 sharpen-50 pixelate-8 enlarge'),
    ...words('max-50 wm-012abc stretch dpr-2 dpr-1 dpr-1-5 dpr-1-50 dpr-02 dpr-0 dpr-0-0'),
  )
  const text = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join('.'))
  fc.assert(
    fc.property(text, (spelling) => {
      const parsed = parseTransform(spelling)
      if (parsed !== undefined) expect(formatTransform(parsed)).toBe(spelling)
    }),
    { numRuns: 5000 },
  )
})

test('a change of one character is another transform or none', () => {
  fc.assert(
    fc.property(transform, fc.nat(), fc.constantFrom(...'0123456789abcdefwhxqv.-FT '), (value, at, char) => {
      const text = formatTransform(value)
      const place = at % text.length
      const changed = text.slice(0, place) + char + text.slice(place + 1)
      const parsed = parseTransform(changed)
      if (parsed !== undefined) expect(formatTransform(parsed)).toBe(changed)
      if (changed !== text) expect(parsed).not.toEqual(value)
    }),
  )
})

describe('the longest, largest and smallest that the contract allows are accepted:', () => {
  test.each([
    ...['1w.q1', '1h.q100', '16383w.q80', '16383h.q80', '16383x1.cover.q80', '1x16383.fill.q80'],
    ...['3x4.cover.focus-0-1.q80', '3x4.cover.focus-999-1000.q80', '640w.q80.v-0000000000'],
    ...['3x4.cover.focus-1000-1.q80', '3x4.cover.focus-1-1000.q80', '3x4.cover.focus-1-0.q80'],
    ...['640w.crop-65535-1-top.q80', '640w.crop-1-65535-top.q80', '640w.crop-100p-99p-centre.q80'],
    ...words(`
      640w.crop-99p-100p-centre.q80 640w.crop-1p-65535-bottom.q80 640w.trim-0.q80 640w.trim-255.q80
    `),
    ...words(`
      640w.pad-0-0-0-1.q80 640w.pad-16383-16383-16383-16383.q80 640w.blur-30.q80 640w.blur-10000.q80
    `),
    ...['640w.sharpen-1.q80', '640w.sharpen-1000.q80', '640w.pixelate-2.q80', '640w.pixelate-1000.q80'],
    ...['640w.max-1.q80', '640w.max-65535.q80', '640w.dpr-999.q80'],
  ])('%s', (text) => {
    expect(parseTransform(text)).toBeDefined()
  })

  test.each([
    ...words(`
      640w.crop-1-65536-top.q80 640w.crop-1-101p-top.q80 640w.blur-10001.q80 640w.sharpen-1001.q80
    `),
    ...[
      '640w.pixelate-1001.q80',
      '640w.max-65536.q80',
      '640w.dpr-1000.q80',
      '640w.dpr-999-1.q80',
      '640w.trim-256.q80',
    ],
  ])('and one more is not: %s', (text) => {
    expect(parseTransform(text)).toBeUndefined()
  })
})

describe('every other spelling is refused:', () => {
  test.each([
    ...['', 'q80', '640', '640w', '640.q80', 'w.q80', '640wq80', '.640w.q80', '640w.q80.', '640w..q80'],
    ...['0w.q80', '0640w.q80', '+640w.q80', '-640w.q80', '6e2w.q80', '640.0w.q80', ' 640w.q80', '640w.q80\n'],
    ...['16384w.q80', '99999h.q80', '100000w.q80', '16384x1.cover.q80', '1x16384.cover.q80', '1x0.cover.q80'],
    ...['640W.q80', '640w.Q80', '640w.q0', '640w.q101', '640w.q080', '640w.q', '640w.q80.5', '640w.q1000'],
    ...['640w.cover.q80', '640h.inside.q80', '640w.top.q80', '640w.attention.q80', '640h.focus-1-2.q80'],
    ...['3x4.q80', '3X4.cover.q80', '03x4.cover.q80', '3x04.cover.q80', '3x4.Cover.q80', '3x4.crop.q80'],
    ...['3x4.inside.top.q80', '3x4.fill.top.q80', '3x4.contain.attention.q80', '3x4.contain.focus-1-2.q80'],
    ...['3x4.cover.center.q80', '3x4.cover.centre.q80', '3x4.cover.middle.q80', '3x4.cover.left-top.q80'],
    ...['3x4.cover.top.top.q80', '3x4.cover.cover.q80', '3x4.top.cover.q80', '3x4.cover.top.attention.q80'],
    ...['3x4.cover.focus-500-500.q80', '3x4.cover.focus-0-0.q80', '3x4.cover.focus-1000-500.q80'],
    ...['3x4.cover.focus-1001-1.q80', '3x4.cover.focus-01-1.q80', '3x4.cover.focus-1-001.q80'],
    ...words(`
      3x4.cover.focus--1-1.q80 3x4.cover.focus-1.q80 3x4.cover.focus-1-2-3.q80 3x4.cover.focus-1.5-2.q80
    `),
    ...words(`
      640w.bg-fff.q80 640w.bg-FFFFFF.q80 640w.bg-#ffffff.q80 640w.bg-fffffff.q80 640w.bg-gggggg.q80
    `),
    ...['640w.q80.bg-ffffff', '640w.bg-ffffff.bg-ffffff.q80', '3x4.bg-ffffff.cover.q80', '640w.q80.q80'],
    ...['640w.v-0123456789.q80', '640w.q80.v-012345678', '640w.q80.v-0123456789a', '640w.q80.v-ABCDEF0123'],
    ...['full.cover.q80', 'full.top.q80', '640.full.q80', '0full.q80', '640w.auto.q80', '640w.down.q80'],
    ...['640w.rotate-0.q80', '640w.rotate-360.q80', '640w.rotate--90.q80', '640w.rotate-90.rotate-90.q80'],
    ...['640w.flip-h.rotate-90.q80', '640w.flip-vh.q80', '640w.flip-.q80', '640w.enlarge-.q80'],
    ...words(`
      640w.crop-1-2.q80 640w.crop-0-2-top.q80 640w.crop-100p-100p-top.q80 640w.crop-101p-1-top.q80
    `),
    ...['640w.crop-1-2-center.q80', '640w.crop-1-2-focus-500-500.q80', '640w.crop-01-2-top.q80'],
    ...['640w.crop-65536-2-top.q80', '640w.crop-1.5-2-top.q80', '640w.pad-0-0-0-0.q80', '640w.pad-1-1-1.q80'],
    ...['640w.pad-1-1-1-16384.q80', '640w.pad-1-1-1-1-1.q80', '640w.pad-1--1-1-1.q80', '640w.blur-29.q80'],
    ...['640w.blur-1e2.q80', '640w.blur-0x32.q80', '640w.sharpen-0.q80', '640w.pixelate-1.q80'],
    ...['640w.max-0.q80', '640w.max-050.q80', '640w.wm-ABCDEF.q80', '640w.wm-12345.q80', '640w.trim-256.q80'],
    ...words('640w.bg-ffffff.enlarge.q80 640w.q80.enlarge 640w.enlarge.blur-50.q80 640w.constructor-1.q80'),
    // Multiplied in, it is 1280w and so on; a density of 1 is none.
    ...['640w.dpr-2.q80', '640w.dpr-1.q80', '3x4.inside.dpr-2.q80', '3x4.clip.enlarge.dpr-2.q80'],
    ...['3x4.clip.dpr-2.enlarge.q80', '3x4.clip.dpr-1.q80', '3x4.clip.dpr-2-0.q80', '3x4.clip.dpr-2-50.q80'],
    ...['3x4.clip.dpr-.q80', '3x4.clip.dpr-2-.q80', '3x4.clip.dpr-1000.q80', '3x4.clip.dpr-0.q80'],
    ...['3x4.clip.dpr-1e1.q80', '3x4.clip.dpr-2-62500.q80', '3x4.clip.dpr--2.q80', '3x4.stretch.top.q80'],
    ...['640w.q80.v-0123456789.v-0123456789', '٦40w.q80', '640w.q８0'],
  ])('%j', (text) => {
    expect(parseTransform(text)).toBeUndefined()
  })
})

test('every operation stands in its place', () => {
  const text =
    '300x200.auto.focus-1-2.rotate-90.flip-hv.crop-400-50p-top-left.trim-10.pad-1-2-3-4.blur-150.sharpen-50' +
    '.pixelate-8.dpr-2-625.enlarge.max-50.wm-0123ab.bg-ffffff.q80.v-0123456789'
  const parsed = parseTransform(text)
  expect(parsed).toEqual({
    resize: { kind: 'auto', width: 300, height: 200, position: { x: 1, y: 2 } },
    rotate: 90,
    flip: 'hv',
    crop: { width: { pixels: 400 }, height: { percent: 50 }, position: 'top-left' },
    trim: 10,
    pad: { top: 1, right: 2, bottom: 3, left: 4 },
    blur: 150,
    sharpen: 50,
    pixelate: 8,
    dpr: 2.625,
    enlarge: true,
    max: 50,
    watermark: '0123ab',
    background: 'ffffff',
    quality: 80,
    version: '0123456789',
  })
  expect(parsed && formatTransform(parsed)).toBe(text)
  expect(parseTransform('full.q80')).toEqual({ resize: { kind: 'full' }, quality: 80 })
})

test.each([
  [0, 0, 'top-left'],
  [500, 0, 'top'],
  [1000, 0, 'top-right'],
  [0, 500, 'left'],
  [500, 500, undefined],
  [1000, 500, 'right'],
  [0, 1000, 'bottom-left'],
  [500, 1000, 'bottom'],
  [1000, 1000, 'bottom-right'],
  [500, 333, { x: 500, y: 333 }],
])('the focus %i, %i means %j', (x, y, expected) => {
  expect(toCoverPosition({ x, y })).toEqual(expected)
})

test('every focus in range means a position that can be written, or the centre', () => {
  fc.assert(
    fc.property(perMille, perMille, (x, y) => {
      const position = toCoverPosition({ x, y })
      const cover: Resize = {
        kind: 'cover',
        width: 3,
        height: 4,
        ...(position !== undefined && { position }),
      }
      expect(parseTransform(formatTransform({ resize: cover, quality: 80 }))?.resize).toEqual(cover)
    }),
  )
})

test('a version is put in, replaced and taken out', () => {
  const plain: Transform = { resize: { kind: 'width', width: 1 }, quality: 80 }
  const first = withVersion(plain, '0123456789')
  expect(formatTransform(first)).toBe('1w.q80.v-0123456789')
  expect(formatTransform(withVersion(first, 'aaaaaaaaaa'))).toBe('1w.q80.v-aaaaaaaaaa')
  expect(withVersion(first, undefined)).toEqual(plain)
})
