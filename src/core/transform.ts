/**
 * The transform: what a result shows, as a value and as its one canonical spelling (DESIGN section 2).
 *
 *     transform = size *( "." option )
 *     option    = fit | position | background | quality | version      in this order, each at most once
 */

/** The eight edges and corners; the centre is the default and never written. */
export type CompassPoint = (typeof COMPASS_POINTS)[number]

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

/** A point of the picture in per mille of its width from the left and of its height from the top, 0..1000. */
export interface Focus {
  readonly x: number
  readonly y: number
}

/** Where `cover` crops; absent, the centre. */
export type CoverPosition = CompassPoint | 'attention' | Focus

/** The box or side asked for, in pixels 1..16383, and how the picture goes into it. */
export type Resize =
  | { readonly kind: 'width'; readonly width: number }
  | { readonly kind: 'height'; readonly height: number }
  | { readonly kind: 'inside' | 'fill'; readonly width: number; readonly height: number }
  | {
      readonly kind: 'contain'
      readonly width: number
      readonly height: number
      readonly position?: CompassPoint
    }
  | {
      readonly kind: 'cover'
      readonly width: number
      readonly height: number
      readonly position?: CoverPosition
    }

/** Everything about a result but its source and format. */
export interface Transform {
  readonly resize: Resize
  /** Six lower-case hex digits, RGB; lies under padding and transparency. */
  readonly background?: string
  /** 1..100, what the eye sees, in mozjpeg's terms. */
  readonly quality: number
  /** Ten lower-case hex digits; only where versions are on. */
  readonly version?: string
}

/** The longest side of a result in pixels: WebP's limit (14 bits), kept for every format. */
export const MAX_SIDE = 16383

/** The transform that `text` spells, or undefined: any other spelling of the same thing is refused. */
export const parseTransform = (text: string): Transform | undefined => {
  const match = GRAMMAR.exec(text)
  if (match?.groups === undefined) return undefined
  const { width, height, box, fit, position, background, quality, version } = match.groups
  const resize = readResize({ width, height, box, fit, position })
  if (resize === undefined) return undefined
  return {
    resize,
    ...(background !== undefined && { background }),
    quality: Number(quality),
    ...(version !== undefined && { version }),
  }
}

/** The canonical spelling of a transform: the inverse of {@link parseTransform}. */
export const formatTransform = (transform: Transform): string => {
  const { resize, background, quality, version } = transform
  let text = formatResize(resize)
  if (background !== undefined) text += `.bg-${background}`
  text += `.q${quality}`
  if (version !== undefined) text += `.v-${version}`
  return text
}

/** The same transform for one version of its source; undefined for where versions are off. */
export const withVersion = (transform: Transform, version: string | undefined): Transform => {
  const { version: _, ...rest } = transform
  return version === undefined ? rest : { ...rest, version }
}

const SIDE = '[1-9][0-9]{0,4}'
const GRAMMAR = new RegExp(
  `^(?:(?<width>${SIDE})w|(?<height>${SIDE})h|(?<box>${SIDE}x${SIDE}))` +
    '(?:\\.(?<fit>cover|inside|contain|fill))?' +
    '(?:\\.(?<position>(?:top|bottom)(?:-left|-right)?|left|right|attention|focus-[0-9]{1,4}-[0-9]{1,4}))?' +
    '(?:\\.bg-(?<background>[0-9a-f]{6}))?' +
    '\\.q(?<quality>100|[1-9][0-9]?)' +
    '(?:\\.v-(?<version>[0-9a-f]{10}))?$',
)

type ResizeTexts = Readonly<Record<'width' | 'height' | 'box' | 'fit' | 'position', string | undefined>>

const readResize = (texts: ResizeTexts): Resize | undefined => {
  const { fit, position } = texts
  if (texts.box === undefined) {
    const side = Number(texts.width ?? texts.height)
    if (side > MAX_SIDE || fit !== undefined || position !== undefined) return undefined
    return texts.width === undefined ? { kind: 'height', height: side } : { kind: 'width', width: side }
  }
  const [width = 0, height = 0] = texts.box.split('x').map(Number)
  if (width > MAX_SIDE || height > MAX_SIDE) return undefined
  switch (fit) {
    case 'inside':
    case 'fill':
      return position === undefined ? { kind: fit, width, height } : undefined
    case 'contain': {
      if (position === undefined) return { kind: fit, width, height }
      return isCompassPoint(position) ? { kind: fit, width, height, position } : undefined
    }
    case 'cover': {
      if (position === undefined) return { kind: fit, width, height }
      const read = readCoverPosition(position)
      return read === undefined ? undefined : { kind: fit, width, height, position: read }
    }
    default:
      return undefined
  }
}

const readCoverPosition = (text: string): CoverPosition | undefined => {
  if (isCompassPoint(text) || text === 'attention') return text
  const [x = '', y = ''] = text.slice('focus-'.length).split('-')
  const focus = { x: Number(x), y: Number(y) }
  return String(focus.x) === x && String(focus.y) === y && isFocus(focus) ? focus : undefined
}

const isCompassPoint = (text: string): text is CompassPoint =>
  (COMPASS_POINTS as readonly string[]).includes(text)

/** Whether a focus may be written: in range, and not one that a compass point or the centre spells. */
export const isFocus = ({ x, y }: Focus): boolean =>
  Number.isInteger(x) &&
  Number.isInteger(y) &&
  x >= 0 &&
  y >= 0 &&
  x <= 1000 &&
  y <= 1000 &&
  !(x % 500 === 0 && y % 500 === 0)

const formatResize = (resize: Resize): string => {
  switch (resize.kind) {
    case 'width':
      return `${resize.width}w`
    case 'height':
      return `${resize.height}h`
    case 'inside':
    case 'fill':
      return `${resize.width}x${resize.height}.${resize.kind}`
    case 'contain':
    case 'cover': {
      const box = `${resize.width}x${resize.height}.${resize.kind}`
      return resize.position === undefined ? box : `${box}.${formatPosition(resize.position)}`
    }
  }
}

const formatPosition = (position: CoverPosition): string =>
  typeof position === 'string' ? position : `focus-${position.x}-${position.y}`

/** The position that a focus means: a compass point or the centre where one spells it. */
export const toCoverPosition = (focus: Focus): CoverPosition | undefined => {
  if (isFocus(focus)) return focus
  const vertical = focus.y === 0 ? 'top' : focus.y === 1000 ? 'bottom' : ''
  const horizontal = focus.x === 0 ? 'left' : focus.x === 1000 ? 'right' : ''
  const point = [vertical, horizontal].filter((word) => word !== '').join('-')
  return isCompassPoint(point) ? point : undefined
}
