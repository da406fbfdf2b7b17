import type { Size } from '../../core/geometry.ts'

/** The attributes of the outermost element that say how large it is; `em` and `ex` are relative to its font size. */
type SvgSides = Readonly<Record<'width' | 'height' | 'viewBox' | 'fontSize', string | undefined>>

/** In CSS pixels, not rounded. */
export type SvgSize = Size

/**
 * How large a drawing says it is, in CSS pixels (96 per inch), not rounded, as browsers lay it out. If it has
 * no sides, or sides that depend on the page, it has those of its view box, as in every drawing program.
 */
export const measureSvg = (sides: SvgSides): SvgSize => {
  const em = toPixels(sides.fontSize, DEFAULT_FONT_PIXELS) ?? DEFAULT_FONT_PIXELS
  const [width, height] = [toPixels(sides.width, em), toPixels(sides.height, em)]
  const box = readViewBox(sides.viewBox)
  const { width: across, height: down } = box ?? DEFAULT_SIDES
  return {
    width: toDigits(width ?? (box && height ? (height * across) / down : across)),
    height: toDigits(height ?? (box && width ? (width * down) / across : down)),
  }
}

/** Rounded to the digits of a length in a file: 25.4 mm are exactly 96 pixels. */
const toDigits = (pixels: number): number => Number(pixels.toPrecision(8))

const DEFAULT_FONT_PIXELS = 16
/** The CSS default for a replaced element without a size (CSS 2.2, 10.3.2). */
const DEFAULT_SIDES: SvgSize = { width: 300, height: 150 }

const PIXELS: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  q: 96 / 101.6,
  rem: DEFAULT_FONT_PIXELS,
}

const LENGTH = /^\s*(\+?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*(?:([a-z]+)\s*)?$/i

/** Undefined where it cannot be measured, or is not visible. */
const toPixels = (text: string | undefined, em: number): number | undefined => {
  const [, number = '', unit = ''] = LENGTH.exec(text ?? '') ?? []
  const name = unit.toLowerCase()
  const pixels = Number(number) * (PIXELS[name] ?? (FONTS[name] ?? 0) * em)
  return pixels > 0 && Number.isFinite(pixels) ? pixels : undefined
}

/** CSS Values, 6.1.1: without the font, `ex` and `ch` are half of its size. */
const FONTS: Readonly<Record<string, number>> = { em: 1, ex: 0.5, ch: 0.5 }

/** The sides of a view box; undefined where it is none. */
export const readViewBox = (text: string | undefined): SvgSize | undefined => {
  const [, , width, height, ...more] = (text ?? '')
    .trim()
    .split(/\s*,\s*|\s+/)
    .map(Number)
  if (width === undefined || height === undefined || more.length > 0) return undefined
  return width > 0 && height > 0 && Number.isFinite(width * height) ? { width, height } : undefined
}
