import type { Metadata } from 'sharp'
import { Problem } from '../core/problem.ts'
import { readCredit } from './copyright.ts'
import { toKindProblem, unsupported } from './kinds.ts'
import { hasTooMuchText } from './png-text.ts'
import type { Header, RenderLimits, Timing } from './port.ts'
import { DECODING, sharp } from './sharp.ts'
import { type MediaFormat, sniffMedia } from './sniff.ts'
import { countElements, findSvgDanger, listEmbeddedPictures } from './svg-safety.ts'
import { findRawKind, imageCorrupt, toUnreadable } from './unreadable.ts'

/** Reads a source's header. Rejects with `not-an-image`, `image-unsupported`, `image-corrupt` or `svg-unsafe`. */
export const readHeader = async (bytes: Uint8Array, limits?: RenderLimits): Promise<Header> => {
  const mediaFormat = sniffMedia(bytes)
  if (mediaFormat === undefined) throw toKindProblem(bytes)
  const raw = mediaFormat === 'tiff' ? findRawKind(bytes) : undefined
  if (raw !== undefined) throw unsupported(raw)
  if (mediaFormat === 'png' && hasTooMuchText(bytes))
    throw imageCorrupt(new Error('more compressed text than a picture has'))
  const drawingBytes = mediaFormat === 'svg' ? await checkSvg(bytes, limits) : undefined
  const metadata = await readMetadata(bytes)
  const size = mediaFormat === 'svg' ? await measureSvg(bytes, metadata) : undefined
  const header = { ...toHeader(mediaFormat, metadata, size), ...(drawingBytes && { drawingBytes }) }
  if (limits !== undefined) checkLimits(header, limits)
  return header
}

const toHeader = (
  mediaFormat: MediaFormat,
  metadata: Metadata,
  svgSize?: { readonly width: number; readonly height: number },
): Header => {
  const frames = ANIMATED.has(mediaFormat) ? (metadata.pages ?? 1) : 1
  // sharp cannot turn an animation; nobody's camera makes one either, so its orientation is not heeded.
  const { width, height } = svgSize ?? (frames > 1 ? metadata : metadata.autoOrient)
  return {
    facts: {
      mediaFormat,
      width,
      height,
      frames,
      hasAlpha: metadata.hasAlpha,
      ...(mediaFormat === 'svg' && { isScalable: true }),
    },
    channels: metadata.channels,
    sampleBytes: SAMPLE_BYTES[metadata.depth as string] ?? 4,
    isDeepWithProfile: metadata.hasProfile && metadata.depth !== 'uchar',
    isTurned: frames === 1 && (metadata.orientation ?? 1) >= 5,
    credit: readCredit(metadata.exif),
    ...(frames > 1 && { timing: toTiming(metadata) }),
  }
}

/** A GIF may say 655 seconds, and 65,536 times: the longest and most that sharp writes are nearest to it. */
const toTiming = ({ delay = [], loop = 0 }: Metadata): Timing => ({
  delaysMs: delay.map((ms) => Math.min(ms, MOST_IN_WORD)),
  loop: Math.min(loop, MOST_IN_WORD),
})

const MOST_IN_WORD = 65_535

const ANIMATED: ReadonlySet<MediaFormat> = new Set(['gif', 'webp'])
const SAMPLE_BYTES: Readonly<Record<string, number>> = { uchar: 1, char: 1, ushort: 2, short: 2 }

/** Refuses, from its header alone, a source that would cost too much. */
const checkLimits = ({ facts }: Header, limits: RenderLimits): void => {
  const { width, height, frames, isScalable } = facts
  if (frames > limits.frames)
    throw new Problem(
      'too-many-frames',
      `The picture has ${frames} frames; at most ${limits.frames} are allowed.`,
      {
        hint: 'Raise limits.frames, or leave the picture out.',
      },
    )
  if (!isScalable && width * height * frames > limits.sourcePixels)
    throw tooManyPixels(`${width}×${height}${frames > 1 ? ` × ${frames} frames` : ''}`, limits)
}

const tooManyPixels = (size: string, limits: RenderLimits): Problem =>
  new Problem(
    'too-many-pixels',
    `The picture is ${size}; at most ${limits.sourcePixels} pixels are allowed.`,
    {
      hint: 'Raise limits.sourcePixels, or leave the picture out.',
    },
  )

const readMetadata = (bytes: Uint8Array, density?: number): Promise<Metadata> =>
  sharp(bytes, { ...DECODING, ...(density !== undefined && { density }) })
    .metadata()
    .catch((cause: unknown) => {
      throw toUnreadable(bytes, cause)
    })

/** How many bytes it will hold; rejects where it is dangerous, or too much. */
const checkSvg = async (bytes: Uint8Array, limits: RenderLimits | undefined): Promise<number> => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const danger = findSvgDanger(text)
  if (danger !== undefined)
    throw new Problem('svg-unsafe', `The drawing is refused: ${danger}.`, {
      hint: 'Save it with everything embedded and without scripts.',
    })
  let pixels = 0
  for (const picture of listEmbeddedPictures(text)) {
    pixels += await countPixels(picture)
    if (limits !== undefined && pixels > limits.sourcePixels)
      throw tooManyPixels(`a drawing around ${pixels} pixels`, limits)
  }
  return pixels * RGBA + countElements(text) * ELEMENT_BYTES + bytes.byteLength * MARKUP_FACTOR
}

const RGBA = 4
// librsvg 2.63, by the peak of resident memory: 3.8 KB of an empty element, 6.3 of one with attributes.
const ELEMENT_BYTES = 6_500
/** The same: thirteen times the text of a long path. */
export const MARKUP_FACTOR = 13

/** Of what a drawing embeds; none where it cannot be read, for then it is not drawn either. */
const countPixels = async (picture: Buffer): Promise<number> => {
  if (picture.length === 0) return 0 // a placeholder that a script was to fill; sharp throws at it
  const { width = 0, height = 0 } = await sharp(picture, DECODING)
    .metadata()
    .catch(() => ({ width: 0, height: 0 }))
  return width * height
}

/**
 * A drawing's proportions. libvips rounds its sides to whole pixels at 72 dots an inch, which makes 2:1 of a view
 * box of 1.5:1; where ten times the density shows that something was lost, that measure is taken.
 */
const measureSvg = async (bytes: Uint8Array, { width, height }: Metadata) => {
  if (Math.max(width, height) > 2000) return { width, height }
  const fine = await readMetadata(bytes, 720)
  const isExact = fine.width === width * 10 && fine.height === height * 10
  return isExact ? { width, height } : { width: fine.width, height: fine.height }
}
