import type { RasterFormat } from '../core/format.ts'
import type { Size } from '../core/geometry.ts'
import { type Preparation, preparationOf } from '../core/preparation.ts'
import { type DrawingRequest, largestSide, masterSize, planDrawings, preparedScale } from './drawings.ts'
import { MARKUP_FACTOR } from './header.ts'
import type { Header } from './port.ts'
import type { MediaFormat } from './sniff.ts'

/**
 * How many bytes a render will hold at its worst, told from the header: the source, what its decoder holds beside
 * the master, the master, and of the files that are encoded at once the largest, with what they are made of. Meant
 * to be too much rather than too little: most JPEGs and PNGs stream through their decoders and take a tenth of what
 * is counted here.
 */
export const predictRenderBytes = (
  header: Header,
  request: DrawingRequest & { readonly encodesAtOnce?: number },
  sourceBytes: number,
): number => {
  const { facts } = header
  const { drawings } = planDrawings(request)
  const frames = Math.max(1, ...drawings.map((drawing) => drawing.frames))
  const prepared = request.outputs.flatMap(({ transform }) => preparationOf(transform) ?? [])
  const master =
    prepared.length > 0
      ? area(facts) * largestScale(prepared, request) ** 2 * frames * RGBA * TURNED_COPIES
      : area(frames > 1 ? facts : masterSize(drawings, facts)) * frames * RGBA
  const drawn = drawings.flatMap(({ crop, sheets, frames }) =>
    sheets.flatMap(({ canvas, files }) =>
      files.map(
        ({ encoding }) =>
          (area(crop) * RGBA + area(canvas) * (RGBA + ENCODER_BYTES[encoding.format])) * frames,
      ),
    ),
  )
  // Smaller sizes are made of larger ones, which stay until the end: each at most a quarter of the one before.
  const reductions = drawings.length > 1 ? area(largestSide(drawings)) * RGBA * 2 : 0
  const encoded = sum(drawn.sort((a, b) => b - a).slice(0, request.encodesAtOnce ?? 1))
  return sourceBytes + predictDecoderBytes(header, frames) + master + reductions + encoded
}

/** The same for the header of a drawing: how much is embedded and how many elements there are it has yet to tell. */
export const predictDrawingHeaderBytes = (sourceBytes: number): number => sourceBytes * MARKUP_FACTOR

/** The same for a check, which decodes everything and keeps a row. */
export const predictCheckBytes = (header: Header, sourceBytes: number): number =>
  sourceBytes + predictDecoderBytes(header, header.facts.frames)

const predictDecoderBytes = (header: Header, frames: number): number => {
  const { facts, channels, sampleBytes, drawingBytes = 0 } = header
  if (facts.isScalable) return drawingBytes
  const wholePicture = channels * sampleBytes
  return area(facts) * frames * Math.max(wholePicture, DECODER_BYTES[facts.mediaFormat] ?? 0)
}

/** A step holds what it was given and what it makes. */
const TURNED_COPIES = 2

const largestScale = (prepared: readonly Preparation[], request: DrawingRequest): number =>
  Math.max(...prepared.map((preparation) => preparedScale(preparation, request)))

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const area = ({ width, height }: Size): number => width * height

const RGBA = 4

// Bytes a pixel, by the peak of resident memory at 12 megapixels: progressive JPEG 3.7 (libjpeg keeps every
// coefficient, two bytes of each of three channels), plain JPEG 0.7, interlaced PNG 4.7, plain 2.1, WebP 0.7 (an
// animation needs whole frames), AVIF 19.6, GIF 7.2, TIFF 2.1 (one strip may be all of it). Of a BMP three copies
// are made on its way to libvips.
const DECODER_BYTES: Partial<Record<MediaFormat, number>> = {
  jpeg: 6,
  png: 5,
  webp: 8,
  avif: 20,
  gif: 8,
  bmp: 16,
  ico: 16,
}

// The same: AVIF 21 at 4:2:0 and 34 at 4:4:4, WebP 10, mozjpeg 8 and 15, GIF 11, PNG 0.5; alpha adds a little.
const ENCODER_BYTES: Readonly<Record<RasterFormat, number>> = { avif: 36, webp: 12, jpg: 15, png: 1, gif: 12 }
