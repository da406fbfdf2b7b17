import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { largestSize } from '../../src/core/preparation.ts'
import { formatTransform, MAX_SIDE, parseTransform, type Transform } from '../../src/core/transform.ts'
import { createImgproxyDialect } from '../../src/url/imgproxy.ts'
import {
  anyAsk,
  anySide,
  type ImgproxyAsk,
  type ImgproxySource,
  sizeByImgproxy,
  toOptions,
} from '../support/imgproxy-sizes.ts'

const dialect = createImgproxyDialect({
  prefix: '/',
  keys: [],
  isUnsigned: true,
  signatureSize: 32,
  presets: {},
  onlyPresets: false,
  baseUrl: '',
  autoFormat: [],
  roots: [{ uri: 'local:///', keyPrefix: '' }],
  quality: 80,
})

/** What we make of it; undefined where it is refused. */
const readTransform = (ask: ImgproxyAsk): Transform | undefined => {
  const rawPath = `/unsafe/${toOptions(ask)}/plain/local:///a.jpg`
  const reading = dialect.read({ rawPath, query: '', now: 0 })
  return reading?.kind === 'variant' ? reading.transform : undefined
}

const sizeByUs = (transform: Transform, { width, height, isVector }: ImgproxySource) => {
  const size = largestSize(transform, { width, height, ...(isVector && { isScalable: true }) })
  return [size.width, size.height]
}

const PLAIN: ImgproxyAsk = {
  type: 'fit',
  width: 0,
  height: 0,
  zoom: [1, 1],
  dpr: 1,
  enlarge: false,
  extend: false,
  crop: [0, 0],
  turned: false,
  padding: [0, 0, 0, 0],
}

