import type { EncoderOptions } from '../core/encoder.ts'
import type { EncodedFile, FileBound } from './drawings.ts'
import { type Accompaniment, type Encoding, encode, toEncoding } from './encode.ts'
import type { Look } from './look.ts'
import type { Rendered } from './port.ts'
import { searchFile } from './search.ts'

export interface FileContext {
  readonly encoders: EncoderOptions
  readonly accompaniment: Accompaniment
}

/** A file of the picture, as it is asked for. */
export const makeFile = async (look: Look, file: EncodedFile, context: FileContext): Promise<Rendered> => {
  const { encoding, bound, goal } = file
  const wanted = goal
    ? await searchFile(look, goal, context.accompaniment)
    : await encode(look.pixels, encoding, context.accompaniment)
  return bound === undefined || wanted.bytes.length <= bound.maxBytes
    ? wanted
    : encodeWithin(look, { format: encoding.format, bound }, context)
}

/**
 * The file at the highest quality below `bound.quality` that is no larger than it may be; at quality 1 where none is. A
 * quality tells nothing exact of bytes, so it is found by halving: seven encodes at most.
 */
const encodeWithin = async (
  { pixels }: Look,
  { format, bound }: { readonly format: Encoding['format']; readonly bound: FileBound },
  { encoders, accompaniment }: FileContext,
): Promise<Rendered> => {
  const encodeAt = (quality: number): Promise<Rendered> =>
    encode(pixels, toEncoding(format, quality, encoders), accompaniment)
  let [tooGood, good] = [bound.quality, 0]
  let best: Rendered | undefined
  while (tooGood - good > 1) {
    const quality = Math.floor((tooGood + good) / 2)
    const rendered = await encodeAt(quality)
    if (rendered.bytes.length <= bound.maxBytes) [good, best] = [quality, rendered]
    else tooGood = quality
  }
  return best ?? encodeAt(1)
}
