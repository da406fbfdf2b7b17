import type { Format } from '../core/format.ts'
import { READ_OPTIONS, type ReadOptionName } from '../core/imgproxy-names.ts'
import type { Turn } from '../core/operations.ts'
import {
  type ArgumentReader,
  type Gravity,
  goBoolean,
  isOffset,
  number,
  oneOf,
  readCompass,
  readFormat,
  readGravity,
  whole,
} from './imgproxy-arguments.ts'

/** What an imgproxy URL says, as far as a key can express it. */
export interface ImgproxyOptions {
  readonly type: ResizingType
  /** 0: derived from the height. */
  readonly width: number
  readonly height: number
  readonly zoomX: number
  readonly zoomY: number
  readonly dpr: number
  readonly enlarge: boolean
  readonly extend: boolean
  readonly extendGravity: Gravity
  readonly gravity: Gravity
  readonly crop?: ImgproxyCrop
  /** 0: the default. */
  readonly quality: number
  readonly formatQuality: Readonly<Partial<Record<Format, number>>>
  readonly maxBytes: number
  readonly format?: Format
  /** Six hex digits; "": none. */
  readonly background: string
  readonly blur: number
  readonly sharpen: number
  readonly pixelate: number
  readonly rotate: 0 | Turn
  readonly flipH: boolean
  readonly flipV: boolean
  readonly trim?: number
  readonly pad: readonly [top: number, right: number, bottom: number, left: number]
  readonly watermark?: ImgproxyWatermark
  /** Seconds since 1970; 0: never. */
  readonly expires: number
}

type ResizingType = 'fit' | 'fill' | 'fill-down' | 'force' | 'auto'

/** The part of the picture that is cut out before anything else. */
export interface ImgproxyCrop {
  /** Below 1 a share of the side; 0: all of it. */
  readonly width: number
  readonly height: number
  /** Undefined: that of the resize. */
  readonly gravity?: Gravity
}

/** A key can only express the configured watermark; what is absent here is as configured. */
interface ImgproxyWatermark {
  readonly opacity: number
  readonly position?: Gravity
  readonly scale?: number
}

/** The options of a URL that names none. */
export const DEFAULT_OPTIONS: ImgproxyOptions = {
  type: 'fit',
  width: 0,
  height: 0,
  zoomX: 1,
  zoomY: 1,
  dpr: 1,
  enlarge: false,
  extend: false,
  extendGravity: 'centre',
  gravity: 'centre',
  quality: 0,
  formatQuality: {},
  maxBytes: 0,
  background: '',
  blur: 0,
  sharpen: 0,
  pixelate: 0,
  rotate: 0,
  flipH: false,
  flipV: false,
  pad: [0, 0, 0, 0],
  expires: 0,
}

type Change = Partial<ImgproxyOptions>

/** What the arguments change, given the options so far; undefined: refused. */
type ReadOption = (args: readonly string[], before: ImgproxyOptions) => Change | undefined

const MAX_INT = 2 ** 31 - 1
const side = whole(0, MAX_INT)
const factor = number(Number.MIN_VALUE, MAX_INT)
const resizingType = oneOf<ResizingType>(['fit', 'fill', 'fill-down', 'force', 'auto'])

/** Reads each argument into its field. A blank one keeps the earlier value; too many are refused. */
const fields =
  (...readers: readonly Field[]): ReadOption =>
  (args) => {
    if (args.length > readers.length) return undefined
    let change: Change = {}
    for (const [i, text] of args.entries()) {
      const part = text === '' ? {} : readers[i]?.(text)
      if (part === undefined) return undefined
      change = { ...change, ...part }
    }
    return change
  }

type Field = (text: string) => Change | undefined

const field =
  <F extends keyof ImgproxyOptions>(name: F, read: ArgumentReader<ImgproxyOptions[F]>): Field =>
  (text) => {
    const value = read(text)
    return value === undefined ? undefined : ({ [name]: value } as Pick<ImgproxyOptions, F>)
  }

/** An argument that is checked, but changes nothing that we show. */
const unheeded =
  (read: ArgumentReader<unknown>): Field =>
  (text) =>
    read(text) === undefined ? undefined : {}

