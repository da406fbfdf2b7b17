import type { Sharp } from 'sharp'
import { isSameSize, type Size } from '../core/geometry.ts'
import { convert, findWideColours, type Gamut, type WideColours } from './colours.ts'
import { toStandardRange } from './high-range.ts'
import type { Strictness } from './mend.ts'
import { type Pixels, readPixels, type Turn, toSharp } from './pixels.ts'
import type { Header } from './port.ts'
import { planReducedDecode, type ReducedDecode } from './reduced-decode.ts'
import { decodeWith, sharp } from './sharp.ts'
import { obeysOrientation } from './sniff.ts'
import { widenDrawing } from './svg/bleed.ts'
import { LONGEST_SIDE } from './svg/root.ts'
import { softenEdges } from './svg/soft-edges.ts'
import { showInk } from './tiff-inks.ts'
import { readTiffScale, type SampleScale } from './tiff-samples.ts'
import { orUnreadable } from './unreadable.ts'

/**
 * The source decoded once, upright (but as {@link Master} allows), in 8 bits of sRGB, or of Display P3 where wide colours
 * are kept, at `size`, which must not exceed the picture's size unless that is scalable. With `frames` above 1: all frames,
 * at the picture's own size. Rejects with `image-corrupt` or `image-unsupported`.
 */
export const readMaster = async (
  bytes: Uint8Array,
  header: ReadableHeader,
  master: Master,
): Promise<Pixels> => {
  const { colours, facts, orientation } = header
  const gamut = colours === undefined ? 'srgb' : 'p3'
  // What other formats are may have been turned already (`toDecodable`).
  const isWholeJpeg = facts.mediaFormat === 'jpeg' && isSameSize(master.size, facts)
  const turn = master.mayBeTurned && isWholeJpeg ? TURNS[orientation] : undefined
  const shown = await openMaster(bytes, { ...header, staysTurned: turn !== undefined }, master)
    .then((source) => readShown(source, header, gamut))
    .catch(orUnreadable(bytes))
  const pixels = turn === undefined ? shown : { ...shown, turn }
  if (colours === undefined) return pixels
  if (colours.kind === 'convert') convert(pixels.samples, pixels.channels, colours.conversion)
  return { ...pixels, gamut: 'p3' }
}

/** The pixels of an opened source, in standard range; where that is high, in `gamut`. */
export const readShown = async (
  source: Sharp,
  { highRange, hasPlainInks, sampleBytes }: Header,
  gamut: Gamut = 'srgb',
): Promise<Pixels> => {
  if (highRange !== undefined)
    return toStandardRange(await readPixels(source.toColourspace('rgb16'), 'ushort'), highRange, gamut)
  if (!hasPlainInks) return readPixels(source)
  const inks = sampleBytes === 1 ? source : source.linear(1 / 257)
  return showInks(await readPixels(inks.pipelineColourspace('cmyk').toColourspace('cmyk')))
}

/** Four inks without a profile: libvips would take them for those of one printing press. */
const showInks = ({ samples, ...picture }: Pixels): Pixels => {
  let to = 0
  for (let from = 0; from < samples.length; from += 4) {
    const light = 255 - (samples[from + 3] ?? 0)
    for (let ink = from; ink < from + 3; ink++) samples[to++] = showInk(255 - (samples[ink] ?? 0), light)
  }
  return { ...picture, samples: samples.subarray(0, to), channels: 3 }
}

/** EXIF's orientations of cameras; pictures are hardly ever mirrored. */
const TURNS: Readonly<Record<number, Turn>> = { 3: 180, 6: 90, 8: 270 }

/** What a source is decoded to. */
interface Master {
  readonly size: Size
  readonly frames: number
  /** Whether whoever reads it heeds {@link Pixels.turn}. */
  readonly mayBeTurned?: boolean
}

