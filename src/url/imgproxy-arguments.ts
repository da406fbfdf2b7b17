import type { Format } from '../core/format.ts'
import { type CoverPosition, toCoverPosition } from '../core/position.ts'

/** Reads the value of an argument; undefined where it is invalid. */
export type ArgumentReader<T> = (text: string) => T | undefined

/** A decimal number from `least` to `most`. */
export const number = (least: number, most: number): ArgumentReader<number> => {
  return (text) => {
    const value = /^-?[0-9]+(?:\.[0-9]+)?$|^\.[0-9]+$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? value : undefined
  }
}

/** A whole number from `least` to `most`. */
export const whole = (least: number, most: number): ArgumentReader<number> => {
  const read = number(least, most)
  return (text) => {
    const value = read(text)
    return Number.isInteger(value) ? value : undefined
  }
}

/** True and false as Go reads them. */
export const goBoolean: ArgumentReader<boolean> = (text) =>
  /^(?:1|t|T|TRUE|true|True)$/.test(text)
    ? true
    : /^(?:0|f|F|FALSE|false|False)$/.test(text)
      ? false
      : undefined

/** One of these words. */
export const oneOf =
  <T extends string>(words: readonly T[]): ArgumentReader<T> =>
  (text) =>
    words.find((word) => word === text)

const FORMATS: Readonly<Record<string, Format>> = {
  jpg: 'jpg',
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
}

/** The format that imgproxy calls by this name. */
export const readFormat = (name: string): Format | undefined =>
  Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined

const GRAVITIES: Readonly<Record<string, Gravity>> = {
  ce: 'centre',
  no: 'top',
  so: 'bottom',
  ea: 'right',
  we: 'left',
  noea: 'top-right',
  nowe: 'top-left',
  soea: 'bottom-right',
  sowe: 'bottom-left',
}

/** Which part of a picture a crop keeps. */
export type Gravity = CoverPosition | 'centre'

/**
 * What the arguments of a gravity say; blank ones keep `before`. Without `at` where nothing was ever said; undefined
 * where they are refused. Offsets move a crop by pixels, which no key can express.
 */
export const readGravity = (
  [type = '', x = '', y = '', ...rest]: readonly string[],
  before: Gravity | undefined,
): { readonly at?: Gravity } | undefined => {
  if (rest.length > 0) return undefined
  if (type === 'fp') return readFocus([x, y], before)
  if (type === 'sm') return x === '' && y === '' ? { at: 'attention' } : undefined
  if (isOffset(x) || isOffset(y)) return undefined
  if (type === '') return before === undefined ? {} : { at: before }
  return readCompass(type)
}

/** An edge, a corner or the centre; undefined for anything else. */
export const readCompass = (type: string): { readonly at: Gravity } | undefined => {
  const at = Object.hasOwn(GRAVITIES, type) ? GRAVITIES[type] : undefined
  return at && { at }
}

/** Whether an argument is an offset other than 0. */
export const isOffset = (text: string): boolean => text !== '' && Number(text) !== 0

const readFocus = (
  [x = '', y = '']: readonly string[],
  before: Gravity | undefined,
): { readonly at: Gravity } | undefined => {
  const earlier = typeof before === 'object' ? before : undefined
  const [left, top] = [readShare(x, earlier?.x), readShare(y, earlier?.y)]
  if (left === undefined || top === undefined) return undefined
  return { at: toCoverPosition({ x: left, y: top }) ?? 'centre' }
}

/** In per mille. */
const readShare = (text: string, before: number | undefined): number | undefined => {
  if (text === '') return before
  const share = number(0, 1)(text)
  return share === undefined ? undefined : Math.round(share * 1000)
}
