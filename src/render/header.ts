import type { Metadata } from 'sharp'
import { Problem } from '../core/problem.ts'
import type { BitmapHeader } from './bmp.ts'
import { findWideColours, isSrgbProfile } from './colours.ts'
import { readCredit } from './copyright.ts'
import { findAvifMeaning, findPicture, toReadable } from './decodable.ts'
import { predictBitmap, predictDecoder, predictDrawing } from './decoder-memory.ts'
import { findFaces } from './faces.ts'
import { isCutOffGif } from './gif-blocks.ts'
import { findHighRange } from './high-range.ts'
import { makeRgbProfile } from './icc-profile.ts'
import { toKindProblem } from './kinds.ts'
import type { Reading } from './mend.ts'
import { type PictureMetadata, readPlainJpeg } from './plain-jpeg.ts'
import { hasTooMuchText } from './png-chunks.ts'
import type { Header, RenderLimits, Timing } from './port.ts'
import { isObeyedInkProfile, isObeyedProfile } from './read-icc-profile.ts'
import { type ReadOutcome, readWhatCanBe } from './reading.ts'
import { DECODING, decodeWith, sharp } from './sharp.ts'
import { type MediaFormat, obeysOrientation, sniffMedia } from './sniff.ts'
import { type CleanSvg, cleanSvg } from './svg/clean-svg.ts'
import { imageCorrupt, orUnreadable, refuseUnreadTiff } from './unreadable.ts'

/** Reads a source's header. Rejects with `not-an-image`, `image-unsupported`, `image-corrupt` or `svg-unsafe`. */
export const readPictureHeader = async (bytes: Uint8Array, limits?: RenderLimits): Promise<Header> => {
  const mediaFormat = sniffMedia(bytes)
  if (mediaFormat === undefined) throw toKindProblem(bytes)
  if (mediaFormat === 'tiff') refuseUnreadTiff(bytes)
  if (mediaFormat === 'png' && hasTooMuchText(bytes))
    throw imageCorrupt(new Error('more compressed text than a picture has'))
  const header =
    mediaFormat === 'svg'
      ? await readDrawingHeader(bytes, limits)
      : await readPixelHeader(bytes, mediaFormat, limits)
  if (limits !== undefined) checkLimits(header, limits)
  return header
}

const readPixelHeader = async (
  bytes: Uint8Array,
  mediaFormat: MediaFormat,
  limits: RenderLimits | undefined,
): Promise<Header> => {
  const bitmap = mediaFormat === 'bmp' || mediaFormat === 'ico' ? findPicture(bytes, mediaFormat) : undefined
  if (bitmap?.kind === 'bitmap') return toBitmapHeader(mediaFormat, bitmap.header)
  const plain = mediaFormat === 'jpeg' ? readPlainJpeg(bytes) : undefined
  const { value, damage }: ReadOutcome<PictureMetadata> =
    plain === undefined
      ? await readWhatCanBe(bytes, limits?.damaged ?? 'refuse', (reading) =>
          readMetadata(reading, mediaFormat),
        )
      : { value: plain }
  const highRange = findHighRange(mediaFormat, bytes, value.icc)
  return {
    ...toHeader(mediaFormat, value),
    isWide:
      highRange === undefined ? isWide(mediaFormat, bytes, value) : highRange.primaries !== SRGB_PRIMARIES,
    ...(highRange && { highRange, isDeepWithProfile: false }),
    ...predictDecoder(mediaFormat, bytes, value),
    ...(damage !== undefined && { damage }),
  }
}

const toBitmapHeader = (mediaFormat: MediaFormat, header: BitmapHeader): Header => ({
  facts: {
    mediaFormat,
    width: header.width,
    height: header.height,
    frames: 1,
    hasAlpha: mediaFormat === 'ico' || header.mayBeTransparent,
  },
  ...PLAIN,
  ...predictBitmap(header),
})

const RGBA = 4

