import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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

const resize: fc.Arbitrary<Resize> = fc.oneof(
  fc.record({ kind: fc.constant('width' as const), width: side }),
  fc.record({ kind: fc.constant('height' as const), height: side }),
  fc.record({ kind: fc.constantFrom('inside' as const, 'fill' as const), ...box }),
  fc
    .tuple(
      fc.record({ kind: fc.constant('contain' as const), ...box }),
      fc.option(compass, { nil: undefined }),
    )
    .map(([contain, position]) => withPosition(contain, position)),
  fc
    .tuple(
      fc.record({ kind: fc.constant('cover' as const), ...box }),
      fc.option(fc.oneof<fc.Arbitrary<CoverPosition>[]>(compass, fc.constant('attention'), focus), {
        nil: undefined,
      }),
    )
    .map(([cover, position]) => withPosition(cover, position)),
)

const transform: fc.Arbitrary<Transform> = fc.record(
  {
    resize,
    background: fc.stringMatching(/^[0-9a-f]{6}$/),
    quality: fc.integer({ min: 1, max: 100 }),
    version: fc.stringMatching(/^[0-9a-f]{10}$/),
  },
  { requiredKeys: ['resize', 'quality'] },
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
    ...[
      'top',
      'left',
      'top-left',
      'left-top',
      'center',
      'attention',
      'focus-1-2',
      'focus-500-500',
      'focus-01-2',
    ],
    ...['bg-ffffff', 'bg-FFFFFF', 'q80', 'q0', 'q080', 'q100', 'q101', 'v-0123456789', 'v-012345678', ''],
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
    ...[
      '3x4.cover.focus--1-1.q80',
      '3x4.cover.focus-1.q80',
      '3x4.cover.focus-1-2-3.q80',
      '3x4.cover.focus-1.5-2.q80',
    ],
    ...[
      '640w.bg-fff.q80',
      '640w.bg-FFFFFF.q80',
      '640w.bg-#ffffff.q80',
      '640w.bg-fffffff.q80',
      '640w.bg-gggggg.q80',
    ],
    ...['640w.q80.bg-ffffff', '640w.bg-ffffff.bg-ffffff.q80', '3x4.bg-ffffff.cover.q80', '640w.q80.q80'],
    ...['640w.v-0123456789.q80', '640w.q80.v-012345678', '640w.q80.v-0123456789a', '640w.q80.v-ABCDEF0123'],
    ...['640w.q80.v-0123456789.v-0123456789', '٦40w.q80', '640w.q８0'],
  ])('%j', (text) => {
    expect(parseTransform(text)).toBeUndefined()
  })
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
