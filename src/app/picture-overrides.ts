import type { Overrides } from '../config/overrides.ts'
import { mergeOverrides, type Override } from '../core/override.ts'
import { asProblem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Clock } from '../waiting/clock.ts'

/** What is said of single pictures, by a file and by sidecars. */
export type PictureOverrides = Awaited<ReturnType<typeof openPictureOverrides>>

interface PictureOverridesOptions {
  readonly readFile: () => Promise<Overrides | undefined>
  /** What stands beside an original; absent where sidecars are off. */
  readonly readSidecar?: (source: SourceKey, signal?: AbortSignal) => Promise<Override | undefined>
}

/** Reads the file, once. Problems `overrides-missing`, `overrides-invalid`, and those of its place. */
export const openPictureOverrides = async ({ readFile, readSidecar }: PictureOverridesOptions) => {
  let file = await readFile()
  const of = (source: SourceKey): Override | undefined => file?.of(source)
  return {
    /** What the file says of a source; undefined where there is no file. */
    of,
    /**
     * The same with what a sidecar says, which goes first: one request, where sidecars are on. Problem
     * `overrides-invalid` and those of its place.
     */
    read: async (source: SourceKey, signal?: AbortSignal): Promise<Override | undefined> => {
      const own = await readSidecar?.(source, signal)
      return own === undefined ? of(source) : mergeOverrides(of(source), own)
    },
    hasSidecars: readSidecar !== undefined,
    /** A tally of names for one run over all sources; undefined where there is no file. */
    openTally: (): ReturnType<Overrides['openTally']> | undefined => file?.openTally(),
    /** Reads the file again; whether it says something else now. */
    reload: async (): Promise<boolean> => {
      const before = file
      file = await readFile()
      return file !== before
    },
  }
}

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
