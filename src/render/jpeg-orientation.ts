import { JPEG, listSegments } from './jpeg-segments.ts'
import { readTiffTags, replaceValues, TAG } from './tiff-tags.ts'

/**
 * The same JPEG whose EXIF libvips obeys as browsers do: named as it must be, where its name ends in another byte than 0,
 * and without an odd orientation ({@link dropOddOrientation}). Undefined where nothing is odd.
 */
export const mendJpegExif = (bytes: Uint8Array): Uint8Array | undefined => {
  const from = findExif(bytes)
  if (from === undefined) return undefined
  const exif = bytes.subarray(from)
  const upright = dropOddOrientation(exif)
  return bytes[from - 1] === 0 && upright === undefined
    ? undefined
    : Buffer.concat([bytes.subarray(0, from - 1), Buffer.of(0), upright ?? exif])
}

/**
 * An EXIF block without an orientation that browsers ignore but libvips applies: one whose type is not SHORT, as some
 * programs write it, or that is several. Undefined where there is none.
 */
export const dropOddOrientation = (exif: Uint8Array): Uint8Array | undefined => {
  const tag = readTiffTags(exif).get(TAG.orientation)
  if (tag === undefined || (tag.type === SHORT && tag.count === 1)) return undefined
  if (tag.values.every((value) => value === UPRIGHT)) return undefined
  return replaceValues(exif, tag, UPRIGHT)
}

const SHORT = 3
const UPRIGHT = 1

/** The position of a JPEG's EXIF block, after its name. */
const findExif = (bytes: Uint8Array): number | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const { marker, at } of listSegments(view)) {
    if (marker === JPEG.startOfScan) return undefined
    if (marker === 0xe1 && view.toString('latin1', at + 2, at + 7) === 'Exif\0') return at + 8
  }
  return undefined
}
