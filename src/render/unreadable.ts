import { Problem } from '../core/problem.ts'
import { isFrameMarker, JPEG, listSegments } from './jpeg-segments.ts'
import { DEVELOP, unsupported } from './kinds.ts'
import { walkChunks } from './png-chunks.ts'
import { sniffMedia } from './sniff.ts'
import { firstOf, isWhole, readFullPageTags, readTiffTags, TAG, type TiffTags } from './tiff-tags.ts'

/**
 * The Problem of a picture whose header could be read but whose pixels cannot: `image-unsupported` where it is complete
 * but of a kind that libvips does not know, else `image-corrupt`; the cause is libvips's own message.
 */
export const toUnreadable = (bytes: Uint8Array, cause: unknown): Problem => {
  const kind = findUnreadKind(bytes)
  if (kind !== undefined) return unsupported(kind, SAVE_PLAIN, cause)
  return imageCorrupt(cause, findCutChunk(bytes))
}

/** For `.catch`: rejects with the Problem of these bytes. */
export const orUnreadable =
  (bytes: Uint8Array) =>
  (cause: unknown): never => {
    throw toUnreadable(bytes, cause)
  }

/** Of a PNG, where a chunk ends beyond the file: libvips says only that the header is corrupt. */
const findCutChunk = (bytes: Uint8Array): string | undefined => {
  const chunks =
    sniffMedia(bytes) === 'png' ? walkChunks(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) : []
  for (const { name, end } of chunks)
    if (end > bytes.length) return `its chunk ${JSON.stringify(name)} ends beyond the file`
  return undefined
}

/** The Problem of a picture that is damaged; `known` says how, better than the cause does. */
export const imageCorrupt = (cause: unknown, known?: string): Problem => {
  const words = known ?? (cause instanceof Error ? findReason(cause.message) : String(cause))
  const why = words.trim().replace(/:$/, '')
  return new Problem('image-corrupt', `The picture is damaged or cut off${why && ` (${why})`}.`, {
    hint: "Save it again, or render its readable part: limits.damaged: 'show'.",
    cause,
  })
}

/** The first line that says something: sharp puts words before those of libvips, which tells each seek of a loader. */
const findReason = (message: string): string =>
  message
    .replace(/^Input buffer has corrupt header(?:: )?/, '')
    .split('\n')
    .find((line) => !EMPTY_WORDS.test(line)) ?? ''

const EMPTY_WORDS = /^(?:|Unknown error|Input buffer contains unsupported image format|\w+: bad seek to \d+)$/

/**
 * Refuses files that begin as a TIFF and are complete, but that libvips refuses as damaged or reads wrongly: of a camera's
 * raw file the thumbnail, of tiles in a compression that it lacks only black.
 */
export const refuseUnreadTiff = (bytes: Uint8Array): void => {
  const raw = findRawKind(bytes, readTiffTags(bytes))
  if (raw !== undefined) throw unsupported(`a camera's raw file (${raw})`, DEVELOP)
  const tags = readFullPageTags(bytes)
  const kind = findUnreadTiff(tags)
  if (kind !== undefined) throw unsupported(kind, SAVE_PLAIN)
  // Without it, libvips shows its numbers as greys.
  if (firstOf(tags, TAG.photometric) === PALETTE && !isWhole(bytes, tags.get(TAG.colourMap)))
    throw imageCorrupt(new Error('its palette is missing or cut off'))
}

const findRawKind = (bytes: Uint8Array, tags: TiffTags): string | undefined => {
  if (bytes[8] === 0x43 && bytes[9] === 0x52) return 'CR2'
  if (tags.has(TAG.dngVersion)) return 'DNG'
  if (firstOf(tags, TAG.subfileType) !== THUMBNAIL || !tags.has(TAG.subDirectories)) return undefined
  const make = String.fromCharCode(...(tags.get(TAG.make)?.values ?? []))
    .replace(/[^ -~].*/s, '')
    .trim()
  return make === '' ? 'of an unnamed maker' : `of ${make}`
}

const THUMBNAIL = 1

const findUnreadKind = (bytes: Uint8Array): string | undefined => {
  switch (sniffMedia(bytes)) {
    case 'jpeg':
      return findUnreadJpeg(bytes)
    case 'png':
      // Xcode's variant: without zlib's header, and blue before red.
      return Buffer.from(bytes.subarray(12, 16)).toString('latin1') === 'CgBI'
        ? 'a PNG made for iPhones alone (CgBI)'
        : undefined
    default:
      return undefined
  }
}

const SAVE_PLAIN = 'Save it again as a plain JPEG, PNG or TIFF of 8 or 16 bits.'
const JPEG_IN_TIFF = 7

/** What sharp's libtiff has: none, fax, LZW, JPEG, Deflate, PackBits, WebP. */
const READ_COMPRESSIONS: ReadonlySet<number> = new Set([
  ...[1, 2, 3, 4, 5, JPEG_IN_TIFF, 8, 32771, 32773, 32946, 50001],
])

