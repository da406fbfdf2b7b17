import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Layout, layOut, type PictureSize, type Size } from '../../src/core/geometry.ts'
import { type Focus, toFocus } from '../../src/core/position.ts'
import { COMPASS_POINTS, MAX_SIDE, type Resize } from '../../src/core/transform.ts'
import { CONTRACT_SIZES } from '../support/contract-tables.ts'
import { toTransform } from '../support/parsed.ts'

const resultSize = (resize: Resize, picture: PictureSize): Size => layOut(resize, picture).canvas

const resizeOf = (text: string): Resize => toTransform(`${text}.q80`).resize

const sizeOf = (text: string): Size => {
  const [width = 0, height = 0] = text.split('×').map(Number)
  return { width, height }
}

test.each(CONTRACT_SIZES)('the table of the contracts: %s as %s is %s', (picture, transform, expected) => {
  expect(resultSize(resizeOf(transform), sizeOf(picture))).toEqual(sizeOf(expected))
})

/** Rounds p ÷ q half up, at least 1, in whole numbers. */
const roundRatio = (p: bigint, q: bigint): number => {
  const rounded = Number((2n * p + q) / (2n * q))
  return Math.max(1, rounded)
}

/** a × b ÷ c. */
const share = (a: number, b: number, c: number): number => roundRatio(BigInt(a) * BigInt(b), BigInt(c))

/** The size by the words of the contract, in exact fractions and written another way than the code. */
const sizeByWords = (resize: Resize, { width: w, height: h }: Size): Size => {
  switch (resize.kind) {
    case 'full': {
      const [n, d] = least([MAX_SIDE, w], [MAX_SIDE, h], [1, 1])
      return { width: share(w, n, d), height: share(h, n, d) }
    }
    case 'clip': {
      // Scaled by max(W/w, H/h), at most 1; then each side the smaller of that and the box.
      const [n, d] = least(greatest([resize.width, w], [resize.height, h]), [1, 1])
      return {
        width: Math.min(resize.width, share(w, n, d)),
        height: Math.min(resize.height, share(h, n, d)),
      }
    }
    case 'auto': {
      const kind = w >= h === resize.width >= resize.height ? 'clip' : 'inside'
      return sizeByWords({ kind, width: resize.width, height: resize.height }, { width: w, height: h })
    }
    case 'width': {
      const width = Math.min(resize.width, w)
      const height = share(width, h, w)
      return height > MAX_SIDE ? { width: share(MAX_SIDE, w, h), height: MAX_SIDE } : { width, height }
    }
    case 'height': {
      const height = Math.min(resize.height, h)
      const width = share(height, w, h)
      return width > MAX_SIDE ? { width: MAX_SIDE, height: share(MAX_SIDE, h, w) } : { width, height }
    }
    case 'fill':
      return { width: Math.min(w, resize.width), height: Math.min(h, resize.height) }
    case 'contain':
      return { width: resize.width, height: resize.height }
    case 'inside': {
      // Factor min(W/w, H/h, 1) as a fraction n/d.
      const [n, d] = least([resize.width, w], [resize.height, h], [1, 1])
      return { width: share(w, n, d), height: share(h, n, d) }
    }
    case 'stretch':
    case 'cover':
    case 'down': {
      const [n, d] = least([1, 1], [w, resize.width], [h, resize.height])
      return { width: share(resize.width, n, d), height: share(resize.height, n, d) }
    }
  }
}

type Fraction = readonly [number, number]

const least = (...fractions: readonly [Fraction, ...Fraction[]]): Fraction =>
  fractions.reduce((a, b) => (BigInt(b[0]) * BigInt(a[1]) < BigInt(a[0]) * BigInt(b[1]) ? b : a))

const greatest = (a: Fraction, b: Fraction): Fraction =>
  BigInt(b[0]) * BigInt(a[1]) > BigInt(a[0]) * BigInt(b[1]) ? b : a