describe('sizes as imgproxy gives them:', () => {
  const source = (width: number, height: number): ImgproxySource => ({ width, height, isVector: false })

  test.each<[string, ImgproxySource, Partial<ImgproxyAsk>, number, number]>([
    ['fit', source(200, 100), { width: 50, height: 50 }, 50, 25],
    ['fit', source(200, 100), { width: 300, height: 300 }, 200, 100],
    ['fill', source(200, 100), { type: 'fill', width: 300, height: 50 }, 200, 50],
    ['fill, enlarged', source(200, 100), { type: 'fill', width: 300, height: 300, enlarge: true }, 300, 300],
    ['fill-down', source(200, 100), { type: 'fill-down', width: 300, height: 300 }, 100, 100],
    ['fill-down', source(200, 100), { type: 'fill-down', width: 300, height: 125 }, 200, 83],
    ['fit, extended', source(200, 100), { width: 300, height: 300, extend: true }, 300, 300],
    ['fill, dense', source(200, 100), { type: 'fill', width: 26, height: 100, dpr: 2 }, 26, 100],
    ['fit, extended, dense', source(200, 100), { width: 500, height: 500, extend: true, dpr: 2 }, 500, 500],
    ['fill, dense', source(500, 300), { type: 'fill', width: 300, height: 200, dpr: 2 }, 450, 300],
    ['fill, dense', source(2000, 2000), { type: 'fill', width: 300, height: 200, dpr: 2 }, 600, 400],
    ['fill, thin', source(200, 100), { type: 'fill', width: 300, height: 50, dpr: 0.5 }, 150, 38],
    ['fit, extended, thin', source(200, 100), { width: 500, height: 500, extend: true, dpr: 0.5 }, 250, 250],
    ['force', source(200, 100), { type: 'force', width: 300, height: 50 }, 200, 33],
    [
      'fit, padded, dense',
      source(200, 100),
      { width: 100, height: 100, dpr: 3, padding: [10, 0, 0, 10] },
      220,
      120,
    ],
    ['whole, padded, dense', source(200, 100), { dpr: 2, padding: [5, 5, 5, 5] }, 210, 110],
    [
      'a drawing, filled down, thin, of half a pixel',
      { width: 12, height: 31, isVector: true },
      { type: 'fill-down', width: 103, height: 259, zoom: [3, 3], dpr: 0.5 },
      155,
      389,
    ],
    [
      'a drawing, cut, filled down, dense, of half a pixel',
      { width: 5, height: 13, isVector: true },
      { type: 'fill-down', width: 14, height: 36, dpr: 1.75 },
      25,
      63,
    ],
    ['a drawing, dense', { width: 200, height: 100, isVector: true }, { dpr: 2 }, 400, 200],
  ])('%s of %j asked as %j is %i×%i', (_, what, part, width, height) => {
    const ask = { ...PLAIN, ...part }
    expect(sizeByImgproxy(ask, what)).toEqual([width, height])
    const transform = readTransform(ask)
    expect(transform && sizeByUs(transform, what)).toEqual([width, height])
  })

  const what: fc.Arbitrary<ImgproxySource> = fc.record({
    width: anySide,
    height: anySide,
    isVector: fc.oneof(
      { weight: 4, arbitrary: fc.constant(false) },
      { weight: 1, arbitrary: fc.constant(true) },
    ),
  })
  const isHalf = (part: number, { width, height }: ImgproxySource): boolean =>
    [width, height].some((length) => (Math.round(part * 100) * length) % 100 === 50)
  const RUNS = { numRuns: Number(process.env.IMGSIZES_TEST_RUNS ?? 4_000) }

  test('to the pixel, whatever is asked for that a key can say', () => {
    let accepted = 0
    fc.assert(
      fc.property(anyAsk, what, (how, of) => {
        const transform = readTransform(how)
        if (transform === undefined) return
        // Exactly half of a pixel is what a float makes of it there, and is rounded up here.
        fc.pre(how.crop.every((part) => part >= 1 || !isHalf(part, of)))
        accepted++
        const [theirs, ours] = [sizeByImgproxy(how, of), sizeByUs(transform, of)]
        fc.pre(Math.max(...theirs) <= MAX_SIDE)
        // A key has four decimals of what all sides are multiplied with.
        const rounding = 0.00005 / (Math.min(...how.zoom) * how.dpr)
        for (const axis of [0, 1] as const)
          expect(Math.abs(theirs[axis] - (ours[axis] ?? 0)), `${theirs} there, ${ours} here`).toBeLessThan(
            2 + theirs[axis] * rounding,
          )
      }),
      RUNS,
    )
    expect(accepted).toBeGreaterThan(RUNS.numRuns / 3)
  })

  test('and every such transform has one spelling', () => {
    fc.assert(
      fc.property(anyAsk, (how) => {
        const transform = readTransform(how)
        if (transform === undefined) return
        expect(parseTransform(formatTransform(transform))).toEqual(transform)
      }),
      RUNS,
    )
  })

  test('only what the guide says is refused', () => {
    const isTold = ({
      type,
      width,
      height,
      zoom: [x, y],
      dpr,
      enlarge,
      extend,
      padding,
    }: ImgproxyAsk): boolean => {
      const isOneSided = (width === 0) !== (height === 0)
      const isFree = width + height === 0
      const isPadded = padding.some((side) => side > 0)
      const isOff = !Number.isInteger(width * x) || !Number.isInteger(height * y)
      const isCut = extend || type === 'fill' || type === 'fill-down'
      return (
        (type === 'force' && isOneSided) ||
        (x !== y && (type !== 'force' || isOneSided || isFree)) ||
        (isFree && (isPadded || extend) && x !== 1) ||
        (isOff && (isPadded || x !== y || (!enlarge && (type === 'auto' || (isCut && dpr !== 1))))) ||
        (extend && isOneSided) ||
        (extend && type !== 'fit' && !isFree && !(enlarge && type !== 'auto'))
      )
    }
    fc.assert(
      fc.property(anyAsk, (how) => {
        fc.pre(how.crop.every((each) => each !== 0.29 && each !== 0.57 && each !== 0.58))
        if (!isTold(how)) expect(readTransform(how)).toBeDefined()
      }),
      RUNS,
    )
  })
})