/** Names of those that it lacks. */
const TIFF_COMPRESSIONS: Readonly<Record<string, readonly number[]>> = {
  'old-style JPEG': [6],
  NeXT: [32766],
  ThunderScan: [32809],
  Pixar: [32908, 32909],
  'JPEG 2000': [33003, 33004, 33005, 34712],
  JBIG: [34661],
  LogLuv: [34676, 34677],
  LERC: [34887],
  'lossy JPEG': [34892],
  LZMA: [34925],
  PNG: [34933],
  'JPEG XR': [34934],
  ZSTD: [50000],
  'JPEG XL': [50002, 52546],
}

const findUnreadTiff = (tags: TiffTags): string | undefined => {
  if (!tags.has(TAG.imageLength)) return undefined
  const compression = firstOf(tags, TAG.compression) ?? 1
  if (!READ_COMPRESSIONS.has(compression)) {
    const [name] = Object.entries(TIFF_COMPRESSIONS).find(([, all]) => all.includes(compression)) ?? []
    return `a TIFF in ${name ? `${name} compression` : `a compression without a name here (number ${compression})`}`
  }
  const bits = tags.get(TAG.bitsPerSample)?.values ?? [1]
  const odd = bits.find((each) => ![1, 2, 4, 8, 16, 32].includes(each))
  if (odd !== undefined) return `a TIFF of ${odd} bits a sample`
  const least = Math.min(...bits)
  if (bits.length > 1 && least < 8) return `a TIFF of several samples of ${least} bits`
  if (new Set(bits).size > 1) return 'a TIFF whose samples are of different sizes'
  const samples = firstOf(tags, TAG.samplesPerPixel) ?? bits.length
  if (firstOf(tags, TAG.planarConfiguration) === 2) {
    if (tags.has(TAG.tileWidth)) return 'a TIFF of separate planes in tiles'
    if (samples === 2) return 'a TIFF of grey and alpha in separate planes'
  }
  const photometric = firstOf(tags, TAG.photometric)
  // Without any tag behind it, the directory is cut off.
  if (photometric === undefined)
    return Math.max(...tags.keys()) > TAG.photometric
      ? 'a TIFF that does not say what its samples mean'
      : undefined
  if (photometric <= 1 && samples > 2) return `a TIFF of ${samples} greys`
  if (photometric === YCBCR && compression !== JPEG_IN_TIFF) return 'a TIFF in YCbCr colours without JPEG'
  if (photometric === INKS && (samples < 4 || (firstOf(tags, TAG.inkSet) ?? CMYK) !== CMYK))
    return 'a TIFF of other inks than CMYK'
  const isFloat = firstOf(tags, TAG.sampleFormat) === FLOAT
  if (photometric === INKS && isFloat) return 'a TIFF of inks in floats'
  const isMultiplied = firstOf(tags, TAG.extraSamples) === MULTIPLIED
  if (isMultiplied && bits[0] === 32 && !(photometric === RGB && isFloat))
    return 'a TIFF of 32 bits a sample, multiplied by alpha'
  if (isMultiplied && bits[0] === 16 && photometric === INKS)
    return 'a TIFF of inks of 16 bits, multiplied by alpha'
  return photometric <= YCBCR && photometric !== MASK
    ? undefined
    : (PHOTOMETRIC[photometric] ?? `a TIFF in colours without a name here (number ${photometric})`)
}

const [RGB, PALETTE, MASK, INKS, YCBCR] = [2, 3, 4, 5, 6]
const MULTIPLIED = 1
const CMYK = 1
const FLOAT = 3

const PHOTOMETRIC: Readonly<Record<number, string>> = {
  4: 'a TIFF that is a mask',
  8: 'a TIFF in LAB colours',
  9: 'a TIFF in LAB colours',
  10: 'a TIFF in LAB colours',
  32803: "a camera's raw file",
  32844: 'a TIFF in LogL',
  32845: 'a TIFF in LogLuv',
  34892: "a camera's raw file",
}

/** By the frame header (ITU-T T.81, table B.1): the coding process, and the bits per sample. */
const findUnreadJpeg = (bytes: Uint8Array): string | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const { marker, at } of listSegments(view)) {
    if (marker === 0xf7) return 'a JPEG-LS picture'
    if (isFrameMarker(marker)) {
      if ([0xc3, 0xc7, 0xcb, 0xcf].includes(marker)) return 'a lossless JPEG'
      if ([0xc5, 0xc6, 0xcd, 0xce].includes(marker)) return 'a hierarchical JPEG'
      const precision = view[at + 2] ?? 8
      if (precision !== 8) return `a JPEG of ${precision} bits a sample`
      return marker > 0xc8 ? 'a JPEG in arithmetic coding' : undefined
    }
    if (marker === JPEG.startOfScan) return undefined
  }
  return undefined
}
