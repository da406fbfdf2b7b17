import type { Size } from '../core/geometry.ts'
import { mayBeDrawn } from './palette.ts'
import { isOpaque, type Pixels, readPixels } from './pixels.ts'
import { DECODING, sharp } from './sharp.ts'
import { openSsimulacra2, type RgbPicture, type Ssimulacra2 } from './ssimulacra2.ts'
import { lazily } from './wasm.ts'

/** Compares files with the picture that they were made from. */
export interface Comparison {
  readonly pixels: Pixels
  /** SSIMULACRA2 of the file compared to the picture; with alpha, over black and over white, whichever is worse. */
  scoreOf(file: Uint8Array): Promise<number>
  /** Whether the file shows these pixels in all frames, but for what the rounding of a colour profile changes. */
  isSame(file: Uint8Array): Promise<boolean>
  /** Whether the picture may be a drawing, so that other encodings should be tried. */
  isDrawn(): boolean
}

/**
 * Opens {@link Comparison}s that share memory, which grows with the largest picture and ends with the returned function.
 * Sources that are certainly photographs (`isPhotographed`) are never taken for drawings.
 */
export const openComparisons = (isPhotographed = false): ((pixels: Pixels) => Comparison) => {
  const metric = lazily(openSsimulacra2)
  return (pixels) => {
    const isDrawn = lazily(() => !isPhotographed && pixels.frames === 1 && mayBeDrawn(pixels))
    const grounds = lazily(() => groundsOf(pixels))
    const references = lazily(() => grounds().map((ground) => flatten(pixels, ground)))
    return {
      pixels,
      isDrawn,
      scoreOf: async (file) => {
        const shown = await readFile(file, pixels)
        return worstScore(
          metric(),
          references(),
          grounds().map((ground) => flatten(shown, ground)),
        )
      },
      isSame: async (file) => {
        const shown = await readFile(file, pixels)
        return SIDES.every((side) => shown[side] === pixels[side]) && areSame(shown.samples, pixels.samples)
      },
    }
  }
}

/**
 * Whether a picture may be compared for a smaller file or a better look: of larger ones, too little memory would be left on
 * a small machine, and bytes do not depend on the machine. With its encoder, this takes some 45 to 105 bytes a pixel: 200 to
 * 480 MB here, and half of a small machine is 500 MB.
 */
export const isComparable = ({ width, height }: Size): boolean => width * height <= MOST_PIXELS
const MOST_PIXELS = 4_500_000

const worstScore = (
  metric: Ssimulacra2,
  references: readonly RgbPicture[],
  distorted: readonly RgbPicture[],
): number =>
  Math.min(...references.map((reference, index) => metric.score(reference, distorted[index] ?? reference)))

const SIDES = ['width', 'height', 'frames'] as const

/** Samples that were converted by a profile of sRGB differ by this much: six such profiles, 65,536 colours. */
const MOST_CONVERTED = 2

const areSame = (a: Buffer, b: Buffer): boolean =>
  a.equals(b) || a.every((sample, at) => Math.abs(sample - (b[at] ?? 0)) <= MOST_CONVERTED)

const BLACK = 0
const WHITE = 255

/** The backgrounds over which a picture is compared. */
const groundsOf = ({ channels, samples }: Pixels): readonly number[] =>
  channels === 3 || isOpaque(samples) ? [BLACK] : [BLACK, WHITE]

/** The file as a browser decodes it, in the gamut and with the channels of the picture that it shows. */
const readFile = async (file: Uint8Array, { channels, frames, gamut }: Pixels): Promise<Pixels> => {
  const pages = frames > 1 ? { pages: -1 } : {}
  const picture = sharp(file, { ...DECODING, ignoreIcc: true, ...pages }).toColourspace('srgb')
  const shown = await readPixels(channels === 4 ? picture.ensureAlpha() : picture.removeAlpha())
  return gamut === undefined ? shown : { ...shown, gamut }
}

const flatten = (pixels: Pixels, ground: number): RgbPicture => {
  const { width, height, channels, samples, gamut } = pixels
  if (channels === 3) return pixels
  const flat = new Uint8Array(width * height * 3)
  for (let from = 0, to = 0; to < flat.length; from += 4) {
    const alpha = samples[from + 3] ?? 255
    const under = ground * (255 - alpha) + 127
    for (let channel = 0; channel < 3; channel++)
      flat[to++] = ((samples[from + channel] ?? 0) * alpha + under) / 255
  }
  return { width, height, samples: flat, ...(gamut && { gamut }) }
}
