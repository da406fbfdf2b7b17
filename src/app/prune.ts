import { Problem } from '../core/problem.ts'
import { aliasesLeftBehind } from '../plan/decide-aliases.ts'
import type { VariantKey } from '../url/keyring.ts'
import { deleteAliases, type NamedAlias } from './aliases.ts'
import { newOrphans } from './build-source.ts'
import type { Ledger } from './ledger.ts'
import { type PlanInput, type PlannedSource, planSources } from './plan.ts'

export interface PruneInput extends Omit<PlanInput, 'snapshot'> {
  readonly ledger: Ledger
  readonly now: () => number
  readonly dryRun: boolean
  /** An orphan younger than this, counted from when it was first recorded as one, is kept. */
  readonly olderThanMs: number
  /** The largest share, 0..1, of the sources with results that may lose all of them. */
  readonly maxShare: number
  /** Extras go too. */
  readonly extras: boolean
  /** An empty source listing is believed. */
  readonly allowEmpty: boolean
}

/** Counts of keys; a dry run's `deleted` is what would have been. */
export interface PruneCounts {
  readonly deleted: number
  /** Orphans that are too young. */
  readonly kept: number
  readonly extra: number
  readonly foreign: number
}

/** More are left to the next run, so that what is to be deleted fits in memory. */
const MOST_AT_ONCE = 1_000_000

/**
 * Deletes keys of ours that nothing expects any more, once both listings have ended without error (law Prune).
 * Problems: `prune-empty` where no source is listed, `prune-share` where too many would lose everything,
 * `delete-incomplete` where the store refused some.
 */
export const prune = async (input: PruneInput): Promise<PruneCounts> => {
  const snapshot = await input.ledger.open({ ...(input.signal && { signal: input.signal }) })
  const recorder = input.ledger.record()
  const survey = createSurvey(input)
  for await (const plan of planSources({ ...input, snapshot })) {
    // Who cannot look at a source does not judge its results.
    if (plan.problem !== undefined)
      input.tell({ kind: 'source-failed', source: plan.group.key, problem: plan.problem })
    else survey.add(plan)
    const orphans = newOrphans(plan, input.now())
    if (orphans !== undefined && !input.dryRun) await recorder.add(orphans)
  }
  survey.check()
  await recorder.flush()
  const { doomed } = survey
  for (const key of doomed) input.tell({ kind: 'result-deleted', key })
  if (!input.dryRun) {
    // First, for pages ask for these first; of those whose results were to stay after all, the next who asks has more.
    await deleteAliases({ ...input, recorder }, survey.aliases)
    await recorder.flush()
    await deleteKeys(input, doomed)
  }
  return {
    deleted: doomed.length,
    kept: survey.kept(),
    extra: survey.extra(),
    foreign: input.strangers.foreign,
  }
}

const createSurvey = (input: PruneInput) => {
  const doomed: VariantKey[] = []
  const aliases: NamedAlias[] = []
  let sources = 0
  let withResults = 0
  let losingAll = 0
  let kept = 0
  let extra = 0
  const isDoomed = (step: PlannedSource['steps'][number]): boolean => {
    if (step.kind === 'extra') return input.extras
    return step.kind === 'orphan' && input.now() - (step.since ?? input.now()) >= input.olderThanMs
  }
  const addAliases = ({ group, aliases: steps }: PlannedSource, gone: ReadonlySet<VariantKey>): void => {
    // A result that the next build makes has its alias back by then.
    const followed = new Set(steps.flatMap(({ kind, alias }) => (kind === 'follow' ? [alias.name] : [])))
    for (const alias of aliasesLeftBehind(group, (key) => gone.has(key)))
      if (!followed.has(alias.name)) aliases.push({ source: group.key, ...alias })
  }
  return {
    doomed,
    aliases,
    kept: () => kept,
    extra: () => extra,
    add: (plan: PlannedSource): void => {
      if (plan.group.source !== undefined) sources++
      const lost = new Set<VariantKey>()
      for (const step of plan.steps) {
        if (step.kind !== 'orphan' && step.kind !== 'extra') continue
        if (isDoomed(step)) {
          lost.add(step.key)
          if (doomed.length < MOST_AT_ONCE) doomed.push(step.key)
        } else if (step.kind === 'orphan') kept++
        else extra++
      }
      addAliases(plan, lost)
      if (plan.group.results.length > 0) withResults++
      if (lost.size > 0 && lost.size === plan.group.results.length) losingAll++
    },
    check: (): void => {
      if (sources === 0 && !input.allowEmpty)
        throw new Problem(
          'prune-empty',
          'No source is listed, so every result would be deleted. Nothing was.',
          {
            hint: 'Check `source` in the config. If it is meant to be empty, pass --allow-empty --max-share 1.',
          },
        )
      const share = withResults === 0 ? 0 : losingAll / withResults
      if (share > input.maxShare)
        throw new Problem(
          'prune-share',
          `${losingAll} of ${withResults} sources with results would lose all of them: ${percent(share)}, and at most ${percent(input.maxShare)} may. Nothing was deleted.`,
          { hint: `If that is right, pass --max-share ${Math.ceil(share * 100) / 100}.` },
        )
    },
  }
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`

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
