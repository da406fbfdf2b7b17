import { findMeta, readAvifCodes } from './avif-boxes.ts'
import { BT_2020, findPrimaries } from './coded-colours.ts'
import { COLORANTS, type Gamut, toNumber } from './colours.ts'
import { toColorants } from './icc-profile.ts'
import { apply, invert, type Matrix, multiply, type Vector } from './matrix.ts'
import type { Pixels } from './pixels.ts'
import { mapHeadChunks } from './png-chunks.ts'
import { readPngCodes } from './png-colour.ts'
import type { HighRange } from './port.ts'
import { readProfileCodes } from './read-icc-profile.ts'
import type { MediaFormat } from './sniff.ts'

/**
 * What a picture says of its high dynamic range: by the codes of a PNG (`cICP`), of an AVIF without a profile (`nclx`),
 * or in its profile; undefined for a picture of standard range.
 */
export const findHighRange = (
  mediaFormat: MediaFormat,
  bytes: Uint8Array,
  icc: Uint8Array | undefined,
): HighRange | undefined => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { codes, peaks = [] } =
    mediaFormat === 'png' ? readPng(file) : mediaFormat === 'avif' ? readAvif(file, icc) : ({} as Said)
  const [primaries, transferCode = 0] = codes ?? (icc && readProfileCodes(icc)) ?? []
  const transfer = TRANSFERS[transferCode]
  if (primaries === undefined || findPrimaries(primaries) === undefined || transfer === undefined)
    return undefined
  return { primaries, transfer, peakNits: peaks.find((nits) => nits > 0) ?? USUAL_PEAK }
}

const TRANSFERS: Readonly<Record<number, HighRange['transfer']>> = { 16: 'pq', 18: 'hlg' }
const USUAL_PEAK = 1000

interface Said {
  /** Of primaries and transfer. */
  readonly codes?: readonly [number, number] | undefined
  /** The most light of its pixels, then of the screen that it was made on, in nits; 0 where nothing is said. */
  readonly peaks?: readonly number[]
}

const readPng = (png: Buffer): Said => {
  const chunks = mapHeadChunks(png)
  const level = chunks.get('cLLI')?.body ?? NOTHING
  return {
    codes: readPngCodes(chunks.get('cICP')?.body ?? NOTHING),
    peaks: [level.length < 4 ? 0 : level.readUInt32BE(0) / NIT_PARTS, readVolume(chunks.get('mDCV')?.body)],
  }
}

const readAvif = (avif: Buffer, icc: Uint8Array | undefined): Said => {
  const meta = findMeta(avif)
  const bodyOf = (name: string): Buffer => {
    const at = meta.indexOf(name)
    return at < 0 ? NOTHING : meta.subarray(at + name.length)
  }
  const [primaries, transfer = 0] = (icc === undefined && readAvifCodes(avif)) || []
  const level = bodyOf('clli')
  return {
    codes: primaries === undefined ? undefined : [primaries === UNSPECIFIED ? SRGB : primaries, transfer],
    peaks: [level.length < 2 ? 0 : level.readUInt16BE(0), readVolume(bodyOf('mdcv'))],
  }
}

const NOTHING: Buffer = Buffer.of()
const UNSPECIFIED = 2
const SRGB = 1

const readVolume = (volume: Buffer = NOTHING): number =>
  volume.length < 20 ? 0 : volume.readUInt32BE(16) / NIT_PARTS
const NIT_PARTS = 10_000

/** White, in candelas per square metre (ITU-R BT.2408). */
const REFERENCE_WHITE = 203

/**
 * Samples of sixteen bits as a screen of standard range shows them, in 8 bits of `gamut`: by the reference white tone
 * mapping of SMPTE ST 2094-50, as Chromium. What is as bright as white becomes darker, by half where the peak is 1,000
 * or more; what is brighter follows a curve up to white. The largest of red, green and blue decides for all three, which
 * keeps hues.
 */
export const toStandardRange = (
  { samples, ...picture }: Pixels,
  { primaries, transfer, peakNits }: HighRange,
  gamut: Gamut,
): Pixels => {
  const { channels } = picture
  const deep = new Uint16Array(samples.buffer, samples.byteOffset, samples.length / 2)
  const lights = LIGHTS[transfer]()
  const toWide = multiply(invert(WIDE), toColorants(findPrimaries(primaries) ?? BT_2020))
  const toShown = multiply(invert(COLORANTS[gamut]), WIDE)
  const gainAt = openToneCurve(peakNits / REFERENCE_WHITE)
  const shown = Buffer.allocUnsafe(deep.length)
  for (let at = 0; at < deep.length; at += channels) {
    const [r = 0, g = 0, b = 0] = [deep[at], deep[at + 1], deep[at + 2]]
    const wide = apply(toWide, [lights[r] ?? 0, lights[g] ?? 0, lights[b] ?? 0])
    const display = transfer === 'hlg' ? toDisplay(wide) : wide
    const gain = gainAt(Math.max(display[0], display[1], display[2]))
    const [red, green, blue] = apply(toShown, display)
    shown[at] = toNumber(red * gain)
    shown[at + 1] = toNumber(green * gain)
    shown[at + 2] = toNumber(blue * gain)
    if (channels === 4) shown[at + 3] = (deep[at + 3] ?? 0) >> 8
  }
  return { ...picture, samples: shown, ...(gamut === 'p3' && { gamut }) }
}

const WIDE: Matrix = toColorants(BT_2020)

/** The gain of the largest light, where white is 1 and the peak `most`. */
const openToneCurve = (most: number): ((light: number) => number) => {
  if (most <= 1) return () => 1
  const white = 1 - 0.5 * Math.min(1, Math.log(most) / Math.log(USUAL_PEAK / REFERENCE_WHITE))
  // A Bézier curve from (1, white) to (most, 1), whose middle lies on the straight line that is below white.
  const [middleX, middleY] = [0.35 + 0.65 / white, 0.35 * white + 0.65]
  const [linear, square] = [2 * (middleX - 1), 1 - 2 * middleX + most]
  return (light) => {
    if (light <= 1) return white
    if (light >= most) return 1 / light
    const t = (Math.sqrt(linear ** 2 + 4 * square * (light - 1)) - linear) / (2 * square)
    return (white + 2 * (middleY - white) * t + (white - 2 * middleY + 1) * t ** 2) / light
  }
}

/** From the light of a scene to that of a screen of 1,000 nits. */
const toDisplay = ([red, green, blue]: Vector): Vector => {
  const gain =
    Math.max(0, 0.2627 * red + 0.678 * green + 0.0593 * blue) ** 0.2 * (USUAL_PEAK / REFERENCE_WHITE)
  return [red * gain, green * gain, blue * gain]
}

/** The light of each sample: of PQ, in parts of white; of HLG, of the scene's brightest. */
const LIGHTS: Readonly<Record<HighRange['transfer'], () => Float64Array>> = {
  pq: () =>
    tabulate((signal) => {
      const power = signal ** (1 / 78.84375)
      const light = Math.max(0, power - 0.8359375) / (18.8515625 - 18.6875 * power)
      return (light ** (1 / 0.1593017578125) * 10_000) / REFERENCE_WHITE
    }),
  hlg: () =>
    tabulate((signal) =>
      signal <= 0.5 ? signal ** 2 / 3 : (Math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12,
    ),
}

const tabulate = (lightOf: (signal: number) => number): Float64Array =>
  Float64Array.from({ length: 65_536 }, (_, sample) => lightOf(sample / 65_535))
