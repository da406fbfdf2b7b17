import { BT_709 } from './coded-colours.ts'
import { D50, makeRgbProfile } from './icc-profile.ts'
import { type Matrix, transpose, type Vector } from './matrix.ts'

/** What an ICC profile says of 8-bit numbers: the light of each, and the XYZ (D50) of the three primaries. */
export interface RgbProfile {
  /** For red, green and blue: the light, 0..1, of each number 0..255. */
  readonly lights: readonly [Float64Array, Float64Array, Float64Array]
  /** Columns are red, green and blue. */
  readonly colorants: Matrix
}

/**
 * Reads an RGB profile with three primaries and a curve each (ISO 15076-1). Undefined for all others: of other colour
 * spaces, with tables (which take precedence over primaries), and for those that are cut off or impossible.
 */
export const readRgbProfile = (icc: Uint8Array): RgbProfile | undefined => {
  const file = toBuffer(icc)
  const tags = readTags(file)
  if (tags === undefined || tags.has('A2B0') || file.toString('latin1', 16, 24) !== 'RGB XYZ ')
    return undefined
  const [red, green, blue] = ['r', 'g', 'b'].map((name) => readXyz(tags.get(`${name}XYZ`)))
  const [ofRed, ofGreen, ofBlue] = ['r', 'g', 'b'].map((name) => readCurve(tags.get(`${name}TRC`)))
  if (red === undefined || green === undefined || blue === undefined) return undefined
  if (ofRed === undefined || ofGreen === undefined || ofBlue === undefined) return undefined
  const colorants = transpose([red, green, blue])
  return isWhite(colorants) ? { lights: [ofRed, ofGreen, ofBlue], colorants } : undefined
}

/** Whether the three together are white. */
const isWhite = (colorants: Matrix): boolean =>
  colorants.every((row, i) => Math.abs(row[0] + row[1] + row[2] - (D50[i] ?? 0)) < WHITE_TOLERANCE)

const WHITE_TOLERANCE = 0.05

const HEADER_BYTES = 128
const TAG_BYTES = 12
const MOST_TAGS = 100

/** Whether browsers obey a profile, as far as Chromium's `skcms` looks at its frame; lcms obeys many that are cut off. */
export const isObeyedProfile = (icc: Uint8Array): boolean => {
  const tags = readTags(toBuffer(icc))
  const primaries = ['r', 'g', 'b'].map((name) => tags?.get(`${name}XYZ`))
  return tags !== undefined && primaries.every((tag) => tag === undefined || typeOf(tag) === 'XYZ ')
}

/** Whether it is one of four inks that browsers obey. */
export const isObeyedInkProfile = (icc: Uint8Array): boolean =>
  isObeyedProfile(icc) && toBuffer(icc).toString('latin1', 16, 20) === 'CMYK'

/** The same profile for colours, where it is one of greys by their light. */
export const toRgbProfile = (icc: Uint8Array): Uint8Array => {
  const file = toBuffer(icc)
  const curve = file.toString('latin1', 16, 24) === 'GRAYXYZ ' ? readTags(file)?.get('kTRC') : undefined
  return curve === undefined ? icc : makeRgbProfile(BT_709, { kind: 'tag', bytes: curve })
}

/** The codes of ITU-T H.273 for primaries and transfer, where a profile says them (`cicp`). */
export const readProfileCodes = (icc: Uint8Array): readonly [number, number] | undefined => {
  const [primaries, transfer] = readTags(toBuffer(icc))?.get('cicp')?.subarray(8) ?? []
  return primaries === undefined || transfer === undefined ? undefined : [primaries, transfer]
}