/** What a header says of pixels that are made here. */
const PLAIN = {
  channels: RGBA,
  sampleBytes: 1,
  isDeepWithProfile: false,
  isWide: false,
  orientation: 1,
  credit: {},
} as const

const SRGB_PRIMARIES = 1

/** Only for RGB: sharp handles the others. */
const isWide = (
  mediaFormat: MediaFormat,
  bytes: Uint8Array,
  { icc, space, depth }: PictureMetadata,
): boolean => {
  if (!RGB.has(space as string)) return false
  const meaning = mediaFormat === 'avif' ? findAvifMeaning(bytes) : undefined
  const profile = meaning === undefined ? icc : makeRgbProfile(meaning.primaries, meaning.curve)
  return profile !== undefined && findWideColours(profile, depth !== 'uchar') !== undefined
}

const RGB: ReadonlySet<string> = new Set(['srgb', 'rgb16'])

const toHeader = (
  mediaFormat: MediaFormat,
  metadata: PictureMetadata,
): Omit<Header, 'decoderBytes' | 'isWide'> => {
  const frames = ANIMATED.has(mediaFormat) ? (metadata.pages ?? 1) : 1
  const isOriented = obeysOrientation(mediaFormat, frames)
  const orientation = isOriented ? (metadata.orientation ?? 1) : 1
  const { width, height } = isOriented ? metadata.autoOrient : metadata
  const ignoresProfile =
    metadata.icc !== undefined && (!isObeyedProfile(metadata.icc) || isSrgbProfile(metadata.icc))
  const faces = findFaces(metadata.xmp, { size: metadata, orientation })
  return {
    facts: { mediaFormat, width, height, frames, hasAlpha: metadata.hasAlpha },
    channels: metadata.channels,
    sampleBytes: SAMPLE_BYTES[metadata.depth as string] ?? 4,
    isDeepWithProfile: metadata.hasProfile && !ignoresProfile && metadata.depth !== 'uchar',
    ...(ignoresProfile && { ignoresProfile }),
    ...(hasPlainInks(mediaFormat, metadata) && { hasPlainInks: true }),
    orientation,
    credit: readCredit(metadata.exif),
    ...(faces && { faces }),
    ...(frames > 1 && { timing: toTiming(metadata) }),
  }
}

const hasPlainInks = (mediaFormat: MediaFormat, { space, icc, channels }: PictureMetadata): boolean =>
  (mediaFormat === 'jpeg' || mediaFormat === 'tiff') &&
  space === 'cmyk' &&
  channels === INKS &&
  (icc === undefined || !isObeyedInkProfile(icc))

/** Of four, alpha is not among them. */
const INKS = 4

/** A GIF may say 655 seconds, and 65,536 times: these are reduced to the most that sharp can write. */
const toTiming = ({ delay = [], loop = 0 }: PictureMetadata): Timing => ({
  delaysMs: delay.map((ms) => Math.min(ms, MOST_IN_WORD)),
  loop: Math.min(loop, MOST_IN_WORD),
})

const MOST_IN_WORD = 65_535

const ANIMATED: ReadonlySet<MediaFormat> = new Set(['gif', 'webp'])
const SAMPLE_BYTES: Readonly<Record<string, number>> = { uchar: 1, char: 1, ushort: 2, short: 2 }

/** Refuses a source that would cost too much, by its header only. */
const checkLimits = ({ facts, scans = 0 }: Header, limits: RenderLimits): void => {
  const { width, height, frames, isScalable } = facts
  if (frames > limits.frames)
    throw new Problem(
      'too-many-frames',
      `The picture has ${frames} frames; at most ${limits.frames} are allowed.`,
      { hint: 'Raise limits.frames, or leave the picture out.' },
    )
  if (!isScalable && width * height * frames > limits.sourcePixels)
    throw tooManyPixels(`${width}×${height}${frames > 1 ? ` × ${frames} frames` : ''}`, limits)
  if (width * height * scans > limits.sourcePixels * MOST_SCANS)
    throw new Problem(
      'too-many-scans',
      `The picture is ${width}×${height} in ${scans} scans; at that size ${Math.floor((limits.sourcePixels * MOST_SCANS) / (width * height))} are allowed.`,
      { hint: 'Save it again: ten scans are usual. Or raise limits.sourcePixels.' },
    )
}