const size = [field('width', side), field('height', side), field('enlarge', goBoolean)] as const

const readExtend: ReadOption = ([on = '', ...gravity], before) => {
  const extend = on === '' ? before.extend : goBoolean(on)
  const { at: extendGravity } = readGravity(gravity, before.extendGravity) ?? {}
  if (extend === undefined || extendGravity === undefined || extendGravity === 'attention') return undefined
  return { extend, extendGravity }
}

/** These options end with the arguments of `extend`. */
const withExtend = (...readers: readonly Field[]): ReadOption => {
  const read = fields(...readers)
  return (args, before) => {
    const change = read(args.slice(0, readers.length), before)
    const extension = readExtend(args.slice(readers.length), before)
    return change && extension && { ...change, ...extension }
  }
}

const readCrop: ReadOption = ([w = '', h = '', ...gravity], { crop: before }) => {
  const read = number(0, MAX_INT)
  const width = w === '' ? (before?.width ?? 0) : read(w)
  const height = h === '' ? (before?.height ?? 0) : read(h)
  const placed = readGravity(gravity, before?.gravity)
  if (width === undefined || height === undefined || placed === undefined) return undefined
  return { crop: { width, height, ...(placed.at !== undefined && { gravity: placed.at }) } }
}

const readFormatQuality: ReadOption = (args, before) => {
  let formatQuality = before.formatQuality
  for (let i = 0; i < args.length; i += 2) {
    const format = readFormat(args[i] ?? '')
    const quality = whole(0, 100)(args[i + 1] ?? '')
    if (format === undefined || quality === undefined) return undefined
    formatQuality = { ...formatQuality, [format]: quality }
  }
  return { formatQuality }
}

/** Blank removes the earlier background. */
const readBackground: ReadOption = (args) => {
  const [red = '', green, blue] = args
  if (args.length === 1) return readHex(red)
  const channels = [red, green ?? '', blue ?? ''].map(whole(0, 255))
  if (args.length !== 3 || channels.includes(undefined)) return undefined
  return { background: channels.map((channel = 0) => channel.toString(16).padStart(2, '0')).join('') }
}

/** As in CSS: `fa0` is `ffaa00`. */
const readHex = (text: string): Change | undefined => {
  if (!/^(?:[0-9a-f]{3}|[0-9a-f]{6})?$/i.test(text)) return undefined
  const digits = text.toLowerCase()
  return { background: digits.length === 3 ? digits.replace(/./g, '$&$&') : digits }
}

/** As in CSS: one value stands for all sides, two for the opposite sides. */
const readPadding: ReadOption = (args, before) => {
  if (args.length > 4) return undefined
  const [top, right, bottom, left] = args.map((text) => (text === '' ? undefined : side(text)))
  if (args.some((text) => text !== '' && side(text) === undefined)) return undefined
  const [t, r, b, l] = before.pad
  const all = top ?? t
  const both = right ?? top ?? r
  return { pad: [all, both, bottom ?? top ?? b, left ?? right ?? top ?? l] }
}

/** One value stands for both. */
const readZoom: ReadOption = ([x = '', y = '', ...rest], before) => {
  const zoomX = x === '' ? before.zoomX : factor(x)
  const zoomY = y === '' ? (x === '' ? before.zoomY : zoomX) : factor(y)
  return rest.length > 0 || zoomX === undefined || zoomY === undefined ? undefined : { zoomX, zoomY }
}

const readRotate: ReadOption = ([text = '', ...rest], before) => {
  if (text === '') return rest.length === 0 ? { rotate: before.rotate } : undefined
  const angle = whole(-MAX_INT, MAX_INT)(text)
  if (angle === undefined || rest.length > 0 || angle % 90 !== 0) return undefined
  const turns = (((angle / 90) % 4) + 4) % 4
  return { rotate: ([0, 90, 180, 270] as const)[turns] ?? 0 }
}

