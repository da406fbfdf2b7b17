import type { Format } from '../core/format.ts'
import { type CoverPosition, toCoverPosition } from '../core/position.ts'

/** An argument's value; undefined where it is none. */
export type Read<T> = (text: string) => T | undefined

export const number = (least: number, most: number): Read<number> => {
  return (text) => {
    const value = /^-?[0-9]+(?:\.[0-9]+)?$|^\.[0-9]+$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? value : undefined
  }
}

export const whole = (least: number, most: number): Read<number> => {
  const read = number(least, most)
  return (text) => {
    const value = read(text)
    return Number.isInteger(value) ? value : undefined
  }
}

/** As Go reads them. */
export const boolean: Read<boolean> = (text) =>
  /^(?:1|t|T|TRUE|true|True)$/.test(text)
    ? true
    : /^(?:0|f|F|FALSE|false|False)$/.test(text)
      ? false
      : undefined

export const oneOf =
  <T extends string>(words: readonly T[]): Read<T> =>
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

/** A format as imgproxy names it. */
export const readFormat = (name: string): Format | undefined =>
  Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined

const GRAVITIES: Readonly<Record<string, CoverPosition | 'centre'>> = {
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

/** Offsets move a crop by pixels, which no key can say. */
export const readGravity = (args: readonly string[]): CoverPosition | 'centre' | undefined => {
  const [type = '', x = '', y = '', ...rest] = args
  if (rest.length > 0) return undefined
  if (type === 'fp') return readFocus(x, y)
  if (type === 'sm') return x === '' && y === '' ? 'attention' : undefined
  const isOffset = [x, y].some((text) => text !== '' && Number(text) !== 0)
  return isOffset || !Object.hasOwn(GRAVITIES, type) ? undefined : GRAVITIES[type]
}

const readFocus = (x: string, y: string): CoverPosition | 'centre' | undefined => {
  const share = number(0, 1)
  const [left, top] = [share(x), share(y)]
  if (left === undefined || top === undefined) return undefined
  return toCoverPosition({ x: Math.round(left * 1000), y: Math.round(top * 1000) }) ?? 'centre'
}
