import { bareOriginal } from './bare.ts'
import type { Comparison } from './compare-look.ts'
import type { EncodedFile, FileBound } from './drawings.ts'
import { type FileContext, toEncoding } from './encode.ts'
import type { Rendered } from './port.ts'
import { type Goal, goalOf } from './search.ts'
import { makeSmallest } from './smallest.ts'
import type { MediaFormat } from './sniff.ts'

interface MakeContext extends FileContext {
  /** The original, if it has the same format and size: it may be used as the file. */
  readonly original?: { readonly bytes: Uint8Array; readonly mediaFormat: MediaFormat } | undefined
}

/** Makes a file of the picture as it is asked for. */
export const makeFile = async (
  look: Comparison,
  file: EncodedFile,
  context: MakeContext,
): Promise<Rendered> => {
  const smallest = await makeSmallest(look, file, context)
  const wanted = (await tryOriginal(look, smallest, context)) ?? smallest
  const { bound, goal } = file
  return bound === undefined || goal === undefined || wanted.bytes.length <= bound.maxBytes
    ? wanted
    : makeWithin(look, { bound, goal }, context)
}

/** The original without metadata, if it is smaller and shows exactly these pixels. */
const tryOriginal = async (
  look: Comparison,
  made: Rendered,
  { original }: MakeContext,
): Promise<Rendered | undefined> => {
  if (original === undefined) return undefined
  const bytes = bareOriginal(original.bytes, original.mediaFormat, made.bytes)
  if (bytes === undefined || bytes.length >= made.bytes.length || !(await look.isSame(bytes)))
    return undefined
  const { width, height } = made
  return { bytes, width, height, way: 'original', instead: made.bytes.length }
}

/**
 * The file at the highest quality up to `bound.quality` that is not larger than allowed; at quality 1 where there is
 * none. A quality does not tell the number of bytes, so it is found by bisection: seven files at most, each as it would
 * be at that quality without a search.
 */
const makeWithin = async (
  look: Comparison,
  { bound, goal }: { readonly bound: FileBound; readonly goal: Goal },
  context: FileContext,
): Promise<Rendered> => {
  const makeAt = (quality: number): Promise<Rendered> => {
    const encoding = toEncoding(goal.format, quality, context.encoders)
    return makeSmallest(
      look,
      { encoding, goal: { ...goalOf(goal.format, quality), isSearched: false } },
      context,
    )
  }
  let [tooGood, good] = [bound.quality, 0]
  let best: Rendered | undefined
  while (tooGood - good > 1) {
    const quality = Math.floor((tooGood + good) / 2)
    const rendered = await makeAt(quality)
    if (rendered.bytes.length <= bound.maxBytes) [good, best] = [quality, rendered]
    else tooGood = quality
  }
  return best ?? makeAt(1)
}
