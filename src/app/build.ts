import { asProblem } from '../core/problem.ts'
import { createAliasWork } from './aliases.ts'
import { createSourceWork } from './build-source.ts'
import { forEachConcurrent } from './concurrency.ts'
import { type ForcedRun, type ForcedRunInput, openForcedRun } from './forced.ts'
import type { FactsListener } from './images.ts'
import { type PlannedSource, planSources } from './plan.ts'
import { seesEverything } from './select-groups.ts'
import type { BuildInput } from './source-steps.ts'
import { openWholeRun, type WholeRunOptions } from './whole-run.ts'
import { createWriting } from './writable.ts'

/** Planned sources that wait, for the largest to be taken first; they hold no bytes yet. */
const WINDOW = 32
const RECORD_EVERY_MS = 15_000

/** What one build is about. */
export interface BuildRunInput
  extends BuildInput,
    Pick<ForcedRunInput, 'forced' | 'forcing'>,
    Pick<WholeRunOptions, 'shares'> {}

/**
 * Does what the plan says: renders what is missing or stale, copies, touches, drops. Each result is written first
 * and recorded after; aliases, which no listing vouches for, the other way round (`plan/alias.ts`). A source that
 * fails is told and, where its bytes are the cause, remembered; the others go on. Throws where a listing or the
 * ledger fails, after what is in flight has ended.
 */
export const build = async (input: BuildRunInput): Promise<void> => {
  const { stop } = input
  // What is listed may be long in coming, and be nothing of this run's: its end is not waited for either.
  const ending = { ...(stop && { signal: stop }) }
  const snapshot = await input.ledger.open(ending).catch(nothingIfStopped(stop))
  if (snapshot === undefined) return
  const whole = seesEverything(input.selection)
    ? await openWholeRun({ ...input, ...ending, snapshot }).catch(nothingIfStopped(stop))
    : undefined
  const forced = await openForcedRun({ ...input, ...ending }).catch(nothingIfStopped(stop))
  if (forced === undefined) return
  const { rules } = forced
  const plans = untilStopped(
    planSources({ ...input, ...ending, rules, snapshot, ...(whole?.observe && { observe: whole.observe }) }),
    stop,
  )
  const announced = announce(plans, { facts: input.facts, observe: forced.observe })
  await buildPlanned(announced, input.threads * 4 + WINDOW, { ...input, rules })
  if (stop?.aborted || whole === undefined) return
  await whole.finish()
  if (!rules.isNarrowed) await forced.finish()
}

/** Does the steps of planned sources, `atOnce` of them at once, and records what was done before it ends. */
export const buildPlanned = async (
  plans: AsyncIterable<PlannedSource>,
  atOnce: number,
  input: BuildInput,
): Promise<void> => {
  const recorder = input.ledger.record()
  const aliases = createAliasWork({ ...input, recorder })
  const writing = createWriting({ ...input, recorder })
  const stop = AbortSignal.any([writing.ended, ...(input.stop ? [input.stop] : [])])
  const work = createSourceWork({ ...input, stop }, { recorder, aliases, writing })
  const record = async (): Promise<void> => {
    await aliases.settle()
    await recorder.flush()
  }
  const timer = setInterval(() => {
    record().catch(() => {}) // kept, and tried again at the end, where a failure counts
  }, RECORD_EVERY_MS)
  try {
    await input.results.store.sweep()
    await forEachConcurrent(untilStopped(plans, writing.ended), atOnce, work)
    writing.ended.throwIfAborted()
    await aliases.settle()
  } finally {
    clearInterval(timer)
    await recorder.end().catch((error: unknown) => {
      // Why nothing can be written has a better name than this one of its consequences.
      if (!writing.ended.aborted) throw error
      input.tell({ kind: 'warning', problem: asProblem(error) })
    })
  }
}

/** Ends, and does not fail, where the stop has broken off what `items` waited for. */
async function* untilStopped<T>(items: AsyncIterable<T>, stop: AbortSignal | undefined): AsyncGenerator<T> {
  try {
    for await (const item of items) {
      if (stop?.aborted) return
      yield item
    }
  } catch (error) {
    nothingIfStopped(stop)(error)
  }
}

const nothingIfStopped =
  (stop: AbortSignal | undefined) =>
  (error: unknown): undefined => {
    if (!stop?.aborted) throw error
  }

async function* announce(
  plans: AsyncIterable<PlannedSource>,
  { facts, observe }: { readonly facts: FactsListener | undefined } & Pick<ForcedRun, 'observe'>,
): AsyncGenerator<PlannedSource> {
  for await (const plan of plans) {
    observe(plan)
    await facts?.announce(plan.group.key)
    yield plan
  }
}
