import { BT_709, DISPLAY_P3 } from './coded-colours.ts'
import { toColorants } from './icc-profile.ts'
import { invert, type Matrix, multiply } from './matrix.ts'
import type { Pixels } from './pixels.ts'
import { type RgbProfile, readRgbProfile } from './read-icc-profile.ts'

/**
 * The colours that 8-bit numbers stand for: sRGB's, or Display P3's, which has the same curve and wider primaries.
 * Colours beyond P3 are replaced by the nearest in P3.
 */
export type Gamut = 'srgb' | 'p3'

/** How the numbers of a source with a wide gamut are converted to Display P3. */
export type WideColours =
  /** They are Display P3 already. */
  | { readonly kind: 'same' }
  | { readonly kind: 'convert'; readonly conversion: Conversion }
  /** They are converted elsewhere: by sharp for sources of sixteen bits, or by `high-range.ts`. */
  | { readonly kind: 'deep' }

/** Converts numbers to numbers by way of light. */
interface Conversion {
  readonly lights: RgbProfile['lights']
  readonly matrix: Matrix
}

/** The primaries of each gamut. */
export const COLORANTS = { srgb: toColorants(BT_709), p3: toColorants(DISPLAY_P3) }

/**
 * How the numbers of a profile are converted to Display P3, if its primaries reach visibly beyond sRGB's; undefined if
 * not, and for profiles that are not read here (`readRgbProfile`): lcms converts those to sRGB.
 */
export const findWideColours = (icc: Uint8Array, isDeep: boolean): WideColours | undefined => {
  const profile = readRgbProfile(icc)
  if (profile === undefined) return undefined
  const beyond = Math.min(...multiply(invert(COLORANTS.srgb), profile.colorants).flat())
  if (!(beyond < LEAST_BEYOND)) return undefined
  if (isDeep) return { kind: 'deep' }
  const matrix = multiply(invert(COLORANTS.p3), profile.colorants)
  return isSame(matrix, profile) ? { kind: 'same' } : { kind: 'convert', conversion: { ...profile, matrix } }
}

/**
 * Whether the 8-bit numbers of a profile are sRGB's: then nothing needs to be converted, which takes as long as to
 * decode a JPEG. Copies of sRGB's profile differ a little. As `skcms` compares them, no colour may differ by more than
 * one: less than {@link isSame} allows, because sharp's own profile of Display P3 differs by six.
 */
export const isSrgbProfile = (icc: Uint8Array): boolean => {
  const profile = readRgbProfile(icc)
  if (profile === undefined) return false
  const converted = Buffer.from(PROBES)
  convert(converted, 3, { ...profile, matrix: multiply(invert(COLORANTS.srgb), profile.colorants) })
  return converted.every((number, i) => Math.abs(number - (PROBES[i] ?? 0)) <= 1)
}

/** All greys, and colours all over the cube. */
const PROBES = Buffer.from([
  ...Array.from({ length: 256 }, (_, number) => [number, number, number]).flat(),
  ...Array.from({ length: 6 ** 3 }, (_, i) => [i % 6, Math.floor(i / 6) % 6, Math.floor(i / 36)])
    .flat()
    .map((step) => step * 51),
])

/**
 * The least amount of sRGB light that a primary must be negative by: it is 0.22 for Display P3's green, 0.4 for Adobe
 * RGB's; 0.06 or less for old screens and televisions, whose profiles many screenshots have.
 */
const LEAST_BEYOND = -0.1

const isSame = (matrix: Matrix, { lights }: RgbProfile): boolean =>
  matrix.every((row, i) => row.every((part, j) => Math.abs(part - (i === j ? 1 : 0)) < 0.005)) &&
  lights.every((curve) => curve.every((light, number) => Math.abs(light - (LIGHTS[number] ?? 0)) < 0.002))

/** sRGB's curve: the light of a share of the largest number, both 0..1. */
export const toLight = (share: number): number =>
  share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4

/** The light of each number, and the number of a share of light. */
const LIGHTS = Float64Array.from({ length: 256 }, (_, number) => toLight(number / 255))
const STEPS = 16_384
const NUMBERS = Uint8Array.from({ length: STEPS + 1 }, (_, step) => {
  const light = step / STEPS
  return Math.round(255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055))
})

const between = (from: Gamut, to: Gamut): Conversion => ({
  lights: [LIGHTS, LIGHTS, LIGHTS],
  matrix: multiply(invert(COLORANTS[to]), COLORANTS[from]),
})

const CONVERSIONS: Readonly<Record<Gamut, Conversion>> = {
  srgb: between('p3', 'srgb'),
  p3: between('srgb', 'p3'),
}

/** The same picture in another gamut; the same object where nothing changes. */
export const toGamut = (pixels: Pixels, gamut: Gamut): Pixels => {
  if (gamutOf(pixels) === gamut) return pixels
  const samples = Buffer.from(pixels.samples)
  convert(samples, pixels.channels, CONVERSIONS[gamut])
  const { gamut: _, ...plain } = pixels
  return gamut === 'srgb' ? { ...plain, samples } : { ...plain, samples, gamut }
}

/** sRGB by default. */
export const gamutOf = ({ gamut }: Pick<Pixels, 'gamut'>): Gamut => gamut ?? 'srgb'

/** The red, green and blue of an sRGB colour in a gamut. */
export const colourIn = (gamut: Gamut, rrggbb: string): { r: number; g: number; b: number } => {
  const samples = Buffer.from(rrggbb, 'hex')
  if (gamut !== 'srgb') convert(samples, 3, CONVERSIONS[gamut])
  const [r = 0, g = 0, b = 0] = samples
  return { r, g, b }
}

/** Converts `samples` in place; alpha stays. */
export const convert = (samples: Buffer, channels: 3 | 4, { lights, matrix }: Conversion): void => {
  const [[ofRed, ofGreen, ofBlue], [red, green, blue]] = [lights, matrix]
  for (let at = 0; at < samples.length; at += channels) {
    const r = ofRed[samples[at] ?? 0] ?? 0
    const g = ofGreen[samples[at + 1] ?? 0] ?? 0
    const b = ofBlue[samples[at + 2] ?? 0] ?? 0
    samples[at] = toNumber(red[0] * r + red[1] * g + red[2] * b)
    samples[at + 1] = toNumber(green[0] * r + green[1] * g + green[2] * b)
    samples[at + 2] = toNumber(blue[0] * r + blue[1] * g + blue[2] * b)
  }
}

/** The 8-bit number of a light, 0..1; others are clipped. */
export const toNumber = (light: number): number =>
  NUMBERS[light <= 0 ? 0 : light >= 1 ? STEPS : (light * STEPS + 0.5) | 0] ?? 0
