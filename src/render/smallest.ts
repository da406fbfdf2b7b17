import { deflateSync } from 'node:zlib'
import type { WebpOptions } from 'sharp'
import { area } from '../core/geometry.ts'
import { bareOriginal } from './bare.ts'
import { type Comparison, isComparable } from './compare-look.ts'
import type { EncodedFile } from './drawings.ts'
import { type Encoding, encode, encodingAt, type FileContext, ownNumber } from './encode.ts'
import { findPalette, hasMoreColours, MOST_COLOURS, type Palette, showsColour, toColour } from './palette.ts'
import type { Pixels } from './pixels.ts'
import { toChunk } from './png-chunks.ts'
import type { Rendered, Way } from './port.ts'
import { type Goal, searchFile, TOLERANCE } from './search.ts'

/**
 * The smallest file that looks as it should, of all encodings of a format. If the picture may be a drawing, all of them
 * are tried, because nobody can guess: a page of text is half as large without loss, a drawing with soft shades twenty
 * times as large. For a photograph, this takes a look at an eighth of its rows.
 */
export const makeSmallest = (
  look: Comparison,
  { encoding, goal }: Pick<EncodedFile, 'encoding' | 'goal'>,
  context: FileContext,
): Promise<Rendered> => {
  if (look.pixels.frames > 1) return encode(look.pixels, encoding, context.accompaniment)
  if (goal !== undefined)
    return goal.format === 'webp' ? makeWebp(look, goal, context) : makeLossy(look, goal, context)
  return encoding.format === 'png'
    ? makePng(look, encoding, context)
    : encode(look.pixels, encoding, context.accompaniment)
}

const makeAs = (look: Comparison, goal: Goal, context: FileContext): Promise<Rendered> => {
  const { format, quality, chroma } = goal
  const { encoders, accompaniment } = context
  if (goal.isSearched) return searchFile(look, goal, context)
  const encoding = encodingAt(format, ownNumber(format, quality, encoders), { encoders, chroma })
  return encode(look.pixels, encoding, accompaniment)
}

const isGood = (score: number, { target }: Goal): boolean => score >= target - TOLERANCE

/** The smaller of two files, with how it was made. */
const pick = (made: Rendered, other: Rendered, way: Way): Rendered =>
  other.bytes.length < made.bytes.length ? replace(made, other, way) : made

const replace = (made: Rendered, other: Rendered, way: Way): Rendered => ({
  ...other,
  way,
  instead: made.instead ?? made.bytes.length,
})

/** With halved chroma and, where that may be visible, with whole chroma: red letters need half the number then. */
const makeLossy = async (look: Comparison, goal: Goal, context: FileContext): Promise<Rendered> => {
  const halved = await makeAs(look, goal, context)
  if (goal.chroma === '4:4:4') return halved
  const isPoor = halved.reached !== undefined && !isGood(halved.reached.score, goal)
  if (!isPoor && !(isComparable(look.pixels) && look.isDrawn())) return halved
  const whole = await makeAs(look, { ...goal, chroma: '4:4:4' }, context)
  const score = halved.reached?.score ?? (await look.scoreOf(halved.bytes))
  return isGood(score, goal) ? pick(halved, whole, 'whole-chroma') : replace(halved, whole, 'whole-chroma')
}

const NEAR_LOSSLESS = 40

/**
 * Encoding without loss, in both ways, takes eight to ten times as long, and drawings with soft edges hardly ever become
 * smaller. A quarter of that tells: for icons drawn 108 times at 48 to 256 pixels, the file at effort 1 had 0.92 to 1.26
 * times the size of effort 4.
 */
const PROBE_EFFORT = 1
const PROBE_SPREAD = 1.3

/**
 * Where nothing repeats, the least effort tells too, in a seventh of the time of {@link PROBE_EFFORT}. Of 414 icons,
 * screenshots and wallpapers, each at the qualities 50, 80 and 95, this ends three of four that the other look would end,
 * and makes the files of all of them 0.2 % larger.
 */
const GLANCE_EFFORT = 0
const GLANCE_SPREAD = 2

/** Of 867 drawings of so few colours, the look let 864 pass at quality 80, and would have let none fail that wins. */
const FEW_COLOURS = 64

/**
 * A picture with more colours than a palette holds, and with one for each four bytes of its file with loss, hardly
 * repeats. Random specks have a colour for each seven bytes.
 */
const BYTES_A_COLOUR = 4

const hasNoRepeats = ({ pixels }: Comparison, { bytes }: Rendered): boolean =>
  hasMoreColours(pixels, Math.max(MOST_COLOURS, bytes.length / BYTES_A_COLOUR))

