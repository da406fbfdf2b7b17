import type { Size } from '../core/geometry.ts'
import { GIF, type GifBlock, walkGif } from './gif-blocks.ts'
import { countLzw, decodeLzw, type Run, writeCodes } from './gif-lzw.ts'

/**
 * The same GIF with a first frame that covers its canvas, transparent where there was nothing, and transparent where a
 * frame was taken away. Browsers show it so, but libnsgif takes some canvases for a mistake, and the first frame's extent
 * in their place; where it takes away a frame without a transparent colour, it shows the background colour; and libvips
 * shows black for transparent where no frame names such a colour. Undefined where the file is read well as it is. A first
 * frame of all 256 numbers loses the colour that is nearest to another one; later ones of them stay as they are.
 */
export const coverGif = (bytes: Uint8Array): Uint8Array | undefined => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flagged = flagCleared(file)
  return coverFirst(flagged ?? file) ?? flagged
}

/** With a transparent colour in each frame that is taken away, if it has a number to spare. */
const flagCleared = (file: Buffer): Buffer | undefined => {
  let flagged: Buffer | undefined
  for (const frame of listFrames(file).slice(0, -1)) {
    const spare = isClearedToColour(frame) ? findSpare(file, frame) : undefined
    if (spare === undefined || frame.control === undefined) continue
    flagged ??= Buffer.from(file)
    nameTransparent(flagged, frame.control.at, spare)
  }
  return flagged
}

const isClearedToColour = ({ disposal, transparent }: GifFrame): boolean =>
  disposal === TO_BACKGROUND && transparent === undefined

const findSpare = (file: Buffer, frame: GifFrame): number | undefined => {
  if ((file[frame.data - 1] ?? 0) < 8) return 255
  const pixels = readFrame(file, frame)
  return pixels && findUnused(pixels)
}

/** `at`: where the block begins that says how a frame is shown. */
const nameTransparent = (file: Buffer, at: number, number: number): void => {
  file[at + 3] = (file[at + 3] ?? 0) | 1
  file[at + 6] = number
}

const coverFirst = (file: Buffer): Buffer | undefined => {
  const frames = listFrames(file)
  const [first] = frames
  if (first === undefined) return undefined
  const canvas = { width: file.readUInt16LE(6), height: file.readUInt16LE(8) }
  const width = Math.max(canvas.width, first.left + first.width)
  const height = Math.max(canvas.height, first.top + first.height)
  const isCovered = width === first.width && height === first.height
  const hasTransparency = frames.some(({ transparent }) => transparent !== undefined)
  const isCleared = frames.length > 1 && isClearedToColour(first)
  const isWhole = isCovered && (hasTransparency || !endsEarly(file, first))
  if (!isCleared && (isWhole || (hasTransparency && !isTakenForMistake(canvas)))) return undefined
  if (width * height > MOST_COVERED) return undefined
  const pixels = readFrame(file, first)
  if (pixels === undefined) return undefined
  const nothing = first.transparent ?? findUnused(pixels) ?? mergeNearest(pixels, readPalette(file, first))
  const rows = listCovering(first, pixels, { width, height, nothing })
  return replaceFirst(file, first, { width, height, nothing, codes: writeCodes(rows) })
}

interface Covering extends Size {
  /** The number of the transparent colour. */
  readonly nothing: number
}

/** The rows of a frame in their order, with nothing around them. */
function* listCovering(
  frame: GifFrame,
  pixels: Uint8Array,
  { width, height, nothing }: Covering,
): Iterable<Uint8Array | Run> {
  const stored = new Map(Array.from({ length: frame.height }, (_, row) => [toRow(frame, row), row]))
  let gap = frame.top * width
  for (let y = 0; y < frame.height; y++) {
    const from = (stored.get(y) ?? 0) * frame.width
    const row = pixels.subarray(from, from + frame.width)
    yield { pixel: nothing, count: gap + frame.left }
    yield row
    gap = width - frame.left - row.length
  }
  yield { pixel: nothing, count: gap + (height - frame.top - frame.height) * width }
}

/** A canvas that no limit allows. */
const MOST_COVERED = 2 ** 30
/** Of a larger frame, coding it anew would take too much memory. */
const MOST_PIXELS = 2 ** 23
const TO_BACKGROUND = 2

interface GifFrame extends GifBlock {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly isInterlaced: boolean
  /** The block that says how it is shown. */
  readonly control: GifBlock | undefined
  readonly disposal: number
  readonly transparent: number | undefined
}