/** A key cannot express a colour to trim, or equal sides. No two pixels differ by more than 255. */
const readTrim: ReadOption = ([threshold = '', colour = '', ...equal]) => {
  const isEqual = equal.some((text) => text !== '' && goBoolean(text) !== false)
  if (colour !== '' || isEqual || equal.length > 2) return undefined
  if (threshold === '') return {}
  const trim = number(0, MAX_INT)(threshold)
  return trim === undefined ? undefined : { trim: Math.min(Math.round(trim), 255) }
}

/** A key cannot express offsets. Opacity, position and scale must be as configured, which is checked later. */
const readWatermark: ReadOption = (args, { watermark: before }) => {
  const [opacityText = '', position = '', x = '', y = '', scaleText = '', ...rest] = args
  const share = number(0, 1)
  const opacity = opacityText === '' ? (before?.opacity ?? 0) : share(opacityText)
  const placed = position === '' ? { at: before?.position } : readCompass(position)
  const scale = scaleText === '' ? before?.scale : share(scaleText)
  if (opacity === undefined || placed === undefined || (scaleText !== '' && scale === undefined))
    return undefined
  if (rest.length > 0 || isOffset(x) || isOffset(y)) return undefined
  return {
    watermark: {
      opacity,
      ...(placed.at !== undefined && { position: placed.at }),
      ...(scale !== undefined && { scale }),
    },
  }
}

/** Accepts anything: the argument names a copy in a cache, or a file to save to. */
const anything: ReadOption = () => ({})

/** Only "off" changes nothing. */
const onlyOff = fields((text) => (Number(text) === 0 || goBoolean(text) === false ? {} : undefined))

const gravityOption: ReadOption = (args, before) => {
  const placed = readGravity(args, before.gravity)
  return placed?.at && { gravity: placed.at }
}

const readExpires: ReadOption = fields(field('expires', whole(0, Number.MAX_SAFE_INTEGER)))

/** Every option that is read, except presets. */
const OPTIONS: Readonly<Record<ReadOptionName, ReadOption>> = {
  resize: withExtend(field('type', resizingType), ...size),
  size: withExtend(...size),
  resizing_type: fields(field('type', resizingType)),
  width: fields(field('width', side)),
  height: fields(field('height', side)),
  'min-width': onlyOff,
  'min-height': onlyOff,
  zoom: readZoom,
  dpr: fields(field('dpr', factor)),
  enlarge: fields(field('enlarge', goBoolean)),
  extend: readExtend,
  gravity: gravityOption,
  crop: readCrop,
  quality: fields(field('quality', whole(0, 100))),
  format_quality: readFormatQuality,
  max_bytes: fields(field('maxBytes', whole(0, 65_535_999))),
  format: fields(field('format', readFormat)),
  background: readBackground,
  blur: fields(field('blur', number(0, 100))),
  sharpen: fields(field('sharpen', number(0, 10))),
  pixelate: fields(field('pixelate', whole(0, 1000))),
  rotate: readRotate,
  flip: fields(field('flipH', goBoolean), field('flipV', goBoolean)),
  // EXIF orientation is always applied here; without it another picture would be shown.
  auto_rotate: fields((text) => (goBoolean(text) ? {} : undefined)),
  trim: readTrim,
  padding: readPadding,
  watermark: readWatermark,
  // Which metadata is kept is fixed, and not visible: only who made the picture.
  strip_metadata: fields(unheeded(goBoolean)),
  keep_copyright: fields(unheeded(goBoolean)),
  strip_color_profile: fields(unheeded(goBoolean)),
  cachebuster: anything,
  expires: readExpires,
  filename: anything,
  return_attachment: fields(unheeded(goBoolean)),
  raw: onlyOff,
}

const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = READ_OPTIONS

const READERS: ReadonlyMap<string, ReadOption> = new Map(
  Object.entries(OPTIONS).flatMap(([name, read]) =>
    [name, ...(SHORT_NAMES[name] ?? [])].map((each): [string, ReadOption] => [each, read]),
  ),
)

/** What an option changes, given the options so far; undefined where it is unknown or its arguments are wrong. */
export const readOption = (
  name: string,
  args: readonly string[],
  before: ImgproxyOptions,
): Change | undefined => READERS.get(name)?.(args, before)
