import type { PictureOverrides } from '../app/picture-overrides.ts'
import type { Override } from '../core/override.ts'
import { asProblem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Clock } from '../waiting/clock.ts'

/** What is said of a picture, no older than some seconds. */
type ReadOverride = (source: SourceKey, signal?: AbortSignal) => Promise<Override | undefined>

const FRESH_MS = 10_000

/** For a server, which runs for longer than the file of overrides stays as it was. */
export const createFreshOverrides = (
  overrides: Pick<PictureOverrides, 'read' | 'reload'>,
  clock: Pick<Clock, 'now'>,
): ReadOverride => {
  let readAt = clock.now()
  return async (source, signal) => {
    if (clock.now() - readAt > FRESH_MS) {
      readAt = clock.now()
      // While a file is being edited, its last valid content counts; `build` tells what is wrong with it.
      await overrides.reload().catch(asProblem)
    }
    return overrides.read(source, signal)
  }
}
