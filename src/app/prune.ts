import { Problem } from '../core/problem.ts'
import { emptyEntry } from '../plan/ledger-entry.ts'
import type { VariantKey } from '../url/keyring.ts'
import { deleteAliases } from './aliases.ts'
import type { Ledger, Recorder } from './ledger.ts'
import { mergeLedgerParts } from './merge-ledger-parts.ts'
import { toOrphanEntry } from './orphans.ts'
import { type PlanInput, planSources } from './plan.ts'
import { createPruneSurvey, type PruneRules } from './prune-survey.ts'

export interface PruneInput extends Omit<PlanInput, 'snapshot'>, PruneRules {
  readonly ledger: Ledger
  readonly dryRun: boolean
}

/** Counts of keys; a dry run's `deleted` is what would have been. */
export interface PruneCounts {
  readonly deleted: number
  /** Orphans that are too young. */
  readonly kept: number
  readonly extra: number
  readonly foreign: number
}

/**
 * Deletes keys of ours that nothing expects any more, once both listings have ended without error (law Prune).
 * Problems: `prune-empty` where no source is listed, `prune-share` where too many would lose everything,
 * `delete-incomplete` where the store refused some.
 */
export const prune = async (input: PruneInput): Promise<PruneCounts> => {
  const snapshot = await input.ledger.open({ ...(input.signal && { signal: input.signal }) })
  const recorder = input.ledger.record()
  const survey = createPruneSurvey(input, input.originals.roots)
  // Builds of a stored plan list nothing: of those that follow each other, this is the one run that does.
  const merge = input.dryRun ? undefined : mergeLedgerParts(snapshot, input.results.store.marks)
  for await (const plan of planSources({
    ...input,
    snapshot,
    ...(merge?.observe && { observe: merge.observe }),
  })) {
    // Who cannot look at a source does not judge its results; nor where nobody can say what originals there are.
    if (plan.problem !== undefined)
      input.tell({ kind: 'source-failed', source: plan.group.key, problem: plan.problem })
    else if (!plan.group.isUnlisted) survey.add(plan)
    const orphans = input.dryRun ? undefined : toOrphanEntry(plan, input.now())
    if (orphans !== undefined) await recorder.add(orphans)
  }
  survey.check()
  await flushIfRoom(recorder)
  const { doomed } = survey
  for (const { key } of doomed) input.tell({ kind: 'result-deleted', key })
  if (!input.dryRun) {
    // First, for pages ask for these first; of those whose results were to stay after all, the next who asks has more.
    await deleteAliases({ ...input, recorder }, survey.aliases)
    await flushIfRoom(recorder)
    await deleteKeys(
      input,
      doomed.map(({ key }) => key),
    )
    for (const { source, ended } of doomed)
      if (ended !== undefined) await recorder.add({ ...emptyEntry(source), orphans: [ended] })
    await recorder.flush()
  }
  await merge?.finish()
  return {
    deleted: doomed.length,
    kept: survey.kept(),
    extra: survey.extra(),
    foreign: input.strangers.foreign,
  }
}

/** On a full disk, deleting is what makes room: what cannot be written before is written after. */
const flushIfRoom = (recorder: Recorder): Promise<void> =>
  recorder.flush().catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== 'store-full') throw error
  })

/** Deletes in batches; what the store refuses is told by its first reason. */
export const deleteKeys = async (
  { results, signal }: Pick<PlanInput, 'results' | 'signal'>,
  keys: readonly VariantKey[],
): Promise<void> => {
  const failures = await results.store.deleteAll(keys, { ...(signal && { signal }) })
  const [first] = failures
  if (first !== undefined)
    throw new Problem(
      'delete-incomplete',
      `${failures.length} of ${keys.length} results could not be deleted, ${first.key} because: ${first.message}`,
      {
        hint: 'Run the same command again; s3:DeleteObject is the permission it needs on S3.',
        subject: first.key,
      },
    )
}
