/** The tags of a TIFF's first directory that tell its kind. */
export type TiffTags = ReadonlyMap<number, TiffTag>

/** One tag of a directory. */
export interface TiffTag {
  /** The number of its type in TIFF 6.0: 3 is SHORT. */
  readonly type: number
  /** How many values it says it has. */
  readonly count: number
  /** The first of them that the file has: numbers or, for text, its characters. */
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
  fillOrder: 266,
  make: 271,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  planarConfiguration: 284,
  resolutionUnit: 296,
  artist: 315,
  colourMap: 320,
  tileWidth: 322,
  tileLength: 323,
  subDirectories: 330,
  inkSet: 332,
  extraSamples: 338,
  sampleFormat: 339,
  copyright: 33_432,
  dngVersion: 50_706,
} as const

/** Reads TIFF 6.0 and BigTIFF; empty where the directory is missing. Values that are no whole numbers are left out. */
export const readTiffTags = (bytes: Uint8Array): TiffTags => readDirectory(bytes).tags

/**
 * The same TIFF beginning with its first page that is neither a smaller copy of another one nor a mask; undefined where it
 * begins so, and where there is none.
 */
export const beginWithFullPage = (bytes: Uint8Array): Uint8Array | undefined => {
  const { at } = findFullPage(bytes)
  return at === undefined ? undefined : beginAt(bytes, at)
}

/** The tags of the page that is shown: see {@link beginWithFullPage}. */
export const readFullPageTags = (bytes: Uint8Array): TiffTags => findFullPage(bytes).tags

/** `at`: where its position is written, if another page comes before it. */
const findFullPage = (bytes: Uint8Array): { readonly tags: TiffTags; readonly at?: number } => {
  const first = readDirectory(bytes)
  let page: Directory | undefined = first
  let at: number | undefined
  for (let pages = 0; pages < MOST_PAGES && page !== undefined; pages++) {
    const { tags, nextAt }: Directory = page
    if (((firstOf(tags, TAG.subfileType) ?? 0) & (REDUCED | MASK)) === 0)
      return at === undefined || tags.size === 0 ? first : { tags, at }
    at = nextAt
    page = at === undefined ? undefined : readDirectory(bytes, at)
  }
  return first
}

const [REDUCED, MASK] = [1, 4]
const MOST_PAGES = 100

/** `at`: where the position of the directory to begin with is written. */
const beginAt = (bytes: Uint8Array, at: number): Uint8Array => {
  const { firstAt, offsetBytes } = readLayout(toBuffer(bytes))
  return new Uint8Array(bytes).copyWithin(firstAt, at, at + offsetBytes)
}

const toBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

interface Directory {
  readonly tags: TiffTags
  /** Where the position of the next one is written, if this one was read to its end. */
  readonly nextAt?: number
}

/** The first one, or that whose position is written at `at`. */
const readDirectory = (bytes: Uint8Array, at?: number): Directory => {
  const file = toBuffer(bytes)
  const tags = new Map<number, TiffTag>()
  try {
    const { isLittle, isBig, firstAt, offsetBytes, countBytes, entryBytes } = readLayout(file)
    const read = (from: number, size: number): number =>
      isLittle ? file.readUIntLE(from, size) : file.readUIntBE(from, size)
    const readLong = (from: number): number =>
      Number(isLittle ? file.readBigUInt64LE(from) : file.readBigUInt64BE(from))
    const readOffset = (from: number): number => (isBig ? readLong(from) : read(from, 4))
    const start = readOffset(at ?? firstAt)
    if (start === 0) return { tags }
    const entries = isBig ? readOffset(start) : read(start, 2)
    for (let i = 0; i < Math.min(entries, MOST_ENTRIES); i++) {
      const entry = start + countBytes + i * entryBytes
      const type = read(entry + 2, 2)
      const sampleBytes = SAMPLE_BYTES[type]
      if (sampleBytes === undefined) continue
      const count = readOffset(entry + 4)
      const inline = entry + entryBytes - offsetBytes
      const from = count * sampleBytes <= offsetBytes ? inline : readOffset(inline)
      const readable = Math.min(count, MOST_VALUES, Math.floor((bytes.length - from) / sampleBytes))
      const values: number[] = []
      for (let k = 0; k < readable; k++) values.push(read(from + k * sampleBytes, sampleBytes))
      tags.set(read(entry, 2), { type, count, values, from })
    }
    return { tags, nextAt: start + countBytes + entries * entryBytes }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // cut off: what was read before is kept
    return { tags }
  }
}

const readLayout = (file: Buffer) => {
  const isLittle = file.readUInt8(0) === 0x49
  const isBig = (isLittle ? file.readUInt16LE(2) : file.readUInt16BE(2)) === 43
  return isBig
    ? { isLittle, isBig, firstAt: 8, offsetBytes: 8, countBytes: 8, entryBytes: 20 }
    : { isLittle, isBig, firstAt: 4, offsetBytes: 4, countBytes: 2, entryBytes: 12 }
}

const MOST_ENTRIES = 500
const MOST_VALUES = 64

/** For the types BYTE, ASCII, SHORT, LONG, SSHORT, SLONG, IFD and UTF-8; signs are ignored. */
const SAMPLE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 8: 2, 9: 4, 13: 4, 129: 1 }

/** Whether a tag is there with all of its values. */
export const isWhole = (bytes: Uint8Array, tag: TiffTag | undefined): boolean =>
  tag !== undefined && tag.from + tag.count * (SAMPLE_BYTES[tag.type] ?? 1) <= bytes.length

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
