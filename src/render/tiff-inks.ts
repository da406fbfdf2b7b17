import type { Bitmap } from './bmp.ts'
import type { Strictness } from './mend.ts'
import { readPixels } from './pixels.ts'
import { isObeyedInkProfile } from './read-icc-profile.ts'
import { decodeWith, sharp } from './sharp.ts'
import { firstOf, readTiffTags, TAG } from './tiff-tags.ts'

/** Whether a TIFF is of four inks and alpha: libvips takes them for those of one press, and alpha of 16 bits for none. */
export const hasInksAndAlpha = (bytes: Uint8Array): boolean => {
  const tags = readTiffTags(bytes)
  return firstOf(tags, TAG.photometric) === INKS && (firstOf(tags, TAG.samplesPerPixel) ?? 0) > 4
}

const INKS = 5

/** Its pixels, upright: by its profile or, where that is none of inks, as {@link showInk} says. */
export const readInksAndAlpha = async (bytes: Uint8Array, failOn: Strictness): Promise<Bitmap> => {
  const options = { ...decodeWith(failOn), autoOrient: true }
  const { icc, depth } = await sharp(bytes, options).metadata()
  const isDeep = depth === 'ushort'
  const step = isDeep ? 257 : 1
  const { data, info } = await sharp(bytes, { ...options, ignoreIcc: true })
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const samples = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data
  const rgba = Buffer.alloc(width * height * 4)
  const light = (at: number): number => 255 - (samples[at] ?? 0) / step
  for (let from = 0, to = 0; to < rgba.length; from += channels, to += 4) {
    for (let i = 0; i < 3; i++) rgba[to + i] = showInk(light(from + i), light(from + 3))
    rgba[to + 3] = 255 - light(from + 4)
  }
  if (icc !== undefined && isObeyedInkProfile(icc)) await takeColours(rgba, sharp(bytes, options))
  return { width, height, rgba }
}

/**
 * What one of three colours is, by the light that its ink and black leave, as browsers and most programs show inks of which
 * no profile says more.
 */
export const showInk = (light: number, black: number): number => Math.round((light * black) / 255)

const takeColours = async (rgba: Buffer, source: ReturnType<typeof sharp>): Promise<void> => {
  const { samples, channels } = await readPixels(source.removeAlpha().toColourspace('srgb'))
  for (let from = 0, to = 0; to < rgba.length; from += channels, to += 4)
    samples.copy(rgba, to, from, from + 3)
}
