import { isSameObject } from '../../core/mark.ts'
import { asProblem, isOfPicture, Problem, policyOf } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { type LedgerEntry, mergeEntries } from '../../plan/ledger-entry.ts'
import { mergeLedger } from '../../plan/merge-ledger.ts'
import { compareSources } from '../../plan/source-order.ts'
import { forEachConcurrent } from '../../waiting/concurrency.ts'
import { createAliasWork } from '../aliases.ts'
import { createSourceWork, type SourceWork } from '../batch/build-source.ts'
import { isGone, isWriting, type PlannedSource, planSources } from '../batch/plan.ts'
import type { BuildInput } from '../batch/source-steps.ts'
import { createWriting } from '../batch/writable.ts'
import type { Ledger, LedgerSnapshot, Recorder } from '../ledger/ledger.ts'
import type { SourceEnd } from './event.ts'

/** The result of the work on a source. */
export type SourceOutcome =
  | { readonly kind: 'settled'; readonly end: SourceEnd; readonly problem?: Problem }
  /** It was replaced, came or went meanwhile: the stored results may be of the old version. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'failed'; readonly problem: Problem }

/** Brings sources up to date with their present state: one worker's part of the work. */
export type SourcesWork = Awaited<ReturnType<typeof openSourcesWork>>

/** What a build needs, but for all sources; and what stops it. */
type SourcesWorkInput = Omit<BuildInput, 'selection' | 'stop'> & { readonly stop: AbortSignal }

/** Nothing is worked on before `run`. */
export const openSourcesWork = async (input: SourcesWorkInput) => {
  const recorder = input.ledger.record()
  const aliases = createAliasWork({ ...input, recorder })
  const writing = createWriting({ ...input, recorder })
  const stop = AbortSignal.any([input.stop, writing.ended])
  const work = createSourceWork({ ...input, stop, selection: { keys: [] } }, { recorder, aliases, writing })
  await input.results.store.sweep()

  const plan = async function* (sources: readonly SourceKey[]): AsyncGenerator<PlannedSource> {
    const keys = [...sources].sort(compareSources)
    const snapshot = await openWithUnwritten(input.ledger, recorder, keys)
    yield* planSources({ ...input, snapshot, selection: { keys } })
  }
  return {
    /** Aborted, with a Problem, once nothing can be stored any more: this work is then over. */
    ended: writing.ended,
    /** Rejects with a Problem while nothing can be stored. */
    probe: writing.probe,
    /** Calls `onEnd` once for each source; a source must not be given twice at the same time. Rejects only on bugs. */
    run: async (
      sources: readonly SourceKey[],
      onEnd: (source: SourceKey, outcome: SourceOutcome) => void,
    ): Promise<void> => {
      const left = new Set(sources)
      const end = (source: SourceKey, outcome: SourceOutcome): void => {
        if (left.delete(source)) onEnd(source, outcome)
      }
      try {
        await forEachConcurrent(plan(sources), sources.length, async (planned) => {
          const outcome = await workOff(planned, work, input)
          if (outcome.kind === 'failed') await writing.doubt(outcome.problem)
          end(planned.group.key, outcome)
        })
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem('watch-bug', String(error))
        await writing.doubt(problem)
        for (const source of left) end(source, { kind: 'failed', problem })
        if (problem !== error) throw error
      }
    },
    /** Frees the disk space that was reserved for the ledger; what is not written yet may use it. */
    close: recorder.end,
    /** Writes what was done so far into the ledger. */
    record: async (): Promise<void> => {
      await aliases.settle()
      await recorder.flush()
    },
  }
}

/** A source that fails does not affect the others. */
const workOff = async (...given: Parameters<typeof bring>): Promise<SourceOutcome> => {
  try {
    return await bring(...given)
  } catch (error) {
    return { kind: 'failed', problem: asProblem(error) }
  }
}

const bring = async (
  plan: PlannedSource,
  work: SourceWork,
  input: Pick<BuildInput, 'originals'>,
): Promise<SourceOutcome> => {
  const problems = await work(plan)
  const isPurged = isGone(plan) && plan.group.results.length > 0
  if ((isWriting(plan) || isPurged) && (await hasChanged(plan, input))) return { kind: 'changed' }
  const [first] = problems
  const refusal = problems.find(({ code }) => policyOf(code).fault === 'guard')
  if (refusal !== undefined) return { kind: 'settled', end: 'kept', problem: refusal }
  const problem = problems.find(({ code }) => !isOfPicture(code))
  if (problem !== undefined) return { kind: 'failed', problem }
  const known = plan.steps.find((step) => step.kind === 'failing')
  if (first !== undefined || known?.kind === 'failing')
    return { kind: 'settled', end: 'failing', ...(first && { problem: first }) }
  return { kind: 'settled', end: isPurged ? 'purged' : isWriting(plan) ? 'made' : 'fresh' }
}

/**
 * Whether the source has changed since it was looked at. Asked after the last write: a change before that write may
 * have been told to a worker that was done already; a change after it is told to a worker that sees all of it.
 */
const hasChanged = async (
  { group }: PlannedSource,
  { originals }: Pick<BuildInput, 'originals'>,
): Promise<boolean> => {
  const now = await originals.find(group.key)
  const then = group.source
  return now === undefined || then === undefined ? now !== then : !isSameObject(now, then)
}

/**
 * The ledger together with what this process has not written yet: it may work on a source again before the next part
 * of the ledger is written. `sources` in the order of `compareSources`.
 */
const openWithUnwritten = async (
  ledger: Pick<Ledger, 'open'>,
  recorder: Pick<Recorder, 'unwritten'>,
  sources: readonly string[],
): Promise<Pick<LedgerSnapshot, 'entries'>> => {
  // Taken first: what is written after this is in the ledger that is opened next.
  const own = sources.flatMap((source) => {
    const [first, ...rest] = recorder.unwritten(source)
    return first === undefined ? [] : [rest.reduce(mergeEntries, first)]
  })
  const snapshot = await ledger.open()
  return {
    entries: (spans) => mergeLedger([{ read: () => snapshot.entries(spans) }, { read: () => each(own) }]),
  }
}

async function* each(entries: readonly LedgerEntry[]): AsyncGenerator<LedgerEntry> {
  yield* entries
}