const listFrames = (file: Buffer): readonly GifFrame[] => {
  const frames: GifFrame[] = []
  let control: GifBlock | undefined
  for (const block of walkGif(file)) {
    if (block.end === undefined || frames.length === MOST_FRAMES) break
    if (block.kind === GIF.extension && file[block.at + 1] === GIF.control && block.end >= block.at + 8)
      control = block
    if (block.kind !== GIF.frame) continue
    const flags = control === undefined ? 0 : (file[control.at + 3] ?? 0)
    frames.push({
      ...block,
      left: file.readUInt16LE(block.at + 1),
      top: file.readUInt16LE(block.at + 3),
      width: file.readUInt16LE(block.at + 5),
      height: file.readUInt16LE(block.at + 7),
      isInterlaced: ((file[block.at + 9] ?? 0) & INTERLACED) !== 0,
      control,
      disposal: (flags >> 2) & 7,
      transparent: control !== undefined && (flags & 1) === 1 ? file[control.at + 6] : undefined,
    })
    control = undefined
  }
  return frames
}

/** Later ones stay as they are: no animation has so many, and a file of a hundred thousand would take half a minute. */
const MOST_FRAMES = 10_000
const INTERLACED = 0x40

/** libnsgif: sides of old screens, and long ones (`nsgif_data_scan`). */
const isTakenForMistake = ({ width, height }: Size): boolean =>
  width === 0 || height === 0 || width > 2048 || height > 2048 || SCREENS.has(`${width}x${height}`)

const SCREENS: ReadonlySet<string> = new Set([
  '640x480',
  '640x512',
  '800x600',
  '1024x768',
  '1280x1024',
  '1600x1200',
])

const readFrame = (file: Buffer, frame: GifFrame): Uint8Array | undefined => readCodes(file, frame, decodeLzw)

/** Whether it has fewer pixels than it says. */
const endsEarly = (file: Buffer, frame: GifFrame): boolean => {
  const most = frame.width * frame.height
  return (readCodes(file, frame, countLzw) ?? most) < most
}

const readCodes = <T>(
  file: Buffer,
  { data, end = 0, width, height }: GifFrame,
  read: (codes: Uint8Array, codeBits: number, count: number) => T | undefined,
): T | undefined => {
  const codeBits = file[data - 1] ?? 0
  if (codeBits < 1 || codeBits > 8 || width * height > MOST_PIXELS) return undefined
  const parts: Buffer[] = []
  for (let at = data; at < end; at += 1 + (file[at] ?? 0))
    parts.push(file.subarray(at + 1, at + 1 + (file[at] ?? 0)))
  return read(Buffer.concat(parts), codeBits, width * height)
}

const findUnused = (pixels: Uint8Array): number | undefined => {
  const isUsed = new Uint8Array(256)
  for (const pixel of pixels) isUsed[pixel] = 1
  const unused = isUsed.lastIndexOf(0)
  return unused < 0 ? undefined : unused
}

/** Red, green and blue of its colours, one after the other. */
const readPalette = (file: Buffer, { at }: GifFrame): Buffer => {
  const hasOwn = ((file[at + 9] ?? 0) & HAS_PALETTE) !== 0
  const [flags, start] = hasOwn ? [file[at + 9] ?? 0, at + 10] : [file[10] ?? 0, 13]
  return file.subarray(start, start + 3 * 2 ** ((flags & 7) + 1))
}

const HAS_PALETTE = 0x80
const MOST_COLOURS = 256

/** Frees a number: its pixels get that of the most similar colour. */
const mergeNearest = (pixels: Uint8Array, palette: Buffer): number => {
  let [least, freed, kept] = [Number.POSITIVE_INFINITY, 0, 0]
  for (let one = 0; one < palette.length; one += 3)
    for (let other = one + 3; other < palette.length; other += 3) {
      let squares = 0
      for (let i = 0; i < 3; i++) squares += ((palette[one + i] ?? 0) - (palette[other + i] ?? 0)) ** 2
      if (squares < least) [least, freed, kept] = [squares, one / 3, other / 3]
    }
  for (let at = 0; at < pixels.length; at++) if (pixels[at] === freed) pixels[at] = kept
  return freed
}

/** Which row of the picture the nth of a frame is. */
const toRow = ({ height, isInterlaced }: GifFrame, row: number): number => {
  if (!isInterlaced) return row
  let left = row
  for (const [from, step] of PASSES) {
    const rows = Math.ceil(Math.max(0, height - from) / step)
    if (left < rows) return from + left * step
    left -= rows
  }
  return row
}

const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const

const replaceFirst = (
  file: Buffer,
  first: GifFrame,
  frame: Covering & { readonly codes: Buffer },
): Buffer => {
  const { at, end, control } = first
  const head = Buffer.from(file.subarray(0, at))
  const says = control?.at ?? head.length
  const parts = control === undefined ? [head, Buffer.from('21f9040000000000', 'hex')] : [head]
  const before = Buffer.concat(parts)
  nameTransparent(before, says, frame.nothing)
  const descriptor = Buffer.alloc(10 + MOST_COLOURS * 3)
  descriptor[0] = GIF.frame
  descriptor.writeUInt16LE(frame.width, 5)
  descriptor.writeUInt16LE(frame.height, 7)
  descriptor[9] = HAS_PALETTE | 7
  // Numbers without a colour are black in browsers.
  readPalette(file, first).copy(descriptor, 10)
  return Buffer.concat([before, descriptor, frame.codes, file.subarray(end)])
}