/** The same as a pipeline that has not begun. */
export const openMaster = async (
  given: Uint8Array,
  header: ReadableHeader,
  { size, frames }: Master,
): Promise<Sharp> => {
  const { bleed, facts } = header
  const bytes = facts.isScalable && size.width < facts.width ? softenEdges(given) : given
  if (bleed !== undefined) return openWide(bytes, { ...header, bleed }, size)
  const source = openPipeline(bytes, header, frames)
  const isWhole = frames > 1 || isSameSize(size, facts)
  if (isWhole && facts.isScalable !== true) return source
  if (isOddTiff(header)) return shrink(toSharp(await readPixels(source)), header, size)
  const reduced = findReducedDecode(header, size)
  return reduced === undefined ? shrink(source, header, size) : shrinkTwice(source, reduced, size)
}

/** sharp resizes samples of 32 bits as light, in another range, and takes the last of many channels for alpha. */
const isOddTiff = ({ facts, channels, sampleBytes }: Header): boolean =>
  facts.mediaFormat === 'tiff' && (channels > 4 || sampleBytes === 4)

/** A header, and how its bytes are read: by default, damage is an error and warnings are ignored. */
export interface ReadableHeader extends Header {
  readonly failOn?: Strictness
  readonly onWarning?: (words: string) => void
  readonly scale?: SampleScale | undefined
  /** For a source with a wide gamut that is kept. */
  readonly colours?: WideColours | undefined
  /** For a drawing: dots per inch. */
  readonly density?: number | undefined
  /** Whether it is read as it lies, although its orientation counts. */
  readonly staysTurned?: boolean
}

/**
 * The source as sharp decodes it: turned upright (except an animation), in sRGB; with `colours`, in the source's
 * numbers or in Display P3.
 */
export const openPipeline = (bytes: Uint8Array, header: ReadableHeader, frames = 1): Sharp => {
  const {
    facts,
    failOn = 'error',
    onWarning,
    scale,
    density,
    colours,
    highRange,
    ignoresProfile,
    background,
    staysTurned = false,
  } = header
  const source = sharp(bytes, {
    ...decodeWith(failOn),
    // libvips's name for reading on where a JPEG ends too early (libvips#3293), and for the markup of a drawing of any
    // length: an attribute is a whole picture at times.
    unlimited: facts.mediaFormat === 'svg' || (failOn === 'none' && facts.mediaFormat === 'jpeg'),
    autoOrient: !staysTurned && obeysOrientation(facts.mediaFormat, frames),
    ...(frames > 1 && { pages: -1 }),
    ...(density !== undefined && { density }),
    ignoreIcc:
      ignoresProfile === true ||
      highRange !== undefined ||
      (colours !== undefined && colours.kind !== 'deep'),
  })
  if (onWarning !== undefined) source.on('warning', onWarning)
  if (scale !== undefined) {
    // For each channel: of one number, sharp leaves out alpha, which has the same range.
    const [factor, offset] = scale.map((value) => new Array<number>(header.channels).fill(value))
    source.linear(factor, offset)
  }
  if (background !== undefined) source.flatten({ background })
  // sharp processes 16-bit pixels with a profile in Display P3, and leaves them there: sRGB (200, 60, 30) becomes
  // (184, 70, 43). Naming the profile of the result converts them back.
  return header.isDeepWithProfile && colours === undefined
    ? source.withIccProfile('srgb', { attach: false })
    : source
}

/** How the colours of a source are converted to Display P3; undefined where they are not wide. */
export const readWideColours = async (
  bytes: Uint8Array,
  { isWide, isDeepWithProfile, highRange, failOn = 'error' }: ReadableHeader,
): Promise<WideColours | undefined> => {
  if (!isWide) return undefined
  if (highRange !== undefined) return { kind: 'deep' }
  const { icc } = await sharp(bytes, decodeWith(failOn)).metadata()
  return icc && findWideColours(icc, isDeepWithProfile)
}

/** How the samples of a picture are scaled to the range that libvips expects; undefined where they have it. */
export const readScale = async (bytes: Uint8Array, { facts }: Header): Promise<SampleScale | undefined> =>
  facts.mediaFormat === 'tiff' ? readTiffScale(bytes, () => findExtremes(bytes)) : undefined

const findExtremes = async (bytes: Uint8Array): Promise<readonly [number, number]> => {
  const { channels } = await sharp(bytes, decodeWith('none')).stats().catch(orUnreadable(bytes))
  return [Math.min(...channels.map(({ min }) => min)), Math.max(...channels.map(({ max }) => max))]
}

