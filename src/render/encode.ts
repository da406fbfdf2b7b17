import { deflateSync } from 'node:zlib'
import type { AvifOptions, GifOptions, JpegOptions, PngOptions, Sharp, WebpOptions } from 'sharp'
import type { EncoderOptions } from '../core/encoder.ts'
import type { LossyFormat, RasterFormat } from '../core/format.ts'
import { unreachable } from '../core/unreachable.ts'
import { type Credit, toExif, toXmp } from './copyright.ts'
import { type Pixels, toGreySharp, toSharp } from './pixels.ts'
import { listHeadChunks, toChunk } from './png-chunks.ts'
import type { Header, Rendered, Timing } from './port.ts'
import { mapQuality } from './quality.ts'
import { sharp } from './sharp.ts'
import { lazily } from './wasm.ts'

/** All options of an encoder. Two outputs with equal pixels and equal encoding are one file. */
export type Encoding =
  | { readonly format: 'avif'; readonly options: AvifOptions }
  | { readonly format: 'webp'; readonly options: WebpOptions }
  | { readonly format: 'jpg'; readonly options: JpegOptions }
  | { readonly format: 'png'; readonly options: PngOptions }
  | { readonly format: 'gif'; readonly options: GifOptions }

/** Whether colours are kept at half the resolution of light. WebP always halves them. */
export type Chroma = '4:2:0' | '4:4:4'

/**
 * Chroma is halved below quality 90. From 90 on, JPEG and AVIF keep all of it: whoever asks for that number cares about
 * red letters and thin lines.
 */
export const chromaOf = (quality: number): Chroma => (quality >= 90 ? '4:4:4' : '4:2:0')

/** How `format` is encoded at `quality` (on mozjpeg's scale). PNG and GIF have no quality and ignore it. */
export const toEncoding = (format: RasterFormat, quality: number, encoders: EncoderOptions): Encoding => {
  switch (format) {
    case 'avif':
    case 'webp':
    case 'jpg':
      return encodingAt(format, ownNumber(format, quality, encoders), { encoders, chroma: chromaOf(quality) })
    case 'png':
      return { format, options: { ...encoders.png, palette: false } }
    case 'gif':
      return { format, options: { effort: GIF_EFFORT, ...encoders.gif } }
    default:
      return unreachable(format)
  }
}

/**
 * One step less than sharp's own: for six photographs, six drawings and, in the mean, eleven animations, PSNR to the picture
 * within ±0.15 dB, bytes within 1 %, a fifth to a quarter less CPU. One more step costs 1.8 dB. Not in the recipe: it makes
 * nothing stale.
 */
const GIF_EFFORT = 6

/** The number that the format's own encoder gets for `quality`. */
export const ownNumber = (format: LossyFormat, quality: number, encoders: EncoderOptions): number =>
  format === 'jpg' && encoders.jpeg.mozjpeg
    ? quality
    : mapQuality(format === 'jpg' ? 'libjpeg' : format, quality)

/** The encoding with a number of the encoder's own. JPEGs are progressive by default: smaller, and visible earlier. */
export const encodingAt = (
  format: LossyFormat,
  quality: number,
  { encoders, chroma }: { readonly encoders: EncoderOptions; readonly chroma: Chroma },
): Encoding => {
  switch (format) {
    case 'avif':
      return { format, options: { quality, chromaSubsampling: chroma, effort: encoders.avif.effort } }
    case 'webp':
      return { format, options: { quality, effort: encoders.webp.effort } }
    case 'jpg':
      return {
        format,
        options: {
          quality,
          chromaSubsampling: chroma,
          ...(encoders.jpeg.mozjpeg ? { mozjpeg: true } : toScans(encoders.jpeg)),
        },
      }
    default:
      return unreachable(format)
  }
}

/** The fastest options of every encoder: an eighth of the work, for nearly the same look at the same number. */
export const QUICKEST = {
  avif: { effort: 0 },
  webp: { effort: 0 },
  jpeg: { mozjpeg: false, progressive: false },
  png: {},
  gif: {},
} as const satisfies EncoderOptions

// Huffman tables made for the picture need a second pass and save 4 % of the bytes; progressive scans need several.
const toScans = (jpeg: EncoderOptions['jpeg']): JpegOptions => {
  const progressive = jpeg.progressive ?? true
  return { progressive, optimiseCoding: progressive }
}

/** What is written in addition to the pixels. */
interface Accompaniment {
  readonly credit: Credit
  readonly timing?: Timing
  /** Of the source, where the file is made of one. */
  readonly facts?: Header['facts']
  readonly channels?: number
}

/** What every file of a picture is made with. */
export interface FileContext {
  readonly encoders: EncoderOptions
  readonly accompaniment: Accompaniment
}

