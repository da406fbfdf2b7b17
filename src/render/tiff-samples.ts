import type { Size } from '../core/geometry.ts'
import { unsupported } from './kinds.ts'
import { firstOf, readFullPageTags, readTiffTags, replaceValues, TAG, type TiffTags } from './tiff-tags.ts'

/** The factor and the offset that bring samples to libvips's range. */
export type SampleScale = readonly [factor: number, offset: number]

const UNSIGNED = 1
const SIGNED = 2
const FLOAT = 3

/** For a TIFF of 32-bit floats, or of signed 16-bit samples; undefined where libvips knows the range. */
export const readTiffScale = async (
  bytes: Uint8Array,
  findExtremes: () => Promise<readonly [min: number, max: number]>,
): Promise<SampleScale | undefined> => {
  const samples = readSamples(readTiffTags(bytes))
  if (!isScaled(samples)) return undefined
  const { bits, format, isGrey, isWhole } = samples
  const [min, max] = isWhole
    ? findRange(
        await findExtremes(),
        format === SIGNED ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1],
      )
    : findFloatRange(await findExtremes())
  // libvips takes colours of 16 signed bits for 8 bits.
  const factor = (bits === 16 && isGrey ? 65_535 : 255) / (max - min)
  return [factor, -min * factor]
}

const readSamples = (tags: TiffTags) => {
  const format = firstOf(tags, TAG.sampleFormat) ?? UNSIGNED
  return {
    bits: firstOf(tags, TAG.bitsPerSample) ?? 1,
    format,
    isGrey: (firstOf(tags, TAG.photometric) ?? 1) <= 1,
    isWhole: format !== FLOAT,
  }
}

const isScaled = ({ bits, format, isGrey, isWhole }: ReturnType<typeof readSamples>): boolean =>
  isWhole ? bits > 16 || (bits === 16 && format === SIGNED) : isGrey

/** What a decoder of the TIFF holds for each of its pixels, beside the rows that it hands on. */
export const predictTiffBytes = (
  bytes: Uint8Array,
  { width, height, channels }: Size & { readonly channels: number },
): number => {
  const tags = readFullPageTags(bytes)
  const samples = readSamples(tags)
  const pixelBytes = channels * Math.ceil(samples.bits / 8)
  const tileWidth = firstOf(tags, TAG.tileWidth)
  const block =
    tileWidth === undefined
      ? width * (firstOf(tags, TAG.rowsPerStrip) ?? height)
      : tileWidth * (firstOf(tags, TAG.tileLength) ?? height)
  const share = Math.min(1, block / (width * height))
  const isPlanar = firstOf(tags, TAG.planarConfiguration) === 2
  const isHeld = tileWidth !== undefined || isPlanar || firstOf(tags, TAG.compression) === JPEG
  return (
    share * (isHeld ? 2 * pixelBytes : bytes.length / (width * height)) +
    // Its samples are looked at before they are scaled.
    (isScaled(samples) ? pixelBytes : 0) +
    (channels > 4 || samples.bits === 32 ? Math.min(4, channels) : 0)
  )
}

const JPEG = 7

/**
 * The range of whole numbers: a byte or two where all fit, because some programs write greys of 8 and 16 bits as 32
 * (Pillow does); else the range of their type. sharp shows a minimum of 2^31 and more as a negative number.
 */
const findRange = (
  [min, max]: readonly [number, number],
  [least, most]: readonly [number, number],
): readonly [number, number] => {
  if (min < 0 || max < min) return [least, most]
  return [0, [255, 65_535].find((each) => max <= each && each < most) ?? most]
}

/** 0 to 1, as most programs mean it; else the actual range. */
const findFloatRange = ([min, max]: readonly [number, number]): readonly [number, number] => {
  if (min === NO_NUMBER && max === NO_NUMBER)
    throw unsupported('a TIFF of floats that are no numbers (NaN)', 'Give every sample a number.')
  if (min < 0) return max > min ? [min, max] : [min, min + 1]
  return [0, [1, 255, 65_535].find((each) => max <= each) ?? max]
}

/** What sharp says where the first sample is not a number. */
const NO_NUMBER = -(2 ** 31)

/** Whether a TIFF is grey of 16 bits without a sign: its profile is ignored by sharp. */
export const isDeepGreyTiff = (bytes: Uint8Array): boolean => {
  const tags = readTiffTags(bytes)
  return (
    firstOf(tags, TAG.bitsPerSample) === 16 &&
    (firstOf(tags, TAG.sampleFormat) ?? UNSIGNED) === UNSIGNED &&
    (firstOf(tags, TAG.photometric) ?? 1) <= 1
  )
}

/**
 * With what libtiff refuses or libvips reads otherwise marked as other programs read it; undefined where nothing is:
 * signed 8-bit samples as unsigned (as Pillow, ImageMagick and FFmpeg do), and a value that a tag cannot have as its first.
 */
export const mendTiff = (bytes: Uint8Array): Uint8Array | undefined => {
  const tags = readTiffTags(bytes)
  const format = tags.get(TAG.sampleFormat)
  const isSigned = firstOf(tags, TAG.bitsPerSample) === 8 && format?.values[0] === SIGNED
  let mended = isSigned ? replaceValues(bytes, format, UNSIGNED) : undefined
  for (const [name, most] of LARGEST) {
    const tag = tags.get(TAG[name])
    const [value = FIRST] = tag?.values ?? []
    if (tag !== undefined && (value < FIRST || value > most))
      mended = replaceValues(mended ?? bytes, tag, FIRST)
  }
  return mended
}

/** The first value means: upright, no unit, and what is usual. */
const FIRST = 1
const LARGEST = [
  ['orientation', 8],
  ['resolutionUnit', 3],
  ['planarConfiguration', 2],
  ['fillOrder', 2],
] as const