/** A drawing cut out of what is drawn around it. */
const openWide = (
  bytes: Uint8Array,
  { bleed, ...header }: ReadableHeader & { readonly bleed: number },
  size: Size,
): Sharp => {
  const around = { width: Math.ceil(size.width * bleed), height: Math.ceil(size.height * bleed) }
  const isDrawable = Math.max(size.width + 2 * around.width, size.height + 2 * around.height) <= LONGEST_SIDE
  return isDrawable
    ? openPipeline(widenDrawing(bytes, size, around), header).extract({
        left: around.width,
        top: around.height,
        ...size,
      })
    : shrink(openPipeline(bytes, header), header, size)
}

const shrink = (source: Sharp, { facts }: Header, size: Size): Sharp => {
  const { width, height, mediaFormat } = facts
  // An extract of the whole picture keeps sharp from decoding at a fraction.
  const start = isAskew(facts, fractionOf(facts, size))
    ? source.extract({ left: 0, top: 0, width, height })
    : source
  // A WebP would be decoded at any fraction; other formats have none.
  return start.resize(size.width, size.height, { fit: 'fill', fastShrinkOnLoad: mediaFormat === 'jpeg' })
}

const shrinkTwice = async (
  source: Sharp,
  { reduced, padded, resampled }: ReducedDecode,
  { width, height }: Size,
): Promise<Sharp> => {
  const pixels = await readPixels(
    source.resize(reduced.width, reduced.height, { fit: 'fill', fastShrinkOnLoad: true }).extend({
      right: padded.width - reduced.width,
      bottom: padded.height - reduced.height,
      extendWith: 'copy',
    }),
  )
  return toSharp(pixels)
    .resize(resampled.width, resampled.height, { fit: 'fill' })
    .extract({ left: 0, top: 0, width, height })
}

const findReducedDecode = (header: Header, size: Size): ReducedDecode | undefined => {
  const { facts } = header
  const isDivided = facts.mediaFormat === 'jpeg' && !isAskew(facts, fractionOf(facts, size))
  return isDivided ? undefined : planReducedDecode(header, size)
}

/**
 * By how much sharp divides the sides of a JPEG as it decodes it: libjpeg decodes to a half, a quarter and an eighth
 * for much less than the whole. What is left to the real resampling is 1.125 or more, by sharp's pipeline.cc.
 *
 * Difference to the whole decode, with 1.125 to 1.9 left (butteraugli, 3-norm, mean of ten photos each): 0.2 to 0.5;
 * as JPEGs of q80, 0.3 to 0.9 of SSIMULACRA2 and a hundredth of the bytes less. CPU: 30 to 50 % less (2560×1600 to 640:
 * 8 ms instead of 18; 5640×3172 to 640: 50 for 71; 20,000×5000 to 1920: 230 for 356 by a quarter).
 *
 * That is where the sides divide. Where one does not, libvips cuts off what is left of it: a side of 2725 at a half
 * shows 2724 pixels, and the whole picture is stretched by that: 0.94 (3172 by 8), 0.6 to 2.0 (2449×1623 to 640). Those
 * are decoded as {@link planReducedDecode} says, or whole.
 */
const fractionOf = ({ width, height, mediaFormat }: Header['facts'], size: Size): number => {
  const shrinkBy = Math.min(width / size.width, height / size.height)
  return (mediaFormat === 'jpeg' && [8, 4, 2].find((factor) => shrinkBy >= factor + 1)) || 1
}

/**
 * By how much the sides are divided when the picture is decoded to a master of `size`, and what lies between if it is
 * resampled twice.
 */
export const findLoad = (
  header: Header,
  size: Size,
): { readonly factor: number; readonly between?: Size } => {
  const { facts } = header
  const reduced = findReducedDecode(header, size)
  if (reduced !== undefined) return { factor: reduced.factor, between: reduced.padded }
  const factor = isSameSize(size, facts) ? 1 : fractionOf(facts, size)
  return { factor: isAskew(facts, factor) ? 1 : factor }
}

const isAskew = ({ width, height }: Size, factor: number): boolean =>
  factor > 1 && (width % factor !== 0 || height % factor !== 0)
