import { checkVector } from './make-vector.ts'
import type { Header, ResultFacts } from './port.ts'
import { DECODING, sharp } from './sharp.ts'
import { obeysOrientation } from './sniff.ts'
import { imageCorrupt } from './unreadable.ts'

/**
 * Decodes a stored result to the last row of its last frame. Only that row is kept, but decoding it requires all rows
 * above. Rejects with `image-corrupt`, and with `svg-unsafe` for a vector that cleaning would change.
 */
export const checkResult = async (bytes: Uint8Array, { facts }: Header): Promise<ResultFacts> => {
  if (facts.mediaFormat === 'svg') return checkVector(bytes)
  const { mediaFormat, width, height, frames } = facts
  const pages = frames > 1 ? { pages: -1 } : {}
  await sharp(bytes, { ...DECODING, autoOrient: obeysOrientation(mediaFormat, frames), ...pages })
    .extract({ left: 0, top: height - 1, width, height: 1 })
    .raw()
    .toBuffer()
    .catch((cause: unknown) => {
      throw imageCorrupt(cause)
    })
  return { mediaFormat, width, height }
}
