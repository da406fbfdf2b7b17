import { asProblem } from '../../core/problem.ts'
import { createSession, type SessionInput, type Watch } from './session.ts'
import type { SourcesWork } from './source-work.ts'

/** What a worker works on, and how the work begins. */
export interface WatchInput extends Omit<SessionInput, 'work'> {
  /** Begins the work; once `stop` aborts, no renders are begun. */
  readonly openWork: (stop: AbortSignal) => Promise<SourcesWork>
}

const FIRST_PAUSE_MS = 15_000
const LONGEST_PAUSE_MS = 60_000
/** How often a store that is away is looked for. */
const LOOK_EVERY_MS = 5_000

/**
 * Works through a queue. An event only names a source; the source's present state decides. So messages may come
 * twice, late, in any order, or from an unknown sender. A message is deleted only after its results are stored and
 * recorded: a worker that is killed at any moment loses nothing.
 */
export const createWatch = ({ openWork, ...input }: WatchInput): Watch => {
  const { clock, tell } = input
  let session: Watch | undefined
  let isLost = false
  return {
    get load() {
      return session?.load ?? { waiting: 0, working: 0, messages: 0 }
    },
    get isWell() {
      return !isLost && (session?.isWell ?? false)
    },
    run: async (stop, deadline) => {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        const work = await openWork(stop)
        session = createSession({ ...input, work })
        const isDrained = await session.run(stop, deadline)
        if (stop.aborted) return isDrained
        isLost = true
        tell({ kind: 'store-lost', problem: asProblem(work.ended.reason), againInMs: pauseMs })
        await untilBack(work, { pauseMs, clock, stop })
        if (stop.aborted) return true
        isLost = false
      }
    },
  }
}

/** Waits until a store that is away is back; as long as told for what a probe does not show, such as a full disk. */
const untilBack = async (
  { probe }: Pick<SourcesWork, 'probe'>,
  {
    pauseMs,
    clock,
    stop,
  }: Pick<WatchInput, 'clock'> & { readonly pauseMs: number; readonly stop: AbortSignal },
): Promise<void> => {
  const until = clock.now() + pauseMs
  let wasAway = false
  while (!stop.aborted) {
    const isThere = await probe().then(
      () => true,
      (error: unknown) => {
        asProblem(error)
        return false
      },
    )
    if (isThere && (wasAway || clock.now() >= until)) return
    wasAway ||= !isThere
    await clock.wait(LOOK_EVERY_MS, stop).catch(() => {})
  }
}
