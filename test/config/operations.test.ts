import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SizeInput } from '../../src/config/schema.ts'
import { formatTransform } from '../../src/core/transform.ts'
import { configFaultsOf } from '../support/problems.ts'

const resolveSize = (size: object) =>
  resolveConfig({ source: './a', output: './b', sizes: { a: size } }, { root: '/tmp' }).sizes[0]

const textsOf = (size: SizeInput) =>
  resolveSize(size)?.transforms.map(({ transform }) => formatTransform(transform))

const faultOf = (size: object): string | undefined =>
  configFaultsOf(() => resolveSize(size)).map(({ path, allowed }) => `${path}: ${allowed}`)[0]

test.each<[SizeInput, string]>([
  [{ full: true }, 'full.q80'],
  [{ width: 30, height: 20, fit: 'auto', position: 'attention' }, '30x20.auto.attention.q80'],
  [{ width: 30, height: 20, fit: 'down' }, '30x20.down.q80'],
  [{ width: 30, height: 20, fit: 'clip', position: 'top' }, '30x20.clip.top.q80'],
  [{ width: 30, rotate: 90, flip: 'hv', enlarge: true }, '30w.rotate-90.flip-hv.enlarge.q80'],
  [{ width: 30, crop: { width: 400, height: '50%' } }, '30w.crop-400-50p-centre.q80'],
  [{ width: 30, crop: { width: 4, height: 5, position: { x: 0, y: 1000 } } }, '30w.crop-4-5-bottom-left.q80'],
  [{ width: 30, crop: { width: '100%', height: '100%' } }, '30w.q80'],
  [{ width: 30, trim: 10, maxKilobytes: 50 }, '30w.trim-10.max-50.q80'],
  [{ width: 30, pad: 8 }, '30w.pad-8-8-8-8.q80'],
  [{ width: 30, pad: { left: 3 }, background: '#ffffff' }, '30w.pad-0-0-0-3.bg-ffffff.q80'],
  [{ width: 30, pad: 0, enlarge: false }, '30w.q80'],
  [{ width: 30, blur: 1.5, sharpen: 0.55, pixelate: 8 }, '30w.blur-150.sharpen-55.pixelate-8.q80'],
])('%j is %s', (size, text) => {
  expect(textsOf(size)).toEqual([text])
})

test('what is asked for in pixels of the result grows with the density', () => {
  expect(textsOf({ width: 30, height: 20, pad: 5, blur: 1, pixelate: 4, densities: [1, 2] })).toEqual([
    '30x20.cover.pad-5-5-5-5.blur-100.pixelate-4.q80',
    '60x40.cover.pad-10-10-10-10.blur-200.pixelate-8.q80',
  ])
})

test.each([
  [{ full: true, width: 3 }, 'sizes.a: widths, heights, width, height, width and height, or full'],
  [{ full: true, enlarge: true }, 'sizes.a.enlarge: not with full: the picture is as it is'],
  [{ width: 3, rotate: 45 }, 'sizes.a.rotate: 90, 180, 270'],
  [
    { width: 3, crop: { width: '0%', height: 1 } },
    "sizes.a.crop.width: pixels 1..65535 or a text such as '50%'",
  ],
  [{ width: 3, blur: 0.1 }, 'sizes.a.blur: a number 0.3..100'],
  [{ width: 3, pad: -1 }, 'sizes.a.pad: a whole number 0..16383'],
])('%j is wrong', (size, fault) => {
  expect(faultOf(size)).toBe(fault)
})