const makeWebp = async (look: Comparison, goal: Goal, context: FileContext): Promise<Rendered> => {
  const lossy = await makeAs(look, goal, context)
  if (context.encoders.webp.lossless === false || !look.isDrawn()) return lossy
  const encodeWith = (options: WebpOptions): Promise<Rendered> => {
    const { effort } = context.encoders.webp
    return encode(look.pixels, { format: 'webp', options: { effort, ...options } }, context.accompaniment)
  }
  const nearly = { nearLossless: true, quality: NEAR_LOSSLESS }
  // Near-lossless is hardly ever larger than lossless: one look decides for both.
  const isLargerAt = async (effort: number, spread: number): Promise<boolean> =>
    (await encodeWith({ ...nearly, effort })).bytes.length >= lossy.bytes.length * spread
  if (hasNoRepeats(look, lossy) && (await isLargerAt(GLANCE_EFFORT, GLANCE_SPREAD))) return lossy
  const isFlat = !hasMoreColours(look.pixels, FEW_COLOURS)
  if (!isFlat && (await isLargerAt(PROBE_EFFORT, PROBE_SPREAD))) return lossy
  const tryLossless = async () => pick(lossy, await encodeWith({ lossless: true }), 'lossless')
  if (!isComparable(look.pixels)) return tryLossless()
  const near = await encodeWith(nearly)
  const best = await tryLossless()
  const isWorth = near.bytes.length < best.bytes.length && isGood(await look.scoreOf(near.bytes), goal)
  return isWorth ? pick(best, near, 'near-lossless') : best
}

/** At this score, nobody can tell a picture of 256 colours from the original. */
const INDISTINGUISHABLE = 90

const makePng = async (
  look: Comparison,
  encoding: Extract<Encoding, { format: 'png' }>,
  { encoders, accompaniment }: FileContext,
): Promise<Rendered> => {
  const { pixels } = look
  const { palette } = encoders.png
  const encodeWith = (options: object): Promise<Rendered> =>
    encode(pixels, { format: 'png', options: { ...encoding.options, ...options } }, accompaniment)
  // Rows as differences from their neighbours: much smaller for shades, larger for letters.
  const filtered = await encodeWith({ adaptiveFiltering: true })
  const colours = palette === false ? undefined : findPalette(pixels)
  // Of greys, each pixel is one sample already.
  if (!look.isDrawn() && !(colours && showsColour(colours))) return filtered
  const plain = await encodeWith({})
  const isFiltered = filtered.bytes.length <= plain.bytes.length
  let best = isFiltered ? filtered : plain
  if (colours !== undefined) {
    const bytes = bareOriginal(writeIndexedPng(pixels, colours), 'png', plain.bytes)
    if (bytes !== undefined) best = pick(best, { ...plain, bytes }, 'palette')
  }
  const isOpen = colours === undefined && encoding.options.compressionLevel === undefined
  // The most that zlib can do: of flat shades up to an eighth for little, of photographs 3 % for six times the time.
  if (isOpen && best.bytes.length < area(pixels) * FLAT_BYTES) {
    const packed = await encodeWith({ compressionLevel: 9, adaptiveFiltering: isFiltered })
    if (packed.bytes.length < best.bytes.length) best = packed
  }
  if (palette === 'look' && colours === undefined && isComparable(pixels)) {
    const few = await encodeWith({ palette: true, colours: 256, dither: 1 })
    const isSame =
      few.bytes.length < best.bytes.length && (await look.scoreOf(few.bytes)) >= INDISTINGUISHABLE
    if (isSame) best = pick(best, few, 'quantised')
  }
  return best
}

/** Bytes a pixel. */
const FLAT_BYTES = 1 / 4

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const INDEXED = 3

/**
 * A PNG whose pixels are indexes into a palette, of 1, 2, 4 or 8 bits, without loss. Rows are not filtered, which is
 * best for numbers that are no amounts. Translucent colours come first in the palette, because only those need an entry
 * of alpha.
 */
const writeIndexedPng = (pixels: Pixels, palette: Palette): Buffer => {
  const colours = [...palette].sort((a, b) => alphaOf(a) - alphaOf(b))
  const numbers = new Map(colours.map((colour, number) => [colour, number]))
  const depth = [1, 2, 4].find((bits) => colours.length <= 2 ** bits) ?? 8
  const header = Buffer.alloc(13)
  header.writeUInt32BE(pixels.width, 0)
  header.writeUInt32BE(pixels.height, 4)
  header.set([depth, INDEXED], 8)
  const alphas = colours.map(alphaOf).filter((alpha) => alpha < 255)
  return Buffer.concat([
    SIGNATURE,
    toChunk('IHDR', header),
    toChunk(
      'PLTE',
      Buffer.from(colours.flatMap((colour) => [colour >>> 24, (colour >> 16) & 255, (colour >> 8) & 255])),
    ),
    ...(alphas.length > 0 ? [toChunk('tRNS', Buffer.from(alphas))] : []),
    toChunk('IDAT', deflateSync(packRows(pixels, numbers, depth), { level: 9, memLevel: 9 })),
    toChunk('IEND', Buffer.alloc(0)),
  ])
}

const alphaOf = (colour: number): number => colour & 255

/** Each row after the number of its filter, which is 0. */
const packRows = (
  { width, height, samples, channels }: Pixels,
  numbers: ReadonlyMap<number, number>,
  depth: number,
): Buffer => {
  const rowBytes = 1 + Math.ceil((width * depth) / 8)
  const rows = Buffer.alloc(rowBytes * height)
  for (let y = 0, from = 0; y < height; y++)
    for (let x = 0; x < width; x++, from += channels) {
      const number = numbers.get(toColour(samples, from, channels)) ?? 0
      const bit = x * depth
      const to = y * rowBytes + 1 + (bit >> 3)
      rows[to] = (rows[to] ?? 0) | (number << (8 - depth - (bit & 7)))
    }
  return rows
}
