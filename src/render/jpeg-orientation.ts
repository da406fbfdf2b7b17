import { readTiffTags, TAG } from './tiff-tags.ts'

/**
 * The same JPEG without an orientation that browsers pass over and libvips obeys: one that is no SHORT, as some
 * programs write it. Undefined where there is none such.
 */
export const dropOddOrientation = (bytes: Uint8Array): Uint8Array | undefined => {
  const from = findExif(bytes)
  const tag = from === undefined ? undefined : readTiffTags(bytes.subarray(from)).get(TAG.orientation)
  if (from === undefined || tag === undefined || tag.type === SHORT) return undefined
  const copy = new Uint8Array(bytes)
  const upright = bytes[from] === 0x49 ? [1, 0] : [0, 1]
  // Of four bytes, the two that are low.
  copy.set(bytes[from] === 0x49 || tag.type === SIGNED_SHORT ? upright : [0, 0, ...upright], from + tag.from)
  return copy
}

const SHORT = 3
const SIGNED_SHORT = 8

/** Where the EXIF block of a JPEG begins, behind its name. */
const findExif = (bytes: Uint8Array): number | undefined => {
  for (let at = 2; at + 10 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xda) return undefined
    if (marker === 0xe1 && Buffer.from(bytes.subarray(at + 4, at + 10)).toString('latin1') === 'Exif\0\0')
      return at + 10
    at += 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0)
  }
  return undefined
}
