import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOutDense, padDense } from '../../src/core/dense-layout.ts'
import { foldDensity, multiplyDensity, toDpr } from '../../src/core/density.ts'
import { layOutResult } from '../../src/core/preparation.ts'
import { parseTransform, type Resize, type Transform } from '../../src/core/transform.ts'

const side = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 30 }))
const picture = fc.record({ width: side, height: side })
const dpr = fc
  .oneof(fc.constantFrom(2, 3, 0.5, 1.5, 2.625), fc.double({ min: 0.1, max: 8, noNaN: true }))
  .map(toDpr)
const resize: fc.Arbitrary<Resize> = fc.oneof(
  fc.constant({ kind: 'full' as const }),
  fc.record({ kind: fc.constant('width' as const), width: side }),
  fc.record({ kind: fc.constant('height' as const), height: side }),
  fc.record({
    kind: fc.constantFrom(
      ...(['inside', 'fill', 'stretch', 'contain', 'cover', 'down', 'clip', 'auto'] as const),
    ),
    width: side,
    height: side,
  }),
)
const RUNS = { numRuns: 5_000 }

describe('a layout at a density', () => {
  test('enlarges nothing, and keeps a part of what it has scaled', () => {
    fc.assert(
      fc.property(resize, picture, dpr, (how, what, density) => {
        const { scaled, crop, canvas, offset } = layOutDense(how, what, density)
        expect(scaled.width).toBeLessThanOrEqual(what.width)
        expect(scaled.height).toBeLessThanOrEqual(what.height)
        expect(crop.left + crop.width).toBeLessThanOrEqual(scaled.width)
        expect(crop.top + crop.height).toBeLessThanOrEqual(scaled.height)
        expect(offset.left + crop.width).toBeLessThanOrEqual(canvas.width)
        expect(offset.top + crop.height).toBeLessThanOrEqual(canvas.height)
        if (how.kind !== 'contain') expect(canvas).toEqual({ width: crop.width, height: crop.height })
      }),
      RUNS,
    )
  })

  test('is what it is multiplied in, wherever it may be', () => {
    fc.assert(
      fc.property(resize, picture, dpr, fc.boolean(), (how, what, density, enlarge) => {
        const dense: Transform = { resize: how, dpr: density, quality: 80, ...(enlarge && { enlarge }) }
        const folded = foldDensity(dense)
        fc.pre(folded !== dense)
        const [a, b] = [layOutResult(dense, what).canvas, layOutResult(folded, what).canvas]
        expect(Math.abs(a.width - b.width), `${a.width} ${b.width}`).toBeLessThan(2)
        expect(Math.abs(a.height - b.height), `${a.height} ${b.height}`).toBeLessThan(2)
      }),
      RUNS,
    )
  })

  test.each([
    ['26x100.clip.dpr-2', 200, 100, 26, 100],
    ['300x200.clip.dpr-2', 500, 300, 450, 300],
    ['300x200.clip.dpr-2', 5000, 3000, 600, 400],
    ['300x50.clip.dpr-0-5', 200, 100, 150, 38],
    ['300x50.auto.dpr-2', 2000, 100, 600, 100],
    ['500x500.contain.dpr-2', 200, 100, 500, 500],
    ['50x50.contain.dpr-4', 100, 80, 100, 100],
    ['100x100.inside.pad-10-10-10-10.dpr-3', 200, 100, 240, 140],
    ['full.dpr-2', 200, 100, 200, 100],
    ['full.dpr-2.enlarge', 200, 100, 400, 200],
    ['33w.dpr-1-5', 1000, 10_000, 50, 495],
  ])('%s of %i×%i is %i×%i', (text, width, height, wide, high) => {
    const transform = parseTransform(`${text}.q80`)
    expect(transform && layOutResult(transform, { width, height }).canvas).toEqual({
      width: wide,
      height: high,
    })
  })

  test('of a drawing is as dense as asked', () => {
    const transform = parseTransform('300x200.clip.dpr-2.q80')
    const drawing = { width: 20, height: 10, isScalable: true }
    expect(transform && layOutResult(transform, drawing).canvas).toEqual({ width: 600, height: 400 })
  })
})

test('a site has its sizes made in whole pixels', () => {
  const dense: Transform = { resize: { kind: 'clip', width: 33, height: 1 }, dpr: 1.5, quality: 80 }
  expect(multiplyDensity(dense)).toEqual({ resize: { kind: 'clip', width: 50, height: 2 }, quality: 80 })
  const thin: Transform = { resize: { kind: 'width', width: 1 }, dpr: 0.1, quality: 80 }
  expect(multiplyDensity(thin).resize).toEqual({ kind: 'width', width: 1 })
})

test('padding is rounded half to even', () => {
  const pad = { top: 1, right: 3, bottom: 5, left: 2 }
  expect(padDense(pad, 0.5)).toEqual({ top: 0, right: 2, bottom: 2, left: 1 })
  expect(padDense(pad, 0.7)).toEqual({ top: 1, right: 2, bottom: 4, left: 1 })
})