const side = fc.oneof(fc.integer({ min: 1, max: MAX_SIDE }), fc.integer({ min: 1, max: 20 }))
const pictureSide = fc.oneof(side, fc.integer({ min: 1, max: 100_000 }))
const picture: fc.Arbitrary<PictureSize> = fc.record({ width: pictureSide, height: pictureSide })
const perMille = fc.integer({ min: 0, max: 1000 })
const position = fc.oneof(
  fc.constant(undefined),
  fc.constant('attention' as const),
  fc.constantFrom(...COMPASS_POINTS),
  fc.record({ x: perMille, y: perMille }),
)

const resize: fc.Arbitrary<Resize> = fc
  .record({
    width: side,
    height: side,
    position,
    kind: fc.constantFrom(
      ...([
        'width',
        'height',
        'inside',
        'fill',
        'contain',
        'cover',
        'full',
        'auto',
        'down',
        'clip',
        'stretch',
      ] as const),
    ),
  })
  .map(({ width, height, position: at, kind }): Resize => {
    switch (kind) {
      case 'width':
        return { kind, width }
      case 'height':
        return { kind, height }
      case 'contain':
        return typeof at === 'object' || at === 'attention' || at === undefined
          ? { kind, width, height }
          : { kind, width, height, position: at }
      case 'full':
        return { kind }
      case 'cover':
      case 'down':
      case 'clip':
      case 'auto':
        return at === undefined ? { kind, width, height } : { kind, width, height, position: at }
      case 'fill':
      case 'stretch':
        return { kind, width, height }
      default:
        return { kind: 'inside', width, height }
    }
  })

const RUNS = { numRuns: 5000 }

test('sizes are those of exact fractions', () => {
  fc.assert(
    fc.property(resize, picture, (how, what) => {
      expect(resultSize(how, what)).toEqual(sizeByWords(how, what))
    }),
    RUNS,
  )
})

type Cropping = Extract<Resize, { readonly kind: 'cover' | 'clip' | 'down' | 'auto' }>

const isCropping = (how: Resize): how is Cropping =>
  how.kind === 'cover' || how.kind === 'clip' || how.kind === 'down'

/** What is scaled and what of it is kept by those fits that crop, in exact fractions. */
const cropByWords = (
  resize: Cropping,
  { width: w, height: h }: Size,
  eye: Focus,
): Pick<Layout, 'scaled' | 'crop'> => {
  const box = sizeByWords(resize, { width: w, height: h })
  // The smallest factor by which the picture covers the box; by `clip`, at most 1.
  const covering = greatest([box.width, w], [box.height, h])
  const isSmaller = resize.kind === 'clip' && (w < resize.width || h < resize.height)
  const [n, d] = isSmaller ? [1, 1] : covering
  const scaled = { width: Math.max(box.width, share(w, n, d)), height: Math.max(box.height, share(h, n, d)) }
  const at = toFocus(resize.position, eye)
  return {
    scaled,
    crop: {
      ...box,
      left: cropByFocus(scaled.width, box.width, at.x),
      top: cropByFocus(scaled.height, box.height, at.y),
    },
  }
}

/** The offset at which the focus comes to lie in the middle, half up, as far as there is picture: in 2000ths. */
const cropByFocus = (scaled: number, crop: number, perMille: number): number => {
  const middle = Math.floor((2 * scaled * perMille - 1000 * crop + 1000) / 2000)
  return Math.min(scaled - crop, Math.max(0, middle))
}

test('what is scaled and what of it is kept are those of exact fractions', () => {
  fc.assert(
    fc.property(
      resize.filter(isCropping),
      picture,
      fc.record({ x: perMille, y: perMille }),
      (how, what, eye) => {
        const { scaled, crop } = layOut(how, what, eye)
        expect({ scaled, crop }).toEqual(cropByWords(how, what, eye))
      },
    ),
    RUNS,
  )
})

