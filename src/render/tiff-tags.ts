/** The tags of a TIFF's first directory that tell its kind. */
export type TiffTags = ReadonlyMap<number, TiffTag>

/** One tag of a directory. */
export interface TiffTag {
  /** The number of its type in TIFF 6.0: 3 is SHORT. */
  readonly type: number
  /** How many values it says it has. */
  readonly count: number
  /** The first of them: numbers or, for text, its characters. */
  readonly values: readonly number[]
  /** The position of the first value in the file. */
  readonly from: number
}

/** The numbers of the tags that are read. */
export const TAG = {
  subfileType: 254,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  make: 271,
  orientation: 274,
  planarConfiguration: 284,
  artist: 315,
  subDirectories: 330,
  sampleFormat: 339,
  copyright: 33_432,
  dngVersion: 50_706,
} as const

/** Reads TIFF 6.0 and BigTIFF; empty where the directory is missing. Values that are no whole numbers are left out. */
export const readTiffTags = (bytes: Uint8Array): TiffTags => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tags = new Map<number, TiffTag>()
  try {
    for (const { tag, ...found } of listEntries(view)) tags.set(tag, found)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // cut off: what was read before is kept
  }
  return tags
}

const listEntries = function* (view: DataView) {
  const isLittle = view.getUint8(0) === 0x49
  const isBig = view.getUint16(2, isLittle) === 43
  const readOffset = (at: number): number =>
    isBig ? Number(view.getBigUint64(at, isLittle)) : view.getUint32(at, isLittle)
  const [countBytes, entryBytes, inlineBytes] = isBig ? [8, 20, 8] : [2, 12, 4]
  const start = readOffset(isBig ? 8 : 4)
  const entries = isBig ? readOffset(start) : view.getUint16(start, isLittle)
  for (let i = 0; i < Math.min(entries, MOST_ENTRIES); i++) {
    const at = start + countBytes + i * entryBytes
    const type = view.getUint16(at + 2, isLittle)
    const sampleBytes = SAMPLE_BYTES[type]
    if (sampleBytes === undefined) continue
    const count = readOffset(at + 4)
    const inline = at + entryBytes - inlineBytes
    const from = count * sampleBytes <= inlineBytes ? inline : readOffset(inline)
    const values: number[] = []
    for (let k = 0; k < Math.min(count, MOST_VALUES); k++)
      values.push(readNumber(view, from + k * sampleBytes, { sampleBytes, isLittle }))
    yield { tag: view.getUint16(at, isLittle), type, count, values, from }
  }
}

const MOST_ENTRIES = 500
const MOST_VALUES = 64

/** For the types BYTE, ASCII, SHORT, LONG, SSHORT, SLONG, IFD and UTF-8; signs are ignored. */
const SAMPLE_BYTES: Readonly<Record<number, 1 | 2 | 4>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  8: 2,
  9: 4,
  13: 4,
  129: 1,
}

const readNumber = (
  view: DataView,
  at: number,
  { sampleBytes, isLittle }: { readonly sampleBytes: 1 | 2 | 4; readonly isLittle: boolean },
): number => {
  if (sampleBytes === 1) return view.getUint8(at)
  return sampleBytes === 2 ? view.getUint16(at, isLittle) : view.getUint32(at, isLittle)
}

/** The first value of a tag. */
export const firstOf = (tags: TiffTags, tag: number): number | undefined => tags.get(tag)?.values[0]

/** A copy of a TIFF in which the first values of one tag, as far as they were read, are replaced by `value`. */
export const replaceValues = (
  bytes: Uint8Array,
  { type, values, from }: TiffTag,
  value: number,
): Uint8Array => {
  const copy = new Uint8Array(bytes)
  const sampleBytes = SAMPLE_BYTES[type] ?? 1
  const isLittle = copy[0] === 0x49
  for (const index of values.keys()) {
    const sample = copy.subarray(from + index * sampleBytes, from + (index + 1) * sampleBytes)
    sample.fill(0).set([value], isLittle ? 0 : sampleBytes - 1)
  }
  return copy
}
