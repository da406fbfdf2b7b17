import {
  type CompassPoint,
  type CoverPosition,
  formatPosition,
  isCompassPoint,
  parsePosition,
} from './position.ts'

/**
 * The box or side asked for, in pixels 1..16383, and how the picture is fitted into it; `full` is the picture's own
 * size.
 *
 * Four fits fill the box and crop. They differ for a picture that is smaller than the box: `cover` makes the box
 * smaller but keeps its proportions, and so does `down`, imgproxy's name for it; `clip` cuts each side separately, as
 * imgproxy's `fill` and nginx's `crop` do. `auto` is `clip` where box and picture are both portrait or both landscape,
 * otherwise `inside`. Two fits stretch: `fill` makes each side smaller separately, `stretch` makes the box smaller in
 * its proportions, as imgproxy's `force` does.
 */
export type Resize =
  | { readonly kind: 'full' }
  | { readonly kind: 'width'; readonly width: number }
  | { readonly kind: 'height'; readonly height: number }
  | { readonly kind: 'inside' | 'fill' | 'stretch'; readonly width: number; readonly height: number }
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
type CroppingFit = 'cover' | 'down' | 'clip' | 'auto'

/** The longest side of a result in pixels: WebP's limit (14 bits), used for every format. */
export const MAX_SIDE = 16383

/** The parts of a resize as they are written; undefined where absent. */
type ResizeTexts = Readonly<
  Record<'full' | 'width' | 'height' | 'box' | 'fit' | 'position', string | undefined>
>

/** The resize that these parts spell; undefined where they do not fit together. */
export const readResize = (texts: ResizeTexts): Resize | undefined => {
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
    case 'stretch':
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

/** The inverse of {@link readResize}. */
export const formatResize = (resize: Resize): string => {
  switch (resize.kind) {
    case 'full':
      return 'full'
    case 'width':
      return `${resize.width}w`
    case 'height':
      return `${resize.height}h`
    default: {
      const box = `${resize.width}x${resize.height}.${resize.kind}`
      const position = 'position' in resize ? resize.position : undefined
      return position === undefined ? box : `${box}.${formatPosition(position)}`
    }
  }
}