/** The file: these pixels in this encoding, with colour profile, credit and timing, and nothing else of the source. */
export const encode = (pixels: Pixels, encoding: Encoding, accompaniment: Accompaniment): Promise<Rendered> =>
  finish(
    (mayBeGrey(encoding, accompaniment) ? toGreySharp(pixels) : undefined) ?? toSharp(pixels),
    pixels,
    encoding,
    accompaniment,
  )

/**
 * Whether the format has one sample for a grey pixel: of a photograph, 5 % fewer bytes in JPEG and a quarter in PNG. Not
 * for JPEGs of JPEGs with three: a file of those that is made alone is encoded straight from them, and nobody looks at
 * its pixels.
 */
const mayBeGrey = ({ format }: Encoding, { facts, channels }: Accompaniment): boolean =>
  format === 'png' || (format === 'jpg' && !(facts?.mediaFormat === 'jpeg' && channels === 3))

/** The file at the end of a pipeline; `size` is that of its picture. */
export const finish = async (
  pipeline: Sharp,
  { width, height, frames, gamut }: Omit<Pixels, 'samples' | 'channels'>,
  encoding: Encoding,
  { credit, timing }: Accompaniment,
): Promise<Rendered> => {
  const signed = sign(pipeline, credit)
  const picture = gamut === undefined ? signed : labelAsSrgb(signed)
  const movement =
    frames > 1 && timing !== undefined ? { delay: [...timing.delaysMs], loop: timing.loop } : {}
  // Not `toUint8Array`: in sharp 0.35.5 it copies the file and never frees the original (pipeline.cc passes a wrong
  // argument to FreeCallback), so that an origin grows with each result. We make the copy ourselves, because the memory
  // of a Buffer may not move to another thread.
  const data = await start(picture, encoding, movement).toBuffer()
  const plain = encoding.format === 'png' ? withoutDensity(data) : data
  const labelled = gamut === undefined ? plain : await relabelAsP3(plain, encoding.format)
  return { bytes: new Uint8Array(labelled), width, height }
}

/** sharp writes 72 dots an inch into each PNG: 21 bytes that say nothing. It changes the file in its place. */
const withoutDensity = (png: Buffer): Buffer => {
  const chunk = listHeadChunks(png).find(({ name }) => name === 'pHYs')
  if (chunk === undefined) return png
  png.copyWithin(chunk.start, chunk.end)
  return png.subarray(0, png.length - (chunk.end - chunk.start))
}

const sign = (picture: Sharp, credit: Credit): Sharp => {
  const [exif, xmp] = [toExif(credit), toXmp(credit)]
  if (exif !== undefined) picture.withExif(exif)
  return xmp === undefined ? picture : picture.withXmp(xmp)
}

const start = (picture: Sharp, encoding: Encoding, movement: { delay?: number[]; loop?: number }) => {
  switch (encoding.format) {
    case 'avif':
      return picture.avif(encoding.options)
    case 'webp':
      return picture.webp({ ...encoding.options, ...movement })
    case 'jpg':
      return picture.jpeg(encoding.options)
    case 'png':
      return picture.png(encoding.options)
    case 'gif':
      return picture.gif({ ...encoding.options, ...movement })
    default:
      return unreachable(encoding)
  }
}

/**
 * Marks a file's colours as Display P3. sharp can attach that profile only to pixels that it has converted from sRGB.
 * So it attaches sRGB's, which leaves all numbers as they are, and then the other one, also of 480 bytes, replaces it.
 */
const labelAsSrgb = (picture: Sharp): Sharp => picture.withIccProfile('srgb')

/** The same file in Display P3; the pipeline must have gone through {@link labelAsSrgb}. */
const relabelAsP3 = async (file: Buffer, format: RasterFormat): Promise<Buffer> => {
  const { srgb, p3 } = await profiles()
  if (format === 'png') return replaceChunk(file, p3)
  const at = file.indexOf(srgb)
  if (at < 0 || srgb.length !== p3.length) throw new Error(`sRGB's profile is not in the ${format}`)
  p3.copy(file, at)
  return file
}

const profiles = lazily(async () => ({ srgb: await readProfile('srgb'), p3: await readProfile('p3') }))

const readProfile = async (name: 'srgb' | 'p3'): Promise<Buffer> => {
  const pixel = { create: { width: 1, height: 1, channels: 3, background: 'black' } } as const
  const { icc } = await sharp(await sharp(pixel).withIccProfile(name).png().toBuffer()).metadata()
  if (icc === undefined) throw new Error('sharp attached no profile')
  return icc
}

const replaceChunk = (png: Buffer, profile: Buffer): Buffer => {
  const chunk = listHeadChunks(png).find(({ name }) => name === 'iCCP')
  if (chunk === undefined) throw new Error("sRGB's profile is not in the png")
  const body = Buffer.concat([Buffer.from('p3\0\0', 'latin1'), deflateSync(profile, { level: 9 })])
  return Buffer.concat([png.subarray(0, chunk.start), toChunk('iCCP', body), png.subarray(chunk.end)])
}
