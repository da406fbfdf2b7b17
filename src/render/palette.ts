import type { Pixels } from './pixels.ts'

/** Colours of a picture: red, green, blue and alpha, a byte each from the highest down. */
export type Palette = ReadonlySet<number>

const MOST_COLOURS = 256

/** All colours of one frame, where a palette holds them. Of a photograph a few hundred pixels are looked at. */
export const findPalette = ({ samples, channels }: Pixels): Palette | undefined => {
  const colours = new Set<number>()
  let last = -1
  for (let at = 0; at < samples.length; at += channels) {
    const colour = toColour(samples, at, channels)
    if (colour === last) continue
    last = colour
    if (colours.add(colour).size > MOST_COLOURS) return undefined
  }
  return colours
}

/** The colour of the pixel at `at`. */
export const toColour = (samples: Uint8Array, at: number, channels: 3 | 4): number =>
  (((samples[at] ?? 0) << 24) |
    ((samples[at + 1] ?? 0) << 16) |
    ((samples[at + 2] ?? 0) << 8) |
    (channels === 4 ? (samples[at + 3] ?? 0) : 255)) >>>
  0

const EVERY = 8
/** Skies of photographs come to a quarter; screens, drawings and letters to more than half. */
const LEAST_FLAT = 0.5

/**
 * Whether it may be that a picture was drawn and not taken: pixels are the same as those to the left and above, in one
 * row of eight. A thousandth of what its encoders take.
 */
export const mayBeDrawn = ({ samples, width, height, channels }: Pixels): boolean => {
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
  return looked === 0 || flat / looked >= LEAST_FLAT
}
