import type { EncoderOptions } from '../core/encoder.ts'
import { contentTypeOf } from '../core/format.ts'
import { isSameSize, type Size } from '../core/geometry.ts'
import { openOverlap } from '../waiting/concurrency.ts'
import type { Reductions } from './attention.ts'
import { bareOriginal } from './bare.ts'
import { colourIn, gamutOf, toGamut } from './colours.ts'
import { type Comparison, openComparisons } from './compare-look.ts'
import type { ReadableHeader } from './decode.ts'
import {
  type Drawing,
  type EncodedFile,
  type FileBound,
  isKept,
  isMuchLarger,
  type Sheet,
} from './drawings.ts'
import { type FileContext, toEncoding } from './encode.ts'
import { dropOpaqueAlpha, firstFrame, mapFrames, type Pixels, resizeUpright } from './pixels.ts'
import type { Header, Rendered, Watermark } from './port.ts'
import { type Goal, goalOf } from './search.ts'
import { makeSmallest } from './smallest.ts'
import type { MediaFormat } from './sniff.ts'
import { applyFilters } from './steps/filter.ts'
import { layWatermark } from './steps/watermark.ts'
import { lazily } from './wasm.ts'

/** What files are made with besides their pixels. */
export interface DrawnFrom {
  readonly bytes: Uint8Array
  readonly header: ReadableHeader
  readonly encoders: EncoderOptions
  readonly watermark?: Watermark
  readonly wantsScore?: boolean
  /** How many files are encoded at once, while the next drawing is made. Default 1: one after the other. */
  readonly encodesAtOnce?: number
}

/**
 * Makes the files of these drawings, by the index of their outputs: resample, filter, lay, mark, encode. Only what smaller
 * drawings are made from and the drawings being encoded are in memory.
 */
export const drawFiles = async (
  reductions: KeptReductions,
  drawings: readonly Drawing[],
  { bytes, header, encoders, watermark, wantsScore, encodesAtOnce = 1 }: DrawnFrom,
): Promise<ReadonlyMap<number, Rendered>> => {
  const made = new Map<number, Rendered>()
  const encodes = openOverlap(encodesAtOnce)
  const { facts } = header
  const openLook = openComparisons(facts.mediaFormat === 'jpeg')
  const encodeFile = async (look: Comparison, file: EncodedFile): Promise<void> => {
    const isWhole = header.failOn !== 'none'
    const isUsable = isWhole && isOwnFile(facts, look.pixels, file) && !isCmyk(header)
    const original = isUsable ? { bytes, mediaFormat: facts.mediaFormat } : undefined
    const rendered = await makeFile(look, file, { encoders, accompaniment: header, original })
    const scored = wantsScore
      ? { ...rendered, score: rendered.reached?.score ?? (await look.scoreOf(rendered.bytes)) }
      : rendered
    for (const place of file.outputs) made.set(place, scored)
  }
  try {
    for (const drawing of drawings) {
      const resampled = await resample(reductions.find(drawing.scaled), drawing)
      reductions.keep(resampled, drawing)
      if (drawing.sheets.length === 0) continue
      const filtered = drawing.filters ? await applyFilters(resampled, drawing.filters) : resampled
      for (const sheet of drawing.sheets) {
        const laid = await layOnCanvas(filtered, sheet)
        const marked = sheet.isWatermarked && watermark ? await layWatermark(laid, watermark) : laid
        const look = openLook(dropOpaqueAlpha(marked))
        // A GIF cannot say what its colours mean.
        const srgbLook = lazily(() => (gamutOf(marked) === 'srgb' ? look : openLook(toGamut(marked, 'srgb'))))
        for (const file of sheet.files)
          await encodes.begin(() => encodeFile(file.encoding.format === 'gif' ? srgbLook() : look, file))
      }
    }
  } finally {
    await encodes.end()
  }
  return made
}

/** Without its profile, each browser shows CMYK in its own way. */
const isCmyk = ({ facts, channels }: ReadableHeader): boolean =>
  facts.mediaFormat === 'jpeg' && channels === 4

const largestFirst = (drawings: readonly Drawing[]): readonly Drawing[] =>
  [...drawings].sort((a, b) => b.scaled.width * b.scaled.height - a.scaled.width * a.scaled.height)

/**
 * The drawings, the largest first, with the files that are made here. One without files is resampled all the same if a
 * smaller one follows: then that is made from the same pixels as where all of them are made.
 */
export const onlyShare = (
  drawings: readonly Drawing[],
  isMine: (index: number) => boolean,
): readonly Drawing[] => {
  const own = largestFirst(drawings).map((drawing) => ({
    ...drawing,
    sheets: drawing.sheets
      .map((sheet) => ({ ...sheet, files: sheet.files.filter(({ outputs }) => outputs.some(isMine)) }))
      .filter(({ files }) => files.length > 0),
  }))
  return own.slice(0, own.findLastIndex(({ sheets }) => sheets.length > 0) + 1)
}

