import fc from 'fast-check'

/**
 * The sizes that imgproxy gives, worked out anew from what its documentation says of each option: an oracle for ours,
 * which says the same in other terms.
 */
export interface ImgproxyAsk {
  readonly type: 'fit' | 'fill' | 'fill-down' | 'force' | 'auto'
  /** 0: not asked for. */
  readonly width: number
  readonly height: number
  readonly zoom: readonly [x: number, y: number]
  readonly dpr: number
  readonly enlarge: boolean
  readonly extend: boolean
  /** 0: none; below 1 a part of the side. */
  readonly crop: readonly [width: number, height: number]
  readonly turned: boolean
  readonly padding: readonly [top: number, right: number, bottom: number, left: number]
}

export interface ImgproxySource {
  readonly width: number
  readonly height: number
  readonly isVector: boolean
}

type Pair = readonly [x: number, y: number]

const both = (map: (axis: 0 | 1) => number): Pair => [map(0), map(1)]

export const sizeByImgproxy = (ask: ImgproxyAsk, source: ImgproxySource): Pair => {
  const picture = cropped(ask, source)
  const asked: Pair = [ask.width, ask.height]
  const shrinks = zoomed(shrinksOf(ask, asked, picture), ask.zoom)
  const mayGrow = ask.enlarge || source.isVector
  const { scale, density } = mayGrow
    ? { scale: both((axis) => ask.dpr / shrinks[axis]), density: ask.dpr }
    : withoutGrowth(shrinks, ask)
  const scaled = both((axis) => Math.max(1, rounded(picture[axis] * scale[axis])))
  const target = both((axis) => pixels(asked[axis] * ask.zoom[axis] * density))
  const cut = ask.type === 'fill-down' && !ask.enlarge ? inProportion(target, scaled) : target
  const kept = both((axis) => (cut[axis] === 0 ? scaled[axis] : Math.min(cut[axis], scaled[axis])))
  const canvas = ask.extend ? both((axis) => Math.max(target[axis], kept[axis])) : kept
  const [top, right, bottom, left] = ask.padding.map((side) => bankers(side * density))
  return [canvas[0] + (left ?? 0) + (right ?? 0), canvas[1] + (top ?? 0) + (bottom ?? 0)]
}

/** Less than half a pixel is one all the same; imgproxy itself takes it for nothing that was asked for. */
const pixels = (length: number): number => (length === 0 ? 0 : Math.max(1, rounded(length)))

/** Half a pixel is rounded up, also where floats make a little less of it: imgproxy gives either. */
const rounded = (length: number): number => Math.round(length + 1e-9)

/** Turned first, then cut: a part of a side, or so many pixels as there are. */
const cropped = ({ crop, turned }: ImgproxyAsk, { width, height }: ImgproxySource): Pair => {
  const seen: Pair = turned ? [height, width] : [width, height]
  return both((axis) => {
    const [side, whole] = [crop[axis], seen[axis]]
    if (side === 0) return whole
    return side < 1 ? Math.max(1, Math.round(whole * side)) : Math.min(whole, Math.trunc(side))
  })
}

/** How many times each side is to be made smaller to get what is asked for. */
const shrinksOf = ({ type }: ImgproxyAsk, asked: Pair, picture: Pair): Pair => {
  const apart = both((axis) => (asked[axis] === 0 ? 1 : picture[axis] / asked[axis]))
  if (type === 'force') return apart
  if (asked[0] === 0) return [apart[1], apart[1]]
  if (asked[1] === 0) return [apart[0], apart[0]]
  const isSameWay = picture[0] >= picture[1] === asked[0] >= asked[1]
  const fills = type === 'fill' || type === 'fill-down' || (type === 'auto' && isSameWay)
  const common = fills ? Math.min(...apart) : Math.max(...apart)
  return [common, common]
}

const zoomed = (shrinks: Pair, zoom: Pair): Pair => both((axis) => shrinks[axis] / zoom[axis])

/** Nothing is made larger: first what is asked for gives way, in its proportions, and then the density. */
const withoutGrowth = (shrinks: Pair, { dpr, extend }: ImgproxyAsk) => {
  const least = Math.min(...shrinks)
  const isSmall = least < 1
  const settled = isSmall ? both((axis) => shrinks[axis] / least) : shrinks
  // Less than asked for anyway: a density below 1 is not to take away twice, unless there is a canvas to be kept.
  const wanted = isSmall && !extend ? dpr / least : dpr
  const density = Math.min(wanted, ...settled)
  return { scale: both((axis) => density / settled[axis]), density }
}

/** The largest part of what there is that has the proportions of the target. */
const inProportion = (target: Pair, scaled: Pair): Pair => {
  const [x, y] = both((axis) => target[axis] / scaled[axis])
  if (x > y && x > 1) return [scaled[0], pixels((scaled[0] * target[1]) / target[0])]
  if (y > x && y > 1) return [pixels((scaled[1] * target[0]) / target[1]), scaled[1]]
  return target
}

const bankers = (value: number): number => {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/** The options of a URL that asks for it. */
export const toOptions = (ask: ImgproxyAsk): string =>
  [
    `rs:${ask.type}:${ask.width}:${ask.height}:${Number(ask.enlarge)}:${Number(ask.extend)}`,
    `z:${ask.zoom.join(':')}`,
    `dpr:${ask.dpr}`,
    `c:${ask.crop.join(':')}`,
    `rot:${ask.turned ? 90 : 0}`,
    `pd:${ask.padding.join(':')}`,
  ].join('/')

export const anySide = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 40 }))
const asked = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 5, arbitrary: anySide })
const density = fc.oneof(
  fc.constantFrom(1, 1, 2, 3, 1.5, 0.5, 0.75, 1.25, 2.625, 1.3333333730697632, 4),
  fc.integer({ min: 10, max: 500 }).map((percent) => percent / 100),
)
const factor = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: density })
const zoom = fc.oneof(
  { weight: 5, arbitrary: factor.map((each) => [each, each] as const) },
  { weight: 1, arbitrary: fc.tuple(factor, factor) },
)
const cut = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100) },
  { weight: 1, arbitrary: anySide },
  { weight: 1, arbitrary: anySide.map((pixels) => pixels + 0.7) },
)
const pad = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
)
/** Anything that a URL may ask for. */
export const anyAsk: fc.Arbitrary<ImgproxyAsk> = fc
  .record({
    type: fc.constantFrom(
      'fit' as const,
      'fill' as const,
      'fill-down' as const,
      'force' as const,
      'auto' as const,
    ),
    width: asked,
    height: asked,
    zoom,
    dpr: density,
    enlarge: fc.boolean(),
    extend: fc.boolean(),
    crop: fc.tuple(cut, cut),
    turned: fc.boolean(),
    padding: fc.oneof(fc.constant([0, 0, 0, 0] as const), fc.tuple(pad, pad, pad, pad)),
  })
  // What is asked for is a pixel at least.
  .filter(({ width, height, zoom: [x, y], dpr }) =>
    [width * x, height * y].every((length) => length === 0 || (length >= 1 && length * dpr >= 1)),
  )
