import { isPassing, Problem, policyOf } from '../../core/problem.ts'
import { PRIVATE_SEGMENT } from '../../core/source-key.ts'
import type { Ledger, Recorder } from '../ledger/ledger.ts'
import type { Results } from '../results.ts'

/** The writes of one run: checked before the first one, and ended where nothing can be stored any more. */
export type Writing = ReturnType<typeof createWriting>

const FAILURES_IN_A_ROW = 3

/** Nothing is written before the first `check`. */
export const createWriting = ({
  results: { store },
  ledger,
  recorder,
}: {
  readonly results: Results
  readonly ledger: Ledger
  readonly recorder: Recorder
}) => {
  const end = new AbortController()
  const ended: AbortSignal = end.signal // named, for the declarations are made of it
  let checking: Promise<void> | undefined
  let failures = 0
  let isFull = false

  /** Rejects with a Problem where no result can be stored or recorded. */
  const probe = async (): Promise<void> => {
    await store.probe({ forWriting: true, into: `${PRIVATE_SEGMENT}/` })
    await ledger.probeWriting()
  }
  const check = async (): Promise<void> => {
    await recorder.prepare() // makes the folder first where it does not exist, so that it can be tried
    try {
      await probe()
    } catch (error) {
      if (!isPassing(error)) throw error
    }
  }
  /** One folder may be denied while others are not. A small file may fit where a large one does not. */
  const whyNowhere = async (problem: Problem): Promise<Problem | undefined> => {
    if (problem.code === 'store-full') return problem
    try {
      await probe()
      return undefined
    } catch (error) {
      return error instanceof Problem ? error : undefined
    }
  }
  const count = async (error: unknown): Promise<void> => {
    if (!(error instanceof Problem) || policyOf(error.code).fault !== 'place') return
    isFull ||= error.code === 'store-full'
    if (++failures >= FAILURES_IN_A_ROW) await endIfNowhere(error)
  }
  const endIfNowhere = async (problem: Problem): Promise<void> => {
    if (end.signal.aborted) return
    const why = await whyNowhere(problem)
    if (why === undefined) failures = 0
    else end.abort(toEnd(why, store.place))
  }
  return {
    /** Aborted once nothing can be stored any more; its reason is the Problem to end the run with. */
    ended,
    probe,
    /** Ends the run at once if this failure of other work shows that nothing can be stored any more. */
    doubt: async (problem: Problem): Promise<void> => {
      // Of a full disk, several writes must tell: what is smaller may fit.
      if (policyOf(problem.code).fault === 'place' && problem.code !== 'store-full')
        await endIfNowhere(problem)
    },
    /**
     * Makes sure, the first time it is called, that results can be stored and recorded; otherwise everything would be
     * made for nothing. A run that has nothing to make does not call it, and writes nothing.
     */
    check: (): Promise<void> => {
      checking ??= check()
      return checking
    },
    /**
     * Writes a result. After a few failures in a row that are not the result's fault, the run and all later writes end.
     */
    attempt: async <T>(write: () => Promise<T>): Promise<T> => {
      // Writes that were waiting when the run ended need not be tried.
      end.signal.throwIfAborted()
      try {
        const written = await write()
        if (!isFull) failures = 0
        return written
      } catch (error) {
        await count(error)
        throw error
      }
    },
  }
}

const toEnd = (problem: Problem, place: string): Problem => {
  const { code, message, hint = '' } = problem
  const kept = 'What was stored before is complete and recorded: the next run goes on from there.'
  return code === 'store-full'
    ? new Problem(code, `No space is left in ${place}. The run has stopped: nothing more can be stored.`, {
        hint: `Free some space and run again. ${kept}`,
        cause: problem,
      })
    : new Problem(code, `Nothing can be stored in ${place} any more. The run has stopped: ${message}.`, {
        hint: `${hint} ${kept}`.trim(),
        cause: problem,
      })
}