/** Each drawing is made from the smallest one that is much larger; at most a few pixels are read twice. */
export const keepReductions = (master: Pixels): KeptReductions => {
  const kept: Pixels[] = [master]
  return {
    find: (size) => kept.findLast((picture) => isMuchLarger(picture, size)) ?? master,
    keep: (picture, drawing) => {
      if (isKept(drawing) && master.frames === 1) kept.push(picture)
    },
  }
}

/** What smaller drawings can be made from. */
interface KeptReductions extends Reductions {
  keep(picture: Pixels, drawing: Drawing): void
}

/** Whether a file has the source's own format and size. */
export const isOwnFile = (
  facts: Header['facts'],
  size: Size,
  { encoding }: Pick<EncodedFile, 'encoding'>,
): boolean => contentTypeOf(encoding.format) === `image/${facts.mediaFormat}` && isSameSize(size, facts)

/** The master at a drawing's size, cropped: the only resampling, shared by all its formats. */
const resample = async (master: Pixels, { scaled, crop, frames }: Drawing): Promise<Pixels> => {
  const picture = frames === 1 ? firstFrame(master) : master
  const isScaled = picture.turn !== undefined || !isSameSize(scaled, picture)
  const isCropped = !isSameSize(crop, scaled)
  if (!isScaled && !isCropped) return picture
  return mapFrames(picture, (frame) => {
    const whole = isScaled ? resizeUpright(frame, picture, scaled) : frame
    return isCropped ? whole.extract({ ...crop }) : whole
  })
}

/** The picture on its canvas, with the background, if any, behind padding and transparency. */
const layOnCanvas = async (picture: Pixels, { canvas, offset, background }: Sheet): Promise<Pixels> => {
  const isPadded = !isSameSize(canvas, picture)
  const isFlattened = background !== undefined && picture.channels === 4
  if (!isPadded && !isFlattened) return picture
  const colour =
    background === undefined ? { r: 0, g: 0, b: 0, alpha: 0 } : colourIn(gamutOf(picture), background)
  return mapFrames(picture, (frame) => {
    const opaque = isFlattened ? frame.flatten({ background: colour }) : frame
    if (!isPadded) return opaque
    return opaque.extend({
      left: offset.left,
      top: offset.top,
      right: canvas.width - picture.width - offset.left,
      bottom: canvas.height - picture.height - offset.top,
      background: colour,
    })
  })
}

interface MakeContext extends FileContext {
  /** The original, if it has the same format and size: it may be used as the file. */
  readonly original?: { readonly bytes: Uint8Array; readonly mediaFormat: MediaFormat } | undefined
}

const makeFile = async (look: Comparison, file: EncodedFile, context: MakeContext): Promise<Rendered> => {
  const smallest = await makeSmallest(look, file, context)
  const wanted = (await tryOriginal(look, smallest, context)) ?? smallest
  const { bound, goal } = file
  return bound === undefined || goal === undefined || wanted.bytes.length <= bound.maxBytes
    ? wanted
    : makeWithin(look, { bound, goal }, context)
}

/** The original without metadata, if it is smaller and shows exactly these pixels. */
const tryOriginal = async (
  look: Comparison,
  made: Rendered,
  { original }: MakeContext,
): Promise<Rendered | undefined> => {
  if (original === undefined) return undefined
  const bytes = bareOriginal(original.bytes, original.mediaFormat, made.bytes)
  if (bytes === undefined || bytes.length >= made.bytes.length || !(await look.isSame(bytes)))
    return undefined
  const { width, height } = made
  return { bytes, width, height, way: 'original', instead: made.bytes.length }
}

/**
 * The file at the highest quality up to `bound.quality` that is not larger than allowed; at quality 1 where there is
 * none. A quality does not tell the number of bytes, so it is found by bisection: seven files at most, each as it would
 * be at that quality without a search.
 */
const makeWithin = async (
  look: Comparison,
  { bound, goal }: { readonly bound: FileBound; readonly goal: Goal },
  context: FileContext,
): Promise<Rendered> => {
  const makeAt = (quality: number): Promise<Rendered> => {
    const encoding = toEncoding(goal.format, quality, context.encoders)
    return makeSmallest(
      look,
      { encoding, goal: { ...goalOf(goal.format, quality), isSearched: false } },
      context,
    )
  }
  let [tooGood, good] = [bound.quality, 0]
  let best: Rendered | undefined
  while (tooGood - good > 1) {
    const quality = Math.floor((tooGood + good) / 2)
    const rendered = await makeAt(quality)
    if (rendered.bytes.length <= bound.maxBytes) [good, best] = [quality, rendered]
    else tooGood = quality
  }
  return best ?? makeAt(1)
}
