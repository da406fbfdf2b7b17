import { asProblem, Problem } from '../../core/problem.ts'
import { emptyEntry } from '../../plan/ledger-entry.ts'
import type { DeleteFailure } from '../../store/port.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { checkAllDeleted, deleteAliases } from '../aliases.ts'
import type { Ledger, Recorder } from '../ledger/ledger.ts'
import { tellKeptVersions } from './kept-versions.ts'
import { toOrphanEntry } from './orphans.ts'
import { type PlanInput, planSources } from './plan.ts'
import { createPruneSurvey, type PruneRules, type PruneSurvey } from './prune-survey.ts'
import type { Shares } from './shares.ts'
import { openWholeRun } from './whole-run.ts'

/** What is pruned. `dryRun`: only counted, nothing is deleted or written. */
export interface PruneInput extends Omit<PlanInput, 'snapshot'>, PruneRules {
  readonly ledger: Ledger
  readonly shares?: Pick<Shares, 'watch'>
  readonly dryRun: boolean
}

/** Counts of keys; for a dry run, `deleted` is what would be deleted. */
export interface PruneCounts {
  readonly deleted: number
  /** Orphans that are kept because they are too young. */
  readonly kept: number
  readonly extra: number
  readonly foreign: number
}

/**
 * Deletes keys of ours that nothing expects any more (law Prune). It does so only after both listings have ended
 * without an error, and each source has been looked at again just before.
 * Problems: `prune-empty` where no source is listed, `prune-share` where too many would lose everything,
 * `ledger-unread` where not all of the ledger can be read, `delete-incomplete` where the store refused some.
 */
export const prune = async (input: PruneInput): Promise<PruneCounts> => {
  const snapshot = await input.ledger.open({ signal: input.signal })
  if (!input.dryRun) await learnTime(input.ledger)
  const recorder = input.ledger.record()
  const survey = createPruneSurvey(input, input.originals.roots)
  // Shards, and builds of a stored plan, do not list everything: where they are used, only this run does.
  const whole = input.dryRun ? undefined : await openWholeRun({ ...input, snapshot })
  for await (const plan of planSources({
    ...input,
    snapshot,
    ...(whole?.observe && { observe: whole.observe }),
  })) {
    // Results are kept where their source cannot be looked at, and where it is unknown which originals exist.
    if (plan.problem !== undefined)
      input.tell({ kind: 'source-failed', source: plan.group.key, problem: plan.problem })
    else if (!plan.group.isUnlisted) survey.add(plan)
    const orphans = input.dryRun ? undefined : toOrphanEntry(plan, input.now())
    if (orphans !== undefined) await recorder.add(orphans)
  }
  if (!snapshot.isWhole()) throw notWhole()
  survey.check()
  await flushIfRoom(recorder)
  if (input.dryRun) for (const { key } of survey.unwanted) input.tell({ kind: 'result-deleted', key })
  const deleted = input.dryRun ? survey.unwanted.length : await deleteUnwanted(survey, { ...input, recorder })
  await whole?.finish()
  return { deleted, kept: survey.kept(), extra: survey.extra(), foreign: input.foreignCounts.foreign }
}

/** A folder's clock is learned by writing there. Where nothing can be written, the records that follow will tell. */
const learnTime = (ledger: Ledger): Promise<void> =>
  ledger.probeWriting().catch((error: unknown) => void asProblem(error))

const notWhole = (): Problem =>
  new Problem(
    'ledger-unread',
    'A part of the ledger (under .imgsizes/, the record of what results were made from) could not be read, so nothing is deleted.',
    { hint: 'It may say that some results are still needed. Run prune again when the store can be read.' },
  )

/** So many results are deleted at once, so that only moments pass after the last look at them. */
const DELETE_AT_ONCE = 1_000

/**
 * Looks at the sources again, and deletes what may still be deleted: since the listing, an original may have been
 * restored and its results built.
 */
const deleteUnwanted = async (
  { sources }: PruneSurvey,
  input: PruneInput & { readonly recorder: Recorder },
): Promise<number> => {
  const { recorder, results } = input
  if (sources.length === 0) return 0
  const snapshot = await input.ledger.open({ signal: input.signal })
  const failures: DeleteFailure[] = []
  let deleted = 0
  const deleteSome = async ({ unwanted, aliases }: PruneSurvey): Promise<void> => {
    if (!snapshot.isWhole()) throw notWhole()
    // Aliases first, because pages ask for them first. Where a result is kept after all, the next request restores its
    // alias.
    await deleteAliases(input, aliases)
    const keys = unwanted.map(({ key }) => key)
    const failed = await results.store.deleteAll(keys, { signal: input.signal })
    failures.push(...failed)
    const standing = new Set(failed.map(({ key }) => key))
    for (const { source, key, ended } of unwanted.filter((each) => !standing.has(each.key))) {
      deleted++
      input.tell({ kind: 'result-deleted', key })
      if (ended !== undefined) await recorder.add({ ...emptyEntry(source), orphans: [ended] })
    }
  }
  let survey = createPruneSurvey(input, [])
  for await (const plan of planSources({ ...input, snapshot, selection: { keys: sources } })) {
    if (plan.problem === undefined) survey.add(plan)
    else input.tell({ kind: 'source-failed', source: plan.group.key, problem: plan.problem })
    if (survey.unwanted.length < DELETE_AT_ONCE) continue
    await deleteSome(survey)
    survey = createPruneSurvey(input, [])
  }
  await deleteSome(survey)
  await recorder.flush()
  if (deleted > 0) await tellKeptVersions(results.store, input.tell)
  checkAllDeleted(failures, { of: deleted + failures.length })
  return deleted
}

/** On a full disk, deleting makes room: what cannot be written before is written afterwards. */
const flushIfRoom = (recorder: Recorder): Promise<void> =>
  recorder.flush().catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== 'store-full') throw error
  })

/** Deletes in batches. Problem `delete-incomplete`. */
export const deleteKeys = async (
  { results, signal }: Pick<PlanInput, 'results' | 'signal'>,
  keys: readonly VariantKey[],
): Promise<void> => checkAllDeleted(await results.store.deleteAll(keys, { signal }), { of: keys.length })
