import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { PlanStep } from '../../plan/decide.ts'
import type { OrphanRecord } from '../../plan/orphan.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { aliasesGoneWith, type NamedAlias } from '../aliases.ts'
import type { OriginalsRoot } from '../originals.ts'
import { toDeletedOrphan } from './orphans.ts'
import type { PlannedSource } from './plan.ts'

/** What may be deleted, and the guards. */
export interface PruneRules {
  readonly now: () => number
  /** An orphan younger than this, counted from when it was first recorded as one, is kept. */
  readonly olderThanMs: number
  /** The largest share, 0..1, of the sources with results that may lose all of them. */
  readonly maxShare: number
  /** Whether extras are deleted too. */
  readonly extras: boolean
  /** Whether an empty listing of a source is believed. */
  readonly allowEmpty: boolean
}

/** The default of `maxShare`. */
export const DEFAULT_MAX_SHARE = 0.2

/** More are left to the next run, so that the list of results to delete fits in memory. */
const MOST_AT_ONCE = 1_000_000

interface Unwanted {
  readonly source: SourceKey
  readonly key: VariantKey
  /** For an orphan: what is recorded once it is deleted. */
  readonly ended?: OrphanRecord | undefined
}

/** What a prune will delete. */
export type PruneSurvey = ReturnType<typeof createPruneSurvey>

type UnwantedStep = Extract<PlanStep, { kind: 'orphan' | 'extra' }>

/** An extra whose headers are old is an extra all the same. */
const toUnwanted = (step: PlanStep): UnwantedStep | undefined => {
  if (step.kind === 'touch' && step.isExtra) return { kind: 'extra', key: step.at.key }
  return step.kind === 'orphan' || step.kind === 'extra' ? step : undefined
}

/**
 * Collects what a prune deletes, plan by plan; `check` throws the guards' Problems (law Prune) once all were added.
 * `roots` are the configured sources: if the listing of one is empty while it has results, it is not believed.
 */
export const createPruneSurvey = (input: PruneRules, roots: readonly OriginalsRoot[]) => {
  const unwanted: Unwanted[] = []
  /** Aliases that lose their result. */
  const aliases: NamedAlias[] = []
  /** The sources of both, in the order in which they were added. */
  const sources: SourceKey[] = []
  const tallies = roots.map((root) => ({ root, sources: 0, withResults: 0 }))
  let withResults = 0
  let losingAll = 0
  let kept = 0
  let extra = 0
  const isDeletable = (step: UnwantedStep): boolean => {
    if (step.kind === 'extra') return input.extras
    const now = input.now()
    // Clocks differ: a record with a time in the future counts as just made.
    return Math.max(0, now - (step.since ?? now)) >= input.olderThanMs
  }
  const addUnwanted = (step: UnwantedStep, plan: PlannedSource): void => {
    if (unwanted.length >= MOST_AT_ONCE) return
    const { group } = plan
    const ended = step.kind === 'orphan' ? toDeletedOrphan(group, step.name, input.now()) : undefined
    unwanted.push({ source: group.key, key: step.key, ended })
  }
  return {
    unwanted,
    aliases,
    sources,
    /** How many orphans are kept because they are too young. */
    kept: (): number => kept,
    extra: (): number => extra,
    add: (plan: PlannedSource): void => {
      const before = unwanted.length + aliases.length
      const tally = tallies.find(({ root }) => plan.group.key.startsWith(root.prefix))
      if (tally !== undefined && plan.group.source !== undefined) tally.sources++
      if (tally !== undefined && plan.group.results.length > 0) tally.withResults++
      const lost = new Set<VariantKey>()
      for (const each of plan.steps) {
        const step = toUnwanted(each)
        if (step === undefined) continue
        if (isDeletable(step)) {
          lost.add(step.key)
          addUnwanted(step, plan)
        } else if (step.kind === 'orphan') kept++
        else extra++
      }
      aliases.push(...aliasesGoneWith(plan, lost))
      if (unwanted.length + aliases.length > before) sources.push(plan.group.key)
      if (plan.group.results.length > 0) withResults++
      if (lost.size > 0 && lost.size === plan.group.results.length) losingAll++
    },
    /** Throws Problems `prune-empty` and `prune-share`. */
    check: (): void => {
      if (!input.allowEmpty) checkNotEmpty(tallies)
      const share = losingAll / withResults // NaN, which is not more, where nothing has results
      if (share > input.maxShare)
        throw new Problem(
          'prune-share',
          `${losingAll} of ${withResults} sources with results would lose all of them: ${percent(share)}, but the limit is ${percent(input.maxShare)}. Nothing was deleted.`,
          { hint: `If that is right, pass --max-share ${Math.ceil(share * 100) / 100}.` },
        )
    },
  }
}

interface RootTally {
  readonly root: OriginalsRoot
  readonly sources: number
  readonly withResults: number
}

const checkNotEmpty = (tallies: readonly RootTally[]): void => {
  const hint = 'Check `source` in the config. If it is meant to be empty, pass --allow-empty --max-share 1.'
  if (tallies.every(({ sources }) => sources === 0))
    throw new Problem(
      'prune-empty',
      'No source is listed, so every result would be deleted. Nothing was deleted.',
      { hint },
    )
  const empty = tallies.find(({ sources, withResults }) => sources === 0 && withResults > 0)
  if (empty === undefined) return
  const name = empty.root.prefix.slice(0, -1)
  throw new Problem(
    'prune-empty',
    `No original of the source ${name} (${empty.root.place}) is listed, so all of its results would be deleted. Nothing was deleted.`,
    { hint, subject: name },
  )
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`