/** The tags of a profile that is all there, of a known version, and says what its white is. */
const readTags = (file: Buffer): ReadonlyMap<string, Buffer> | undefined => {
  const start = HEADER_BYTES + 4
  if (file.length < start || file.toString('latin1', 36, 40) !== 'acsp') return undefined
  const [size, count] = [file.readUInt32BE(0), file.readUInt32BE(HEADER_BYTES)]
  if (size > file.length || count > MOST_TAGS || start + count * TAG_BYTES > size) return undefined
  const isKnown = (file[8] ?? 0) <= MOST_MAJOR && /^(?:XYZ|Lab) $/.test(file.toString('latin1', 20, 24))
  if (!isKnown || !D50.every((value, i) => Math.abs(readFixed(file, 68 + i * 4) - value) <= WHITE_ERROR))
    return undefined
  const tags = new Map<string, Buffer>()
  for (let at = start; at < start + count * TAG_BYTES; at += TAG_BYTES) {
    const from = file.readUInt32BE(at + 4)
    const end = from + file.readUInt32BE(at + 8)
    if (end > size || end < from + 4) return undefined
    tags.set(file.toString('latin1', at, at + 4), file.subarray(from, end))
  }
  return tags
}

const MOST_MAJOR = 4
const WHITE_ERROR = 0.01

/** No light of a screen, or of ProPhoto, has more than 0.9. */
const MOST_XYZ = 1.5

const readXyz = (tag: Buffer | undefined): Vector | undefined => {
  if (tag === undefined || tag.length < 20 || typeOf(tag) !== 'XYZ ') return undefined
  const xyz: Vector = [readFixed(tag, 8), readFixed(tag, 12), readFixed(tag, 16)]
  return xyz.every((value) => Math.abs(value) <= MOST_XYZ) ? xyz : undefined
}

const readCurve = (tag: Buffer | undefined): Float64Array | undefined => {
  if (tag === undefined || tag.length < 12) return undefined
  const curve = typeOf(tag) === 'curv' ? readSampledCurve(tag) : readParametricCurve(tag)
  if (curve === undefined) return undefined
  const lights = Float64Array.from({ length: 256 }, (_, number) => clamp(curve(number / 255)))
  // A curve that leaves white dark is a mistake, or not meant for viewing.
  return (lights[255] ?? 0) > 0.9 ? lights : undefined
}

type Curve = (share: number) => number

/** No entry is a straight line, one is a power, more are equally spaced. */
const readSampledCurve = (tag: Buffer): Curve | undefined => {
  const count = tag.readUInt32BE(8)
  if (count === 0) return (share) => share
  if (12 + count * 2 > tag.length) return undefined
  const sample = (index: number): number => tag.readUInt16BE(12 + index * 2)
  if (count === 1) return toPower(sample(0) / 256)
  return (share) => {
    const place = share * (count - 1)
    const before = Math.min(count - 2, Math.floor(place))
    const [low, high] = [sample(before), sample(before + 1)]
    return (low + (high - low) * (place - before)) / 65_535
  }
}

/** How many numbers each of the five types has: g, a, b, c, d, e, f. */
const PARAMETERS = [1, 3, 4, 5, 7]

const readParametricCurve = (tag: Buffer): Curve | undefined => {
  const type = tag.readUInt16BE(8)
  const count = PARAMETERS[type]
  if (typeOf(tag) !== 'para' || count === undefined || tag.length < 12 + count * 4) return undefined
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: count }, (_, i) =>
    readFixed(tag, 12 + i * 4),
  )
  const power = toPower(g)
  if (power === undefined) return undefined
  switch (type) {
    case 0:
      return power
    case 1:
      return (x) => (x >= -b / a ? power(a * x + b) : 0)
    case 2:
      return (x) => (x >= -b / a ? power(a * x + b) + c : c)
    default:
      return (x) => (x >= d ? power(a * x + b) + e : c * x + f)
  }
}

/** Below 0.1 or above 10 it is a mistake. */
const toPower = (exponent: number): Curve | undefined =>
  exponent < 0.1 || exponent > 10 ? undefined : (share) => Math.max(0, share) ** exponent

const toBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

const clamp = (light: number): number => Math.min(1, Math.max(0, light))

const typeOf = (tag: Buffer): string => tag.toString('latin1', 0, 4)

const readFixed = (file: Buffer, at: number): number => file.readInt32BE(at) / 65_536
