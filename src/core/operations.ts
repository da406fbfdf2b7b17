import { type CoverPosition, formatPosition, parsePosition } from './position.ts'

/**
 * What may be done to a picture besides its resize (docs/reference/contracts.md). In a key they stand between position
 * and background, in the order of {@link OPERATIONS}, each at most once and in only one spelling.
 *
 * They are applied in imgproxy's order: trim, rotate, flip, crop, the resize, blur, sharpen, pixelate,
 * pad, watermark.
 */
export interface Operations {
  /** Degrees clockwise, after EXIF orientation is applied. */
  readonly rotate?: Turn
  /** Swaps left and right, top and bottom, or both. */
  readonly flip?: Flip
  /** The part that is resized. */
  readonly crop?: Crop
  /** 0..255: edges that differ from the upper left pixel by no more than this are cut off. */
  readonly trim?: number
  /** Added around the resized picture. */
  readonly pad?: Padding
  /** Hundredths of the Gaussian's sigma, {@link MIN_BLUR}..10000. */
  readonly blur?: number
  /** Hundredths of the Gaussian's sigma, 1..1000. */
  readonly sharpen?: number
  /** The side of each square in pixels, 2..1000. */
  readonly pixelate?: number
  /** Multiplies every length in pixels, but never enlarges the picture (`density.ts`): 0.0001..999, not 1. */
  readonly dpr?: number
  /** Whether the picture may be made larger than it is. */
  readonly enlarge?: true
  /** Kilobytes of 1,000 bytes: the quality is lowered until the file fits. PNG and GIF ignore it. */
  readonly max?: number
  /** The first six hex digits of the SHA-256 of the configured watermark's file. */
  readonly watermark?: string
}

/** Degrees clockwise. */
export type Turn = 90 | 180 | 270

/** `h` swaps left and right, `v` top and bottom, `hv` both. */
export type Flip = 'h' | 'v' | 'hv'

/** A side in pixels 1..65535, or in percent 1..100 of the picture's side. */
export type Extent = { readonly pixels: number } | { readonly percent: number }

/** A part of the picture, reduced to the picture where that is smaller. Never the whole picture. */
export interface Crop {
  readonly width: Extent
  readonly height: Extent
  /** Undefined: the centre. */
  readonly position?: CoverPosition
}

