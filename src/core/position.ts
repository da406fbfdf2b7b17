/** The eight edges and corners; the centre is the default, and never written. */
export type CompassPoint = (typeof COMPASS_POINTS)[number]

/** All of them, as they are written in keys. */
export const COMPASS_POINTS = [
  'top',
  'right',
  'bottom',
  'left',
  'top-left',
  'top-right',
  'bottom-left',
  'bottom-right',
] as const

/** A point of the picture in per mille of its sides. */
export interface Focus {
  /** 0..1000 of the width, from the left. */
  readonly x: number
  /** 0..1000 of the height, from the top. */
  readonly y: number
}

/** Which part of a picture a crop keeps; where it is undefined, the centre. */
export type CoverPosition = CompassPoint | 'attention' | Focus

/** The position that `text` spells; undefined for other texts. Each has one spelling; the centre has none. */
export const parsePosition = (text: string): CoverPosition | undefined => {
  if (isCompassPoint(text) || text === 'attention') return text
  if (!text.startsWith('focus-')) return undefined
  const [x = '', y = '', ...rest] = text.slice('focus-'.length).split('-')
  const focus = { x: Number(x), y: Number(y) }
  const isSpelled = rest.length === 0 && String(focus.x) === x && String(focus.y) === y
  return isSpelled && isFocus(focus) ? focus : undefined
}

/** The inverse of {@link parsePosition}. */
export const formatPosition = (position: CoverPosition): string =>
  typeof position === 'string' ? position : `focus-${position.x}-${position.y}`

/** Whether a text names an edge or a corner. */
export const isCompassPoint = (text: string): text is CompassPoint =>
  (COMPASS_POINTS as readonly string[]).includes(text)

/** Whether a focus may be written: in range, and not a point that has a name, or the centre. */
export const isFocus = ({ x, y }: Focus): boolean =>
  Number.isInteger(x) &&
  Number.isInteger(y) &&
  x >= 0 &&
  y >= 0 &&
  x <= 1000 &&
  y <= 1000 &&
  !(x % 500 === 0 && y % 500 === 0)

/** The position that a focus means: the named point where it has a name, undefined for the centre. */
export const toCoverPosition = (focus: Focus): CoverPosition | undefined => {
  if (isFocus(focus)) return focus
  const vertical = focus.y === 0 ? 'top' : focus.y === 1000 ? 'bottom' : ''
  const horizontal = focus.x === 0 ? 'left' : focus.x === 1000 ? 'right' : ''
  const point = [vertical, horizontal].filter((word) => word !== '').join('-')
  return isCompassPoint(point) ? point : undefined
}

/** The point that a position means. `attention`: the point that attracts the eye, by default the centre. */
export const toFocus = (position: CoverPosition | undefined, attention: Focus = CENTRE): Focus => {
  if (typeof position === 'object') return position
  if (position === 'attention') return attention
  const word = position ?? ''
  return {
    x: word.endsWith('left') ? 0 : word.endsWith('right') ? 1000 : 500,
    y: word.startsWith('top') ? 0 : word.startsWith('bottom') ? 1000 : 500,
  }
}

const CENTRE: Focus = { x: 500, y: 500 }