/**
 * For a JPEG of the largest size; a smaller one may have more. Each scan visits the whole picture, however little it
 * says: 0.1 to 0.6 ns per pixel, so 3 seconds at most for a hundred megapixels. No encoder writes more than twenty.
 */
const MOST_SCANS = 50

const tooManyPixels = (size: string, limits: RenderLimits): Problem =>
  new Problem(
    'too-many-pixels',
    `The picture is ${size}; at most ${limits.sourcePixels} pixels are allowed.`,
    { hint: 'Raise limits.sourcePixels, or leave the picture out.' },
  )

const readMetadata = async ({ bytes, failOn }: Reading, mediaFormat: MediaFormat): Promise<Metadata> => {
  // libvips accepts a GIF's last frame as complete although it breaks off, if others come before it.
  if (failOn !== 'none' && isCutOffGif(bytes)) throw imageCorrupt(new Error('the GIF ends within a frame'))
  return sharp(await toReadable(bytes, mediaFormat, failOn), decodeWith(failOn))
    .metadata()
    .catch(orUnreadable(bytes))
}

/** A drawing is measured by its markup only, without layout. Its pixels are those that librsvg makes of any drawing. */
const readDrawingHeader = async (bytes: Uint8Array, limits: RenderLimits | undefined): Promise<Header> => {
  const clean = cleanSvg(bytes)
  const { census, pictures, background, bleed } = clean
  // Text that is a picture is copied, but not parsed.
  const pictureLength = pictures.reduce((sum, { length }) => sum + Math.ceil((length * 4) / 3), 0)
  const markup = { ...census, length: Math.max(0, census.length - pictureLength) }
  const pictureBytes = pictureLength * COPIES + (await measureEmbedded(clean, limits))
  return {
    facts: {
      mediaFormat: 'svg',
      ...clean.size,
      frames: 1,
      hasAlpha: background === undefined,
      isScalable: true,
    },
    ...(background !== undefined && { background }),
    ...(bleed !== undefined && { bleed }),
    ...PLAIN,
    ...predictDrawing(markup, pictureBytes, bleed),
  }
}

/** Of embedded text: read, cleaned, joined, parsed and decoded. */
const COPIES = 7

/** What the pixels of embedded pictures take; rejects where they have too many pixels. */
const measureEmbedded = async ({ pictures }: CleanSvg, limits: RenderLimits | undefined): Promise<number> => {
  let pixels = 0
  let bytes = 0
  for (const picture of pictures) {
    const { width, height, format, orientation = 1 } = await measurePicture(picture)
    pixels += width * height
    if (limits !== undefined && pixels > limits.sourcePixels)
      throw tooManyPixels(`a drawing around ${pixels} pixels`, limits)
    const isDrawable = format === 'png' || (format === 'jpeg' && orientation === 1)
    bytes += width * height * (isDrawable ? EMBEDDED_BYTES : REWRITTEN_BYTES)
  }
  return bytes
}

/** Bytes per pixel of a picture that librsvg reads, measured at 24 megapixels: 10 of a JPEG, 13 of a PNG. */
const EMBEDDED_BYTES = 12
/** The same for one that is written as a PNG in base64 before: 12 to 17, and 32 where nothing becomes smaller. */
const REWRITTEN_BYTES = 24

/** An embedded picture; without pixels where it cannot be read, because then it is not drawn either. */
const measurePicture = async (picture: Uint8Array) => {
  const nothing = { width: 0, height: 0, format: undefined, orientation: 1 }
  // A placeholder for a script; sharp throws for no bytes.
  return picture.length === 0
    ? nothing
    : sharp(picture, DECODING)
        .metadata()
        .catch(() => nothing)
}
