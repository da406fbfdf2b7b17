import type { RasterFormat } from '../core/format.ts'
import { area } from '../core/geometry.ts'
import { preparationOf } from '../core/preparation.ts'
import { isComparable } from './compare-look.ts'
import { findLoad } from './decode.ts'
import { predictDrawingHeaderBytes } from './decoder-memory.ts'
import { type Drawing, type DrawingRequest, masterSize, planDrawings, preparedScale } from './drawings.ts'
import type { Header } from './port.ts'

/**
 * The most bytes that a render will hold, predicted from the header. There are two stages: while the source is decoded,
 * its decoder's memory and the master; then the master, everything kept to make smaller sizes from, and the largest of
 * the files that are encoded at once. The measurements are in `decoder-memory.ts` and below; the code and buffers that
 * a process has in any case are not counted (`watch-memory.ts`). `leastBytes`: with one file after the other.
 */
export const predictRenderBytes = (
  header: Header,
  request: DrawingRequest & { readonly encodesAtOnce?: number; readonly wantsScore?: boolean },
  sourceBytes: number,
): { readonly memoryBytes: number; readonly leastBytes: number } => {
  const { drawings } = planDrawings(request)
  const frames = Math.max(1, ...drawings.map((drawing) => drawing.frames))
  const channels = header.facts.hasAlpha ? 4 : 3
  const depth = header.highRange === undefined ? 1 : HIGH_RANGE_BYTES
  const master = predictMaster(header, request, { drawings, frames }) * channels * depth
  const kept = drawings.length > 1 ? sum(drawings.map(({ crop }) => area(crop))) * channels : 0
  const mayBeDrawn = header.facts.mediaFormat !== 'jpeg'
  const files = drawings
    .flatMap((drawing) =>
      predictFiles(drawing, channels, { mayBeDrawn, wantsScore: request.wantsScore ?? false }),
    )
    .sort((a, b) => b - a)
  const decoding = predictDecoding(header, { drawings, frames })
  // A single file of a JPEG may go directly from decoder to encoder, so the decoder's memory is held while that works.
  const isOne = files.length === 1 && !mayBeDrawn && !request.wantsScore
  const predict = (encodesAtOnce: number): number => {
    const encoding = sum(files.slice(0, encodesAtOnce))
    return (
      sourceBytes + Math.max(decoding + master, (isOne ? decoding : 0) + encoding, master + kept + encoding)
    )
  }
  return { memoryBytes: predict(request.encodesAtOnce ?? 1), leastBytes: predict(1) }
}

/** The same for a check, which decodes everything but keeps one row, and draws nothing. */
export const predictCheckBytes = (header: Header, sourceBytes: number): number =>
  header.facts.isScalable
    ? predictDrawingHeaderBytes(sourceBytes)
    : sourceBytes + header.decoderBytes + predictRows(header, 1)

/** Two bytes a sample, and the one that is made of them: up to 3.3 by measure (`test/calibrate/memory.ts`). */
const HIGH_RANGE_BYTES = 4

interface Planned {
  readonly drawings: readonly Drawing[]
  readonly frames: number
}

/** Pixels of the master, also of what it is made from where it is trimmed, rotated or cropped first. */
const predictMaster = ({ facts }: Header, request: DrawingRequest, { drawings, frames }: Planned): number => {
  const prepared = request.outputs.flatMap(({ transform }) => preparationOf(transform) ?? [])
  const own = area(frames > 1 ? facts : masterSize(drawings, facts)) * frames
  if (prepared.length === 0) return own
  const scale = Math.max(...prepared.map((preparation) => preparedScale(preparation, request)))
  return Math.max(own, area(facts) * scale ** 2 * frames * STEP_COPIES)
}

/** A step holds its input and its output. */
const STEP_COPIES = 2

const predictDecoding = (header: Header, { drawings, frames }: Planned): number => {
  const { facts, decoderBytes, layers = 0, orientation } = header
  const master = masterSize(drawings, facts)
  if (facts.isScalable) return decoderBytes + area(master) * layers * RGBA
  // libwebp holds frames twice.
  if (frames > 1) return decoderBytes * 2 + (facts.mediaFormat === 'webp' ? area(facts) * frames * RGBA : 0)
  const { factor, between } = findLoad(header, master)
  const turned = orientation >= 5 ? (area(facts) / factor ** 2) * header.channels : 0
  const held = between === undefined ? turned : area(between) * RGBA
  return decoderBytes + held + predictRows(header, factor)
}

/** Rows that the resampling works on at a time, by the same measurements: 1,300 to 2,000. */
const ROWS = 2_000

const predictRows = ({ facts: { width, height }, channels, sampleBytes }: Header, factor: number): number =>
  Math.min(height, ROWS) * width * channels * (sampleBytes / factor ** 2)

/** For each file, what it is made from besides the master, and its encoder. */
const predictFiles = (
  { crop, frames, sheets }: Drawing,
  channels: number,
  { mayBeDrawn, wantsScore }: { readonly mayBeDrawn: boolean; readonly wantsScore: boolean },
): readonly number[] =>
  sheets.flatMap((sheet) => {
    const isPadded = area(sheet.canvas) !== area(crop)
    const isLaid = isPadded || (sheet.background !== undefined && channels === 4)
    const hasAlpha = sheet.background === undefined && (channels === 4 || isPadded)
    const pictures = (area(crop) + (isLaid ? area(sheet.canvas) : 0)) * (hasAlpha ? 4 : 3)
    // For an animation, single frames and all of them joined; it is encoded frame by frame.
    const copies = frames > 1 ? frames * 2 : 1
    const isTried = mayBeDrawn && frames === 1
    const isCompared = isTried && isComparable(sheet.canvas)
    const look = hasAlpha ? LOOK_BYTES.alpha : LOOK_BYTES.opaque
    return sheet.files.map(({ encoding: { format, options }, goal }) => {
      const { whole, chroma, alpha } = ENCODER_BYTES[format]
      const isChromaWhole =
        isCompared || ('chromaSubsampling' in options && options.chromaSubsampling === '4:4:4')
      // libwebp keeps alpha without loss, and colours as well where that is tried.
      const isWhole = hasAlpha || (isTried && format === 'webp')
      const perPixel =
        whole +
        (isChromaWhole ? chroma : 0) +
        (isWhole ? alpha : 0) +
        (frames > 1 ? frames * FILE_BYTES : 0) +
        (isCompared || wantsScore || goal?.isSearched ? look : 0)
      return pictures * copies + area(sheet.canvas) * perPixel
    })
  })

/** Bytes per pixel to compare a file: the metric's own, the decoded file and, with alpha, four flat pictures. */
const LOOK_BYTES = { opaque: 34, alpha: 52 }

/** Bytes per pixel of a file: one byte is a large animation. */
const FILE_BYTES = 1

/**
 * Bytes per pixel that an encoder holds in addition to its input, with its file: measured at 1 and 8 megapixels.
 * `chroma` and `alpha` are added with 4:4:4 and with alpha.
 */
const ENCODER_BYTES: Readonly<
  Record<RasterFormat, { readonly whole: number; readonly chroma: number; readonly alpha: number }>
> = {
  avif: { whole: 20, chroma: 13, alpha: 18 },
  webp: { whole: 6, chroma: 0, alpha: 26 },
  jpg: { whole: 5, chroma: 7, alpha: 0 },
  png: { whole: 5, chroma: 0, alpha: 2 },
  gif: { whole: 10, chroma: 0, alpha: 3 },
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const RGBA = 4
