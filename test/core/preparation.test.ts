import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PictureSize } from '../../src/core/geometry.ts'
import {
  cropRegion,
  focusInRegion,
  largestSize,
  preparedSize,
  transformedSize,
  turnFocus,
} from '../../src/core/preparation.ts'
import type { Transform } from '../../src/core/transform.ts'
import { toTransform } from '../support/parsed.ts'

const read = (text: string): Transform => toTransform(`${text}.q80`)

const sizeOf = (text: string): PictureSize => {
  const [width = 0, height = 0] = text.split('×').map(Number)
  return { width, height }
}

test.each([
  ['50x50.inside', '50×25'],
  ['300x300.inside', '200×100'],
  ['300x50.clip', '200×50'],
  ['300x300.cover.enlarge', '300×300'],
  ['300x300.down', '100×100'],
  ['300x300.contain', '300×300'],
  ['300x300.auto', '200×100'],
  ['100x40.auto', '100×40'],
  ['40x100.auto', '40×20'],
  ['100x300.auto', '100×50'],
])("imgproxy's table of an original of 200×100: %s is %s", (text, expected) => {
  expect(transformedSize(read(text), sizeOf('200×100'))).toEqual(sizeOf(expected))
})

describe('an original of 400×200', () => {
  test.each([
    ['full', '400×200'],
    ['full.rotate-90', '200×400'],
    ['full.rotate-180', '400×200'],
    ['100w.rotate-270', '100×200'],
    ['full.crop-100-50p-top', '100×100'],
    ['full.crop-1000-1000-top', '400×200'],
    ['full.rotate-90.crop-50p-100-centre', '100×100'],
    ['50w.crop-100-100-centre', '50×50'],
    ['800w.crop-100-100-centre', '100×100'],
    ['800w.crop-100-100-centre.enlarge', '800×800'],
    ['800w.enlarge', '800×400'],
    ['800h.enlarge', '1600×800'],
    ['1000x1000.inside.enlarge', '1000×500'],
    ['1000x1000.contain.enlarge', '1000×1000'],
    ['1000x100.fill.enlarge', '1000×100'],
    ['1000x100.clip.enlarge', '1000×100'],
    ['100w.pad-1-20-3-40', '160×54'],
    ['full.blur-100.sharpen-50.pixelate-8.max-5.wm-abcdef', '400×200'],
  ])('as %s is %s', (text, expected) => {
    expect(transformedSize(read(text), sizeOf('400×200'))).toEqual(sizeOf(expected))
  })

  test('that is trimmed has a size that only its pixels tell', () => {
    expect(transformedSize(read('100w.trim-10'), sizeOf('400×200'))).toBeUndefined()
    expect(largestSize(read('100w.trim-10'), sizeOf('400×200'))).toEqual(sizeOf('100×50'))
  })
})

test('a picture above the largest side is brought down to it', () => {
  expect(transformedSize(read('full'), sizeOf('40000×100'))).toEqual(sizeOf('16383×41'))
})

test.each([
  ['crop-100-100-centre', 150, 50],
  ['crop-100-100-top-left', 0, 0],
  ['crop-100-100-bottom-right', 300, 100],
  ['crop-100-100-focus-250-500', 50, 50],
  ['crop-100-100-attention', 270, 40],
])('%s of 400×200 begins at %i, %i', (crop, left, top) => {
  const region = cropRegion(read(`full.${crop}`).crop, sizeOf('400×200'), { x: 800, y: 450 })
  expect(region).toEqual({ left, top, width: 100, height: 100 })
})

test('the point that draws the eye is turned with the picture', () => {
  const focus = { x: 100, y: 300 }
  expect(turnFocus(focus, { rotate: 90 })).toEqual({ x: 700, y: 100 })
  expect(turnFocus(focus, { rotate: 180 })).toEqual({ x: 900, y: 700 })
  expect(turnFocus(focus, { rotate: 270 })).toEqual({ x: 300, y: 900 })
  expect(turnFocus(focus, { rotate: 90, flip: 'h' })).toEqual({ x: 300, y: 100 })
  expect(turnFocus(focus, { flip: 'hv' })).toEqual({ x: 900, y: 700 })
  const region = { left: 100, top: 0, width: 200, height: 100 }
  expect(focusInRegion(focus, region, sizeOf('400×200'))).toEqual({ x: 0, y: 600 })
})

test('a crop lies in its picture', () => {
  const side = fc.integer({ min: 1, max: 20_000 })
  const extent = fc.oneof(
    fc.record({ pixels: side }),
    fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
  )
  const focus = fc.record({ x: fc.nat(1000), y: fc.nat(1000) })
  const picture = fc.record({ width: side, height: side })
  fc.assert(
    fc.property(extent, extent, focus, picture, (width, height, position, size) => {
      const region = cropRegion({ width, height, position }, size)
      expect(Math.min(region.left, region.top)).toBeGreaterThanOrEqual(0)
      expect(Math.min(region.width, region.height)).toBeGreaterThanOrEqual(1)
      expect(region.left + region.width).toBeLessThanOrEqual(size.width)
      expect(region.top + region.height).toBeLessThanOrEqual(size.height)
    }),
  )
})

test('a point is where it was in a region of everything, and at the edge of one that it lies outside of', () => {
  const picture = { width: 3000, height: 2000 }
  const everything = { left: 0, top: 0, ...picture }
  const region = { left: 1000, top: 500, width: 1000, height: 1000 }
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), (x, y) => {
      expect(focusInRegion({ x, y }, everything, picture)).toEqual({ x, y })
      expect(focusInRegion({ x, y }, region, picture)).toEqual({
        x: Math.min(1000, Math.max(0, 3 * x - 1000)),
        y: Math.min(1000, Math.max(0, 2 * y - 500)),
      })
    }),
  )
})

test('a drawing that is turned or cut is still one of any size', () => {
  const drawing = { width: 40, height: 30, isScalable: true as const }
  expect(preparedSize({ rotate: 90 }, drawing)).toEqual({ width: 30, height: 40, isScalable: true })
  expect(preparedSize({ rotate: 90 }, { width: 40, height: 30 })).toEqual({ width: 30, height: 40 })
})

test('a crop in per cent is rounded half up, and never nothing', () => {
  const of = (percent: number, side: number) =>
    cropRegion({ width: { percent }, height: { percent: 100 } }, { width: side, height: 1 }).width
  expect([of(50, 3), of(49, 3), of(1, 3), of(33, 100)]).toEqual([2, 1, 1, 33])
})
