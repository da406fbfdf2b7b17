import type { Originals } from '../app/originals.ts'
import type { SourceKey } from '../core/source-key.ts'
import { lookFor } from './missing-source.ts'

/** How many originals are looked up: each costs a request. */
const MOST_ASKED = 20

/**
 * Says which of the originals still exist whose results were deleted, because these will be made again; else
 * undefined.
 */
export const noteStillThere = async (
  sources: readonly SourceKey[],
  originals: Pick<Originals, 'find'>,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const asked = sources.slice(0, MOST_ASKED)
  const looks = await Promise.all(asked.map((source) => lookFor(source, originals, signal)))
  const there = asked.filter((_, index) => looks[index] === 'there')
  if (there.length === 0) return undefined
  return there.length === 1
    ? `${there[0]} is still there: the next build or visitor makes its results again. Delete it or exclude it first to get rid of them.`
    : `${there.join(', ')} are still there: the next build or visitor makes their results again. Delete them or exclude them first to get rid of these.`
}
