import { defined } from '../../core/defined.ts'
import { asProblem } from '../../core/problem.ts'
import { confirm, confirmByBytes } from '../../plan/confirm.ts'
import {
  type Decision,
  type DecisionRules,
  decide,
  type KnownResult,
  type PlanStep,
  SIZE_FINGERPRINT,
  type SourcePlan,
} from '../../plan/decide.ts'
import { type AliasStep, decideAliases } from '../../plan/decide-aliases.ts'
import type { Expectation } from '../../plan/expected.ts'
import type { ListedResult, ListedSource, SourceGroup } from '../../plan/group.ts'
import {
  emptyEntry,
  isSightingOf,
  type LedgerEntry,
  type ResultRecord,
  type Sighting,
  toTags,
} from '../../plan/ledger-entry.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { versionOf } from '../../url/version.ts'
import { mapInOrder } from '../../waiting/concurrency.ts'
import { LOOKS_AT_ONCE, type SelectedGroup, type SelectInput, selectGroups } from './select-groups.ts'

/** What a plan is made from. */
export interface PlanInput extends SelectInput {
  readonly expectation: Expectation
  readonly revision: string
  readonly rules: DecisionRules
  /** Whether a result is known to be wrong, so that no record of it is believed. */
  readonly isCondemned?: (key: VariantKey) => boolean
}

/** A source's plan, and what the planning learned that the ledger did not know. */
export interface PlannedSource extends SourcePlan, Pick<SelectedGroup, 'override' | 'problem'> {
  /** What happens to the second names of its results. */
  readonly aliases: readonly AliasStep[]
  readonly learned?: LedgerEntry
  readonly version?: string
}

/** Whether the original does not exist; false where nobody could say. */
export const isGone = ({ group, problem }: Pick<PlannedSource, 'group' | 'problem'>): boolean =>
  group.source === undefined && !group.isUnlisted && problem === undefined

const WRITES: ReadonlySet<PlanStep['kind']> = new Set(['render', 'copy', 'touch'])

/** Whether the plan has results to write. */
export const isWriting = ({ steps }: Pick<PlannedSource, 'steps'>): boolean =>
  steps.some(({ kind }) => WRITES.has(kind))

/**
 * What `build` would do, source by source in the order of `compareSources`; both listings are merged while they come.
 * Originals are read only where the ledger does not know their date, results only where a date differs, and objects
 * are asked for their metadata only where no record confirms them. Nothing is decoded. A listing that fails fails the
 * plan. */
export async function* planSources(input: PlanInput): AsyncGenerator<PlannedSource> {
  const groups = selectGroups(input)
  yield* mapInOrder(groups, LOOKS_AT_ONCE, (group) => planOrExcuse(group, input))
}

/** A source that cannot be looked at never stops the others. */
const planOrExcuse = async (
  { problem, ...group }: SelectedGroup,
  input: PlanInput,
): Promise<PlannedSource> => {
  if (problem !== undefined) return { ...NOTHING_DECIDED, group, problem }
  if (group.isUnlisted) return { ...NOTHING_DECIDED, group }
  try {
    return await planSource(group, input)
  } catch (error) {
    input.signal?.throwIfAborted()
    return { ...NOTHING_DECIDED, group, problem: asProblem(error) }
  }
}

const NOTHING_DECIDED = { steps: [], reclaimed: [], aliases: [] } as const

const planSource = async (
  { override: ofFile, ...group }: Omit<SelectedGroup, 'problem'>,
  input: PlanInput,
): Promise<PlannedSource> => {
  const learned: { results: ResultRecord[]; sightings: Sighting[] } = { results: [], sightings: [] }
  const { source } = group
  const override = group.hasSidecar ? await input.overrides?.read(group.key, input.signal) : ofFile
  const isAsked = source !== undefined && isWithinReach(source, input.expectation)
  const fingerprint = source && (await findFingerprint(source, group, input, learned.sightings))
  const version =
    fingerprint !== undefined && input.expectation.needsFingerprint
      ? versionOf(fingerprint, input.revision)
      : undefined
  const decision: Decision = {
    group,
    ...defined({ fingerprint, version }),
    expected: isAsked ? input.expectation.of(group.key, fingerprint, override) : [],
    results: await identifyAll(group, input, learned.results),
  }
  const plan = decide(decision, input.rules)
  const hasLearned = learned.results.length > 0 || learned.sightings.length > 0
  return {
    ...plan,
    aliases: decideAliases(decision, plan.steps, input.rules),
    ...defined({ version, override }),
    ...(hasLearned && { learned: { ...emptyEntry(group.key), ...learned } }),
  }
}

