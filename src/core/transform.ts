import { formatOperations, type Operations, parseOperations } from './operations.ts'
import {
  type CompassPoint,
  type CoverPosition,
  formatPosition,
  isCompassPoint,
  parsePosition,
} from './position.ts'

/**
 * The transform: what a result shows, as a value and as its one canonical spelling (DESIGN section 2).
 *
 *     transform = size *( "." option )
 *     option    = fit | position | operations | background | quality | version    in this order, each at most once
 */

export {
  COMPASS_POINTS,
  type CompassPoint,
  type CoverPosition,
  type Focus,
  isFocus,
  toCoverPosition,
} from './position.ts'

/**
 * The box or side asked for, in pixels 1..16383, and how the picture goes into it; `full` is the picture's own size.
 *
 * Four fits fill the box and crop. They differ in what they do with a picture smaller than the box: `cover` makes
 * the box smaller in its proportions, and so does `down`, which is imgproxy's name for it; `clip` cuts each side by
 * itself, as imgproxy's `fill` and nginx's `crop` do. `auto` is `clip` where box and picture are both upright or
 * both lying, else `inside`.
 */
export type Resize =
  | { readonly kind: 'full' }
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
      readonly kind: CroppingFit
      readonly width: number
      readonly height: number
      readonly position?: CoverPosition
    }

/** The fits that take a position of any kind. */
export type CroppingFit = 'cover' | 'down' | 'clip' | 'auto'

/** Everything about a result but its source and format. */
export interface Transform extends Operations {
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
  const { full, width, height, box, fit, position, background, quality, version } = match.groups
  const resize = readResize({ full, width, height, box, fit, position })
  const operations = parseOperations(match.groups.operations ?? '')
  if (resize === undefined || operations === undefined) return undefined
  return {
    resize,
    ...operations,
    ...(background !== undefined && { background }),
    quality: Number(quality),
    ...(version !== undefined && { version }),
  }
}

/** The canonical spelling of a transform: the inverse of {@link parseTransform}. */
export const formatTransform = (transform: Transform): string => {
  const { resize, background, quality, version } = transform
  let text = formatResize(resize) + formatOperations(transform)
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
  `^(?:(?<full>full)|(?<width>${SIDE})w|(?<height>${SIDE})h|(?<box>${SIDE}x${SIDE}))` +
    '(?:\\.(?<fit>cover|inside|contain|fill|auto|down|clip))?' +
    '(?:\\.(?<position>(?:top|bottom)(?:-left|-right)?|left|right|attention|focus-[0-9]{1,4}-[0-9]{1,4}))?' +
    '(?<operations>(?:\\.(?:enlarge|(?:rotate|flip|crop|trim|pad|blur|sharpen|pixelate|max|wm)-[a-z0-9-]+))*)' +
    '(?:\\.bg-(?<background>[0-9a-f]{6}))?' +
    '\\.q(?<quality>100|[1-9][0-9]?)' +
    '(?:\\.v-(?<version>[0-9a-f]{10}))?$',
)

type ResizeTexts = Readonly<
  Record<'full' | 'width' | 'height' | 'box' | 'fit' | 'position', string | undefined>
>

const readResize = (texts: ResizeTexts): Resize | undefined => {
  const { fit, position } = texts
  if (texts.box === undefined) {
    if (texts.full !== undefined)
      return fit === undefined && position === undefined ? { kind: 'full' } : undefined
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
    case 'cover':
    case 'down':
    case 'clip':
    case 'auto': {
      if (position === undefined) return { kind: fit, width, height }
      const read = parsePosition(position)
      return read === undefined ? undefined : { kind: fit, width, height, position: read }
    }
    default:
      return undefined
  }
}

const formatResize = (resize: Resize): string => {
  switch (resize.kind) {
    case 'full':
      return 'full'
    case 'width':
      return `${resize.width}w`
    case 'height':
      return `${resize.height}h`
    case 'inside':
    case 'fill':
      return `${resize.width}x${resize.height}.${resize.kind}`
    case 'contain':
    case 'cover':
    case 'down':
    case 'clip':
    case 'auto': {
      const box = `${resize.width}x${resize.height}.${resize.kind}`
      return resize.position === undefined ? box : `${box}.${formatPosition(resize.position)}`
    }
  }
}
