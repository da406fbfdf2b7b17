import pLimit from 'p-limit'
import { asProblem, type Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { PlanStep } from '../../plan/decide.ts'
import { findFacts } from '../../plan/ledger-entry.ts'
import { allEnded } from '../../waiting/concurrency.ts'
import { createLargestFirst } from '../../waiting/largest-first.ts'
import { createDeleteGone } from './gone.ts'
import { toOrphanEntry } from './orphans.ts'
import { isWriting, type PlannedSource } from './plan.ts'
import { giveUp, renderSource, sizeFingerprint, wantsPreviews } from './render-source.ts'
import { canPreview, lacksFacts, withSmallest } from './source-facts.ts'
import { type BuildInput, createArrivals, doStep, STOPPED, type Work } from './source-steps.ts'
import { createMendSpelling } from './spelling.ts'

/** How many uploads run at once. Measured: more gain nothing. */
const PUTS_AT_ONCE = 24

/**
 * Does the steps of a source, and ends when all of its results are stored. Returns the problems, which have been told
 * already, and {@link STOPPED} where a stop was asked for before the work on the source began.
 */
export type SourceWork = (plan: PlannedSource) => Promise<readonly Problem[]>

/** What is done without a render. Most steps of most builds are to keep what is there, and wait for nothing. */
const WITHOUT_RENDER: ReadonlySet<PlanStep['kind']> = new Set(['copy', 'touch', 'drop'])

/** The same work for every source of one build: the limits of reads, renders and uploads are shared. */
export const createSourceWork = (
  input: BuildInput,
  shared: Pick<Work, 'recorder' | 'aliases' | 'writing'>,
): SourceWork => {
  const work: Omit<Work, 'made'> = {
    ...shared,
    input,
    mendSpelling: createMendSpelling(input),
    deleteGone: input.selection.keys && createDeleteGone({ ...input, recorder: shared.recorder }),
    putLimit: pLimit(PUTS_AT_ONCE),
    // Twice the threads: while one picture is rendered the next is read, even from a slow store.
    renders: createLargestFirst({
      tasks: input.threads * 2 + 1,
      bytes: input.heldBytes ?? Number.POSITIVE_INFINITY,
    }),
    arrivals: createArrivals(),
  }
  return (plan) => buildSource(plan, work)
}

const buildSource = async (plan: PlannedSource, shared: Omit<Work, 'made'>): Promise<readonly Problem[]> => {
  const work: Work = { ...shared, made: [] }
  const { input, recorder, putLimit } = work
  const { key, source } = plan.group
  input.tell({
    kind: 'source-planned',
    source: key,
    sourceBytes: source?.sizeBytes ?? 0,
    steps: plan.steps,
    isIncluded: source?.isIncluded ?? plan.problem !== undefined, // where nobody could look, it may be
  })
  if (plan.learned !== undefined) await recorder.add(plan.learned)
  const { problem } = plan
  const problems: Problem[] = []
  const attempt = (part: () => Promise<void>): Promise<void> => tryFor(key, { input, problems }, part)
  const isWritten = isWriting(plan)
  const isShown = source?.isIncluded && plan.override?.exclude !== true
  let facts = findFacts(plan.group.known?.facts, plan.fingerprint)
  const mustPreview = wantsPreviews(input) && lacksFacts(plan, facts) && canPreview(plan)
  let hasEnded = false
  await attempt(async () => {
    hasEnded = (await work.deleteGone?.(plan)) ?? false
  })
  if (!hasEnded) await recordOrphans(plan, work, isWritten)
  await attempt(async () => {
    if (hasEnded) return
    if (problem !== undefined)
      await giveUp(plan, { fingerprint: sizeFingerprint(plan), error: problem }, work)
    await attempt(() => work.aliases.onPlanned(plan))
    const others = plan.steps.filter(({ kind }) => WITHOUT_RENDER.has(kind))
    await allEnded(others.map((step) => putLimit(() => doStep(plan, step, work))))
    const renders = plan.steps.filter((step) => step.kind === 'render')
    if (renders.length > 0 || mustPreview) {
      const isBegun = await renderSource(plan, renders, { work, onFacts: (found) => (facts = found) })
      if (!isBegun) problems.push(STOPPED)
    }
    if (isWritten || (plan.group.isMisspelt && source !== undefined)) await work.mendSpelling(key)
  }).finally(() =>
    input.facts?.settle(key, isShown && facts ? withSmallest(facts, plan, work.made) : undefined),
  )
  return problems
}

const recordOrphans = async (
  plan: PlannedSource,
  { input, recorder, writing }: Work,
  isWritten: boolean,
): Promise<void> => {
  const hasOrphans = toOrphanEntry(plan, input.now()) !== undefined
  if (isWritten || hasOrphans) await writing.check()
  // Only now is the time known: a folder's clock is learned from what is written there.
  const orphans = toOrphanEntry(plan, input.now())
  if (orphans !== undefined) await recorder.add(orphans)
}

/** Tells the failure of one source and adds it to the source's problems; the other sources go on. */
const tryFor = async (
  source: SourceKey,
  { input, problems }: { readonly input: BuildInput; readonly problems: Problem[] },
  part: () => Promise<void>,
): Promise<void> => {
  try {
    await part()
  } catch (error) {
    const problem = asProblem(error)
    if (problem.code === 'source-missing' && !(await isStillThere(source, input.originals)))
      return input.tell({ kind: 'source-gone', source, results: 0 })
    // The run was stopped before this source was done; the run itself says why.
    const isLeft = error === input.stop?.reason
    problems.push(isLeft ? STOPPED : problem)
    if (!isLeft) input.tell({ kind: 'source-failed', source, problem })
  }
}

/**
 * Whether an original that could not be read is there all the same: then its store is at fault. Otherwise it was deleted
 * since the listing, and the next listing will not show it.
 */
const isStillThere = async (source: SourceKey, originals: BuildInput['originals']): Promise<boolean> => {
  try {
    return (await originals.find(source)) !== undefined || (await originals.findAtOrBelow(source)) === source
  } catch (error) {
    asProblem(error) // nobody can say
    return true
  }
}