/** Whether any result can be expected of a source. */
const isWithinReach = ({ isIncluded }: ListedSource, { reachesAll = false }: Expectation): boolean =>
  isIncluded || reachesAll

/** The fingerprint of the original as it is now; undefined where nothing depends on it yet. */
const findFingerprint = async (
  source: ListedSource,
  group: SourceGroup,
  input: PlanInput,
  learned: Sighting[],
): Promise<string | undefined> => {
  if (source.fingerprint !== undefined) return source.fingerprint
  const sighting = group.known?.sightings.find((seen) => isSightingOf(seen, source))
  if (sighting !== undefined) return sighting.fingerprint
  const isNeeded =
    group.results.length > 0 ||
    (group.known?.failures.some((failure) => !failure.fingerprint.startsWith(SIZE_FINGERPRINT)) ?? false) ||
    (isWithinReach(source, input.expectation) && input.expectation.needsFingerprint)
  if (!isNeeded) return undefined
  const original = await input.originals.read(source.key, { signal: input.signal })
  if (original === undefined) return undefined
  const { sizeBytes, mark } = original.source
  if (mark !== undefined && input.originals.marksOf(source.key) === 'date')
    learned.push({ sizeBytes, mark, fingerprint: original.fingerprint })
  return original.fingerprint
}

/** What can be believed of the listed results. Mostly the ledger confirms all of them, and nothing waits. */
const identifyAll = (
  group: SourceGroup,
  input: PlanInput,
  learned: ResultRecord[],
): readonly KnownResult[] | Promise<readonly KnownResult[]> => {
  const results = group.results.map((listed) => identify(listed, group, input, learned))
  return results.every((result) => !(result instanceof Promise))
    ? (results as readonly KnownResult[])
    : Promise.all(results)
}

/** What is believed of one result: by the ledger, else by its bytes, else by its own metadata. */
const identify = (
  listed: ListedResult,
  group: SourceGroup,
  input: PlanInput,
  learned: ResultRecord[],
): KnownResult | Promise<KnownResult> => {
  if (input.isCondemned?.(listed.key)) return { listed, records: [] }
  const confirmation = confirm(listed, group.known?.results ?? [], input.results.store.marks)
  switch (confirmation.kind) {
    case 'known':
      return { listed, records: confirmation.records }
    case 'unsure':
      return readBack(listed, confirmation.candidates, input, learned)
    case 'unknown':
      return askItself(listed, input, learned)
  }
}

const readBack = async (
  listed: ListedResult,
  candidates: readonly ResultRecord[],
  input: PlanInput,
  learned: ResultRecord[],
): Promise<KnownResult> => {
  const standing = await input.results.hash(listed.key, input.signal)
  if (standing === undefined) return { listed, records: [] }
  const { md5, mark } = standing
  const settled = confirmByBytes(candidates, md5)
  if (settled.kind !== 'known') return askItself(listed, input, learned)
  if (mark !== undefined)
    learned.push(...settled.records.map((record) => ({ ...record, ...toTags(md5, mark) })))
  return { listed, records: settled.records }
}

const askItself = async (
  listed: ListedResult,
  { results, signal }: PlanInput,
  learned: ResultRecord[],
): Promise<KnownResult> => {
  const record = await results.ask(listed, signal)
  if (record === undefined) return { listed, records: [] }
  learned.push(record)
  return { listed, records: [record] }
}
