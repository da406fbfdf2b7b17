/** The attributes of the outermost element that say how large a drawing is. */
interface SvgSides {
  readonly width: string | undefined
  readonly height: string | undefined
  readonly viewBox: string | undefined
  /** The font size, to which `em` and `ex` are relative: a CSS length. */
  readonly fontSize: string | undefined
}

/** In CSS pixels, not rounded. */
export interface SvgSize {
  readonly width: number
  readonly height: number
}

/**
 * How large a drawing says it is, in CSS pixels (96 per inch), not rounded, as browsers lay it out. If it has
 * no sides, or sides that depend on the page, it has those of its view box, as in every drawing program.
 */
export const measureSvg = (sides: SvgSides): SvgSize => {
  const { width, height } = measure(sides)
  return { width: toDigits(width), height: toDigits(height) }
}

/** Rounded to the digits of a length in a file: 25.4 mm are exactly 96 pixels. */
const toDigits = (pixels: number): number => Number(pixels.toPrecision(8))

const measure = ({ width, height, viewBox, fontSize }: SvgSides): SvgSize => {
  const em = toPixels(fontSize, DEFAULT_FONT_PIXELS) ?? DEFAULT_FONT_PIXELS
  const own = { width: toPixels(width, em), height: toPixels(height, em) }
  const box = readViewBox(viewBox)
  if (own.width !== undefined && own.height !== undefined) return { width: own.width, height: own.height }
  if (box === undefined)
    return { width: own.width ?? DEFAULT_SIDES.width, height: own.height ?? DEFAULT_SIDES.height }
  if (own.width !== undefined) return { width: own.width, height: (own.width * box.height) / box.width }
  if (own.height !== undefined) return { width: (own.height * box.width) / box.height, height: own.height }
  return box
}

const DEFAULT_FONT_PIXELS = 16
/** The CSS default for a replaced element without a size (CSS 2.2, 10.3.2). */
const DEFAULT_SIDES: SvgSize = { width: 300, height: 150 }

const PIXELS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['px', 1],
  ['pt', 96 / 72],
  ['pc', 16],
  ['in', 96],
  ['cm', 96 / 2.54],
  ['mm', 96 / 25.4],
  ['q', 96 / 101.6],
  ['rem', DEFAULT_FONT_PIXELS],
])

const LENGTH = /^\s*(\+?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*(?:([a-z]+)\s*)?$/i

/** Undefined where it cannot be measured, or is not visible. */
const toPixels = (text: string | undefined, em: number): number | undefined => {
  const [, number = '', unit = ''] = LENGTH.exec(text ?? '') ?? []
  const factor = PIXELS.get(unit.toLowerCase()) ?? toFontFactor(unit, em)
  const pixels = number === '' || factor === undefined ? 0 : Number(number) * factor
  return pixels > 0 && Number.isFinite(pixels) ? pixels : undefined
}

/** CSS Values, 6.1.1: without the font, `ex` and `ch` are half of its size. */
const toFontFactor = (unit: string, em: number): number | undefined => {
  const name = unit.toLowerCase()
  if (name === 'em') return em
  return name === 'ex' || name === 'ch' ? em / 2 : undefined
}

/** The sides of a view box; undefined where it is none. */
export const readViewBox = (text: string | undefined): SvgSize | undefined => {
  const [, , width, height, ...more] = (text ?? '')
    .trim()
    .split(/\s*,\s*|\s+/)
    .map(Number)
  if (width === undefined || height === undefined || more.length > 0) return undefined
  return width > 0 && height > 0 && Number.isFinite(width * height) ? { width, height } : undefined
}
