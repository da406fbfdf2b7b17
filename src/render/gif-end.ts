import { GIF, walkGif } from './gif-blocks.ts'

/**
 * Whether a GIF ends inside a frame. One that ends between frames, without its trailer, counts as complete. Anything
 * that is no block of GIF89a ends the search, because what comes after the picture does not matter.
 */
export const isCutOffGif = (bytes: Uint8Array): boolean => {
  if (bytes[0] !== 0x47 || bytes[1] !== 0x49) return false
  for (const { kind, end } of walkGif(bytes)) if (kind === GIF.frame && end === undefined) return true
  return false
}