/** Pixels 0..16383, not all of them 0. */
export interface Padding {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

/** The least sigma that libvips can blur with: 0.3. */
export const MIN_BLUR = 30
/** The ranges of {@link Operations}. */
export const RANGES = {
  trim: [0, 255],
  blur: [MIN_BLUR, 10_000],
  sharpen: [1, 1000],
  pixelate: [2, 1000],
  max: [1, 65_535],
} as const

/** One operation: its token, and how its argument is read and written. */
interface Operation {
  readonly token: string
  /** Undefined where the argument is out of range. Other spellings are found by writing the value again. */
  readonly read: (argument: string) => Operations | undefined
  /** The argument; undefined where the operation is not used. */
  readonly write: (operations: Operations) => string | undefined
}

const wholeNumber = <F extends keyof typeof RANGES>(field: F): Operation => {
  const [least, most] = RANGES[field]
  return {
    token: field,
    read: (argument) => {
      const value = Number(argument)
      return Number.isInteger(value) && value >= least && value <= most ? { [field]: value } : undefined
    },
    write: (operations) => operations[field]?.toString(),
  }
}

const TURNS: Readonly<Record<string, Turn>> = { '90': 90, '180': 180, '270': 270 }
const FLIPS: Readonly<Record<string, Flip>> = { h: 'h', v: 'v', hv: 'hv' }

const readCrop = (argument: string): Operations | undefined => {
  const [, w = '', h = '', at = ''] = /^([0-9]+p?)-([0-9]+p?)-([a-z0-9-]+)$/.exec(argument) ?? []
  const [width, height] = [parseExtent(w), parseExtent(h)]
  if (width === undefined || height === undefined || (w === WHOLE && h === WHOLE)) return undefined
  if (at === 'centre') return { crop: { width, height } }
  const position = parsePosition(at)
  return position && { crop: { width, height, position } }
}

const WHOLE = '100p'
const MAX_EXTENT = 65_535

const parseExtent = (text: string): Extent | undefined => {
  const isPercent = text.endsWith('p')
  const value = Number(isPercent ? text.slice(0, -1) : text)
  if (!Number.isInteger(value) || value < 1 || value > (isPercent ? 100 : MAX_EXTENT)) return undefined
  return isPercent ? { percent: value } : { pixels: value }
}

const formatExtent = (extent: Extent): string =>
  'percent' in extent ? `${extent.percent}p` : String(extent.pixels)

const readPad = (argument: string): Operations | undefined => {
  const sides = argument.split('-').map(Number)
  const [top = -1, right = -1, bottom = -1, left = -1] = sides
  const isPadding =
    sides.length === 4 &&
    sides.every((side) => Number.isInteger(side) && side >= 0 && side <= MAX_PAD) &&
    sides.some((side) => side > 0)
  return isPadding ? { pad: { top, right, bottom, left } } : undefined
}

const MAX_PAD = 16_383

/** The largest density that a key can have. */
export const MAX_DPR = 999

/** "2-625" means 2.625: a point would end the operation. */
const readDpr = (argument: string): Operations | undefined => {
  if (!/^[0-9]{1,3}(?:-[0-9]{1,4})?$/.test(argument)) return undefined
  const dpr = Number(argument.replace('-', '.'))
  return dpr > 0 && dpr <= MAX_DPR ? { dpr } : undefined
}

/** In the order in which they stand in a key. */
const OPERATIONS: readonly Operation[] = [
  {
    token: 'rotate',
    read: (argument) => (TURNS[argument] === undefined ? undefined : { rotate: TURNS[argument] }),
    write: ({ rotate }) => rotate?.toString(),
  },
  {
    token: 'flip',
    read: (argument) => (FLIPS[argument] === undefined ? undefined : { flip: FLIPS[argument] }),
    write: ({ flip }) => flip,
  },
  {
    token: 'crop',
    read: readCrop,
    write: ({ crop }) =>
      crop &&
      [
        formatExtent(crop.width),
        formatExtent(crop.height),
        crop.position === undefined ? 'centre' : formatPosition(crop.position),
      ].join('-'),
  },
  wholeNumber('trim'),
  {
    token: 'pad',
    read: readPad,
    write: ({ pad }) => pad && [pad.top, pad.right, pad.bottom, pad.left].join('-'),
  },
  wholeNumber('blur'),
  wholeNumber('sharpen'),
  wholeNumber('pixelate'),
  { token: 'dpr', read: readDpr, write: ({ dpr }) => dpr?.toString().replace('.', '-') },
  {
    token: 'enlarge',
    read: (argument) => (argument === '' ? { enlarge: true } : undefined),
    write: ({ enlarge }) => (enlarge ? '' : undefined),
  },
  wholeNumber('max'),
  {
    token: 'wm',
    read: (argument) => (/^[0-9a-f]{6}$/.test(argument) ? { watermark: argument } : undefined),
    write: ({ watermark }) => watermark,
  },
]

/** The operations in `text`, such as ".rotate-90.blur-150"; undefined where it is not their canonical spelling. */
export const parseOperations = (text: string): Operations | undefined => {
  let operations: Operations = {}
  for (const token of text.split('.').slice(1)) {
    const dash = token.indexOf('-')
    const name = dash === -1 ? token : token.slice(0, dash)
    const read = OPERATIONS.find((operation) => operation.token === name)?.read(
      dash === -1 ? '' : token.slice(dash + 1),
    )
    if (read === undefined) return undefined
    operations = { ...operations, ...read }
  }
  // Leading zeros, another order, or a repetition would be another spelling of the same.
  return formatOperations(operations) === text ? operations : undefined
}

/** The inverse of {@link parseOperations}; each has a dot before it. */
export const formatOperations = (operations: Operations): string => {
  let text = ''
  for (const { token, write } of OPERATIONS) {
    const argument = write(operations)
    if (argument !== undefined) text += argument === '' ? `.${token}` : `.${token}-${argument}`
  }
  return text
}
