import sharp, { type Sharp } from 'sharp'
import type { Size } from '../core/geometry.ts'
import { type Header, imageCorrupt } from './header.ts'
import { type Pixels, readPixels } from './pixels.ts'
import { DECODING } from './sharp.ts'

/**
 * The source decoded once, upright, in 8-bit sRGB, at `size`, which must not exceed the picture's unless that is
 * scalable. With `frames` above 1 all frames, at the picture's own size. Rejects with `image-corrupt`.
 */
export const readMaster = async (
  bytes: Uint8Array,
  header: Header,
  { size, frames }: { readonly size: Size; readonly frames: number },
): Promise<Pixels> => {
  const source = openSource(bytes, header, frames)
  const isWhole = frames > 1 || isSame(size, header.facts)
  const pipeline = isWhole && header.facts.isScalable !== true ? source : shrink(source, header, size)
  return readPixels(pipeline).catch((cause: unknown) => {
    throw imageCorrupt(cause)
  })
}

/** The source as sharp decodes it: turned upright (an animation as it is), in sRGB. */
export const openSource = (bytes: Uint8Array, header: Header, frames = 1): Sharp => {
  const source = sharp(bytes, { ...DECODING, autoOrient: frames === 1, ...(frames > 1 && { pages: -1 }) })
  // sharp works on deep pixels with a profile in Display P3 and leaves them there: sRGB (200, 60, 30) comes out
  // as (184, 70, 43). Naming the profile of the result brings them back.
  return header.isDeepWithProfile ? source.withIccProfile('srgb', { attach: false }) : source
}

const shrink = (source: Sharp, { facts }: Header, size: Size): Sharp => {
  const { width, height } = facts
  const mustDecodeWhole = facts.mediaFormat === 'jpeg' && shiftsOnLoad(facts, size)
  // Taking "a part" that is all of it is how sharp is kept from decoding at a fraction.
  const start = mustDecodeWhole ? source.extract({ left: 0, top: 0, width, height }) : source
  return start.resize(size.width, size.height, { fit: 'fill', fastShrinkOnLoad: false })
}

/**
 * Whether a JPEG decoded at a fraction (as sharp would choose for this size) lies askew: libjpeg rounds the sides
 * up, so that a side of 2725 at a half is 1363 pixels for 1362.5, and the whole picture is squeezed by that.
 *
 * Butteraugli (3-norm) to the whole decode, and CPU: where the sides divide, 0.17 to 0.53 and 30 to 50 % less
 * (2560×1600 to 640: 8 ms for 18; 3840×2160 to 960: 32 for 49; 5640×3172 to 640: 50 for 71); where one does not
 * (3172 by 8), 0.94. With sharp's larger fractions, `fastShrinkOnLoad`, up to 0.74 and hardly faster. Hence the
 * rule needs no difference between one size and many.
 */
const shiftsOnLoad = ({ width, height }: Size, size: Size): boolean => {
  const factor = loadFactor(Math.min(width / size.width, height / size.height))
  return width % factor !== 0 || height % factor !== 0
}

/** sharp's choice with `fastShrinkOnLoad: false`: at least a factor of two stays for the proper resampling. */
const loadFactor = (shrinkBy: number): number =>
  shrinkBy >= 16 ? 8 : shrinkBy >= 8 ? 4 : shrinkBy >= 4 ? 2 : 1

const isSame = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height
