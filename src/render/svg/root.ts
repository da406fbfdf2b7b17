import type { SvgSize } from './size.ts'
import type { Attribute } from './walk.ts'

/** Beyond this librsvg draws nothing, however small the result is to be. */
const LONGEST_SIDE = 16_383
/** Where sides are no whole pixels they are made so many times as long, so that rounding loses nothing. */
const FINE_SIDE = 2_000

/**
 * The attributes of the outermost element with sides that librsvg takes as browsers do: it knows inches as 72 pixels,
 * and whole pixels alone. Sides in whole pixels stay as they are.
 */
export const toDrawnRoot = (root: readonly Attribute[], size: SvgSize): readonly Attribute[] => {
  const longest = Math.max(size.width, size.height)
  const isWhole = Number.isInteger(size.width) && Number.isInteger(size.height) && longest <= LONGEST_SIDE
  if (isWhole && root.every(({ name, value }) => !SIDES.has(name) || IN_PIXELS.test(value))) return root
  const factor = isWhole ? 1 : FINE_SIDE / longest
  const toSide = (side: number): string => String(Math.max(1, Math.round(side * factor)))
  const viewBox = root.find(({ name }) => name === 'viewBox')?.value ?? `0 0 ${size.width} ${size.height}`
  return [
    ...root.filter(({ name }) => !SIDES.has(name) && name !== 'viewBox'),
    { name: 'width', value: toSide(size.width) },
    { name: 'height', value: toSide(size.height) },
    { name: 'viewBox', value: viewBox },
  ]
}

const SIDES = new Set(['width', 'height'])
const IN_PIXELS = /^\s*\+?[\d.]+(?:px)?\s*$/