test.each([
  // picture, box: what is scaled
  ['3×2', '1×1', '2×1'], // 1.5 goes up
  ['2×3', '1×1', '1×2'],
  ['5×4', '2×2', '3×2'], // 2.5
  ['7×6', '3×3', '4×3'], // 3.5
  ['1000×667', '300×200', '300×200'], // 200.1 is cut to the box
  ['1000×663', '300×200', '302×200'], // 301.66
  ['1000×665', '300×200', '301×200'], // 300.75
])('%s to cover %s is scaled to %s', (picture, box, scaled) => {
  for (const kind of ['cover', 'down', 'clip'] as const)
    expect(layOut({ kind, ...sizeOf(box) }, sizeOf(picture)).scaled).toEqual(sizeOf(scaled))
})

test('padding that is half a pixel goes to the left and the top', () => {
  const { offset } = layOut({ kind: 'contain', width: 101, height: 103 }, { width: 50, height: 50 })
  expect(offset).toEqual({ left: 26, top: 27 })
})

test.each([
  ['top-left', 0, 0],
  ['top', 500, 0],
  ['right', 1000, 500],
  ['bottom-right', 1000, 1000],
  ['bottom-left', 0, 1000],
  [undefined, 500, 500],
] as const)('%s is the point %i, %i', (position, x, y) => {
  expect(toFocus(position)).toEqual({ x, y })
  expect(toFocus('attention')).toEqual({ x: 500, y: 500 })
})

test('the longest side is 16,383 pixels', () => {
  expect(MAX_SIDE).toBe(16_383)
  expect(resultSize({ kind: 'full' }, { width: 16_383, height: 16_383 })).toEqual(sizeOf('16383×16383'))
  expect(resultSize({ kind: 'full' }, { width: 16_384, height: 16_384 })).toEqual(sizeOf('16383×16383'))
  expect(resultSize({ kind: 'width', width: 10 }, { width: 10, height: 16_383 })).toEqual(sizeOf('10×16383'))
  expect(resultSize({ kind: 'height', height: 10 }, { width: 16_384, height: 10 })).toEqual(
    sizeOf('16383×10'),
  )
})

test('a ratio that is half a pixel goes up, and never by an error of binary fractions', () => {
  expect(resultSize({ kind: 'width', width: 1 }, { width: 2, height: 3 })).toEqual({ width: 1, height: 2 })
  expect(resultSize({ kind: 'width', width: 5 }, { width: 10, height: 49 })).toEqual({ width: 5, height: 25 })
  expect(resultSize({ kind: 'width', width: 83 }, { width: 166, height: 3 })).toEqual({
    width: 83,
    height: 2,
  })
})

test('nothing is enlarged, and nothing vanishes', () => {
  fc.assert(
    fc.property(resize, picture, (how, what) => {
      const { scaled, crop, canvas } = layOut(how, what)
      for (const { width, height } of [scaled, crop, canvas]) {
        expect(Number.isInteger(width) && Number.isInteger(height)).toBe(true)
        expect(width).toBeGreaterThanOrEqual(1)
        expect(height).toBeGreaterThanOrEqual(1)
      }
      expect(scaled.width).toBeLessThanOrEqual(what.width)
      expect(scaled.height).toBeLessThanOrEqual(what.height)
      expect(Math.max(canvas.width, canvas.height)).toBeLessThanOrEqual(MAX_SIDE)
    }),
    RUNS,
  )
})

test('the crop lies in the scaled picture and on the canvas', () => {
  fc.assert(
    fc.property(
      resize,
      picture,
      fc.boolean(),
      fc.record({ x: perMille, y: perMille }),
      (how, what, isScalable, eye) => {
        const { scaled, crop, canvas, offset } = layOut(how, { ...what, isScalable }, eye)
        expect(Math.min(crop.left, crop.top, offset.left, offset.top)).toBeGreaterThanOrEqual(0)
        expect(crop.left + crop.width).toBeLessThanOrEqual(scaled.width)
        expect(crop.top + crop.height).toBeLessThanOrEqual(scaled.height)
        expect(offset.left + crop.width).toBeLessThanOrEqual(canvas.width)
        expect(offset.top + crop.height).toBeLessThanOrEqual(canvas.height)
      },
    ),
    RUNS,
  )
})

