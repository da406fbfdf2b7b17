import { asProblem } from '../../core/problem.ts'
import { forEachConcurrent } from '../../waiting/concurrency.ts'
import { createAliasWork } from '../aliases.ts'
import type { FactsListener } from '../site/images.ts'
import { createSourceWork } from './build-source.ts'
import { type ForcedRun, type ForcedRunInput, openForcedRun } from './forced.ts'
import { type PlannedSource, planSources } from './plan.ts'
import { seesEverything } from './select-groups.ts'
import type { BuildInput } from './source-steps.ts'
import { openWholeRun, type WholeRunOptions } from './whole-run.ts'
import { createWriting } from './writable.ts'

/** Planned sources that wait, so that the largest goes first; their bytes are not read yet. */
const WINDOW = 32
const RECORD_EVERY_MS = 15_000

/** What one build works on, and what it shares with other builds. */
export interface BuildRunInput
  extends BuildInput,
    Pick<ForcedRunInput, 'forced' | 'forcing'>,
    Pick<WholeRunOptions, 'shares'> {}

/**
 * Carries out the plan: renders what is missing or stale, copies, touches, drops. A result is written first and
 * recorded afterwards; an alias, which no listing can confirm, is recorded first (`plan/alias.ts`). If a source fails,
 * this is told, and remembered where its bytes are the cause; the others go on. Throws where a listing or the
 * ledger fails, after what is in flight has ended.
 */
export const build = async (input: BuildRunInput): Promise<void> => {
  const { stop } = input
  // A listing may take long to produce what this run does not need: its end is not waited for.
  const ending = { signal: stop }
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

/** Does the steps of planned sources, `atOnce` sources at once, and records all that was done before it ends. */
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
    record().catch(() => {}) // records stay in memory and are tried again at the end, where a failure counts
  }, RECORD_EVERY_MS)
  try {
    await input.results.store.sweep()
    await forEachConcurrent(untilStopped(plans, writing.ended), atOnce, work)
    writing.ended.throwIfAborted()
    await aliases.settle()
  } finally {
    clearInterval(timer)
    await recorder.end().catch((error: unknown) => {
      // This error is only a consequence. The reason why nothing can be written is thrown instead.
      if (!writing.ended.aborted) throw error
      input.tell({ kind: 'warning', problem: asProblem(error) })
    })
  }
}

/** Ends without an error where the stop has ended what `items` waited for. */
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
