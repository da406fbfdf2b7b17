import type { Pixels } from './pixels.ts'
import { readPixels } from './pixels.ts'
import { DECODING, sharp } from './sharp.ts'
import { openSsimulacra2, type RgbPicture, type Ssimulacra2 } from './ssimulacra2.ts'
import { lazily } from './wasm.ts'

/** How files of one picture look beside it. */
export interface Look {
  readonly pixels: Pixels
  /** SSIMULACRA2 of the file beside the picture; where alpha counts, over black or white, whichever is worse. */
  scoreOf(file: Uint8Array): Promise<number>
}

/** What opens a {@link Look}. It has a memory of its own, which grows with the largest picture, and ends with it. */
export const openLooks = (): ((pixels: Pixels) => Look) => {
  const metric = lazily(openSsimulacra2)
  return (pixels) => {
    const grounds = lazily(() => groundsOf(pixels))
    const references = lazily(() => grounds().map((ground) => flatten(pixels, ground)))
    return {
      pixels,
      scoreOf: async (file) => {
        const shown = await readFile(file, pixels)
        const distorted = grounds().map((ground) => flatten(shown, ground))
        return worstScore(metric(), references(), distorted)
      },
    }
  }
}

const worstScore = (
  metric: Ssimulacra2,
  references: readonly RgbPicture[],
  distorted: readonly RgbPicture[],
): number =>
  Math.min(...references.map((reference, index) => metric.score(reference, distorted[index] ?? reference)))

const BLACK = 0
const WHITE = 255

/** What a picture is looked at over. */
const groundsOf = (pixels: Pixels): readonly number[] => (isOpaque(pixels) ? [BLACK] : [BLACK, WHITE])

/** Whether nothing shines through. */
export const isOpaque = ({ channels, samples }: Pixels): boolean => {
  if (channels === 3) return true
  for (let at = 3; at < samples.length; at += 4) if (samples[at] !== 255) return false
  return true
}

/** The file as a browser decodes it, with as many channels as the picture that it shows. */
const readFile = (file: Uint8Array, { channels }: Pixels): Promise<Pixels> => {
  const picture = sharp(file, DECODING).toColourspace('srgb')
  return readPixels(channels === 4 ? picture.ensureAlpha() : picture.removeAlpha())
}

const flatten = ({ width, height, channels, samples }: Pixels, ground: number): RgbPicture => {
  if (channels === 3) return { width, height, samples }
  const flat = new Uint8Array(width * height * 3)
  for (let from = 0, to = 0; to < flat.length; from += 4) {
    const alpha = samples[from + 3] ?? 255
    const under = ground * (255 - alpha) + 127
    for (let channel = 0; channel < 3; channel++)
      flat[to++] = ((samples[from + channel] ?? 0) * alpha + under) / 255
  }
  return { width, height, samples: flat }
}