test('a box is filled by cover to its last pixel', () => {
  fc.assert(
    fc.property(resize, picture, (how, what) => {
      fc.pre(how.kind === 'cover')
      const { crop, canvas } = layOut(how, what)
      expect({ width: crop.width, height: crop.height }).toEqual(canvas)
    }),
    RUNS,
  )
})

test('an SVG is drawn at the size asked', () => {
  const picture = { width: 100, height: 50, isScalable: true }
  expect(resultSize(resizeOf('640w'), picture)).toEqual({ width: 640, height: 320 })
  expect(resultSize(resizeOf('640h'), picture)).toEqual({ width: 1280, height: 640 })
  expect(resultSize(resizeOf('640x640.inside'), picture)).toEqual({ width: 640, height: 320 })
  expect(resultSize(resizeOf('640x640.cover'), picture)).toEqual({ width: 640, height: 640 })
  expect(resultSize(resizeOf('640x640.fill'), picture)).toEqual({ width: 640, height: 640 })
  expect(layOut(resizeOf('640x640.contain'), picture)).toMatchObject({
    scaled: { width: 640, height: 320 },
    canvas: { width: 640, height: 640 },
    offset: { left: 0, top: 160 },
  })
})

describe('a crop of 100×100 from 400×100', () => {
  test.each([
    ['cover', 150],
    ['cover.left', 0],
    ['cover.right', 300],
    ['cover.top', 150],
    ['cover.bottom-right', 300],
    ['cover.focus-250-500', 50],
    ['cover.focus-10-500', 0],
    ['cover.focus-990-500', 300],
    ['cover.attention', 200],
  ])('%s begins at %i', (how, left) => {
    const { crop } = layOut(resizeOf(`100x100.${how}`), { width: 400, height: 100 }, { x: 625, y: 500 })
    expect(crop).toEqual({ left, top: 0, width: 100, height: 100 })
  })
})

test('attention without a point is the centre', () => {
  const size = { width: 400, height: 100 }
  expect(layOut(resizeOf('100x100.cover.attention'), size)).toEqual(layOut(resizeOf('100x100.cover'), size))
})

describe('a picture of 100×50 on a canvas of 201×200', () => {
  test.each([
    ['contain', 51, 75],
    ['contain.top', 51, 0],
    ['contain.left', 0, 75],
    ['contain.bottom-right', 101, 150],
  ])('%s lies at %i, %i', (how, left, top) => {
    const { offset } = layOut(resizeOf(`201x200.${how}`), { width: 100, height: 50 })
    expect(offset).toEqual({ left, top })
  })
})

test('a side beyond the longest shows no other part of any picture than the longest does', () => {
  const side = fc.integer({ min: 1, max: MAX_SIDE })
  const long = fc.integer({ min: MAX_SIDE + 1, max: 1_000_000 })
  const box = fc.record({ width: fc.oneof(side, long), height: long })
  const turned = fc.boolean()
  const kind = fc.constantFrom('inside', 'fill', 'clip', 'width', 'height')
  fc.assert(
    fc.property(
      fc.record({ width: side, height: side }),
      box,
      turned,
      kind,
      (picture, upright, isTurned, kind) => {
        const { width, height } = isTurned ? { width: upright.height, height: upright.width } : upright
        const asked = { kind, width, height }
        const clamped = { kind, width: Math.min(width, MAX_SIDE), height: Math.min(height, MAX_SIDE) }
        expect(layOut(asked, picture)).toEqual(layOut(clamped, picture))
      },
    ),
  )
})
