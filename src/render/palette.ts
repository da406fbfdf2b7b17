import type { Pixels } from './pixels.ts'

/** Colours of a picture: red, green, blue and alpha, one byte each, red in the highest. */
export type Palette = ReadonlySet<number>

/** The most that a palette can hold. */
export const MOST_COLOURS = 256

/** All colours of one frame, if a palette can hold them. For a photograph, a few hundred pixels are enough to tell. */
export const findPalette = (pixels: Pixels): Palette | undefined => collectColours(pixels, MOST_COLOURS)

/** Whether one frame shows more colours than that; all that is transparent shows none. */
export const hasMoreColours = (pixels: Pixels, most: number): boolean =>
  collectColours(pixels, most, 1) === undefined

/** The colours of at least this alpha; undefined where there are more than `most`. */
const collectColours = ({ samples, channels }: Pixels, most: number, leastAlpha = 0): Palette | undefined => {
  const colours = new Set<number>()
  let last = -1
  for (let at = 0; at < samples.length; at += channels) {
    const colour = toColour(samples, at, channels)
    if (colour === last || (colour & 255) < leastAlpha) continue
    last = colour
    if (colours.add(colour).size > most) return undefined
  }
  return colours
}

/** Whether not all of them are greys. */
export const showsColour = (palette: Palette): boolean =>
  [...palette].some(
    (colour) => ((colour >>> 24) ^ ((colour >> 16) & 255)) | ((colour >>> 24) ^ ((colour >> 8) & 255)),
  )

/** The colour of the pixel at `at`. */
export const toColour = (samples: Uint8Array, at: number, channels: 3 | 4): number =>
  (((samples[at] ?? 0) << 24) |
    ((samples[at + 1] ?? 0) << 16) |
    ((samples[at + 2] ?? 0) << 8) |
    (channels === 4 ? (samples[at + 3] ?? 0) : 255)) >>>
  0

const EVERY = 8
/**
 * Skies in photographs reach a quarter; screens, drawings and letters more than half, dense letters of few colours a
 * third.
 */
const LEAST_FLAT = 0.5
const LEAST_FLAT_OF_FEW = 0.3

/**
 * Whether a picture may be a drawing and not a photograph: in every eighth row, it counts pixels that equal those to
 * the left and above. It takes a thousandth of the time of its encoders.
 */
export const mayBeDrawn = (pixels: Pixels): boolean => {
  const flat = shareOfFlat(pixels)
  return flat >= LEAST_FLAT || (flat >= LEAST_FLAT_OF_FEW && findPalette(pixels) !== undefined)
}

const shareOfFlat = ({ samples, width, height, channels }: Pixels): number => {
  const rowBytes = width * channels
  let [flat, looked] = [0, 0]
  for (let y = 1; y < height; y += EVERY)
    for (let x = 1; x < width; x++) {
      const at = y * rowBytes + x * channels
      let same = 1
      for (let channel = at; channel < at + channels; channel++)
        if (
          samples[channel] !== samples[channel - channels] ||
          samples[channel] !== samples[channel - rowBytes]
        ) {
          same = 0
          break
        }
      flat += same
      looked++
    }
  return looked === 0 ? 1 : flat / looked
}
