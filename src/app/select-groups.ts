import { asProblem, Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { groupBySource, type ListedResult, type SourceGroup } from '../plan/group.ts'
import type { LedgerEntry } from '../plan/ledger-entry.ts'
import { compareSources } from '../plan/source-order.ts'
import { mapInOrder } from './concurrency.ts'
import type { Tell } from './event.ts'
import type { LedgerSnapshot } from './ledger.ts'
import type { Originals, SourceRoot } from './originals.ts'
import type { Results, StrangerCounts } from './results.ts'

/** Which sources a run is about; absent parts are everything. */
export interface Selection {
  /** `--only` and a shard's share, over source keys. */
  readonly isSelected?: (key: SourceKey) => boolean
  /** `--sources-from`: these alone, looked up and not listed. */
  readonly keys?: readonly SourceKey[]
}

/** Where sources, results and what is known of them come from. */
export interface SelectInput {
  readonly originals: Originals
  readonly results: Results
  readonly snapshot: Pick<LedgerSnapshot, 'entries'>
  readonly selection: Selection
  readonly strangers: StrangerCounts
  /** Sees every source that is listed, selected or not, in the order of `compareSources`. */
  readonly observe?: (group: SourceGroup) => Promise<void> | undefined
  readonly tell: Tell
  readonly signal?: AbortSignal
}

/** Sources or results looked up at once: enough to hide a store's latency. */
export const LOOKS_AT_ONCE = 32

/** One source of those that a run is about. */
export interface SelectedGroup extends SourceGroup {
  /** The source was named and could not be looked up. */
  readonly problem?: Problem
}

/** The sources of a selection, each with its results, in the order of `compareSources`. */
export async function* selectGroups(input: SelectInput): AsyncGenerator<SelectedGroup> {
  const { isSelected, keys } = input.selection
  const groups: AsyncIterable<SelectedGroup> =
    keys === undefined ? listGroups(input) : lookUpGroups(input, keys)
  for await (const group of groups) {
    const observed = input.observe?.(group)
    if (observed !== undefined) await observed
    if (isSelected === undefined || isSelected(group.key)) yield group
  }
}

const listGroups = (input: SelectInput): AsyncIterable<SourceGroup> => {
  const { originals, results, snapshot, strangers, tell, signal } = input
  const stop = signal && { signal }
  const unlisted = originals.roots.filter(({ isListable }) => !isListable)
  const groups = groupBySource({
    sources: originals.list({
      ...stop,
      onSkipped: (name, reason) => tell({ kind: 'source-skipped', name, reason }),
    }),
    results: results.listPages({ ...stop, strangers }),
    ledger: snapshot.entries(),
  })
  // Where nothing can be listed, the listing itself says so.
  if (unlisted.length === 0 || unlisted.length === originals.roots.length) return groups
  for (const root of unlisted) tell({ kind: 'warning', problem: toUnlistedProblem(root) })
  return markUnlisted(groups, unlisted)
}

/** What a listing does not show of these roots, it does not say either: no result of theirs is an orphan. */
async function* markUnlisted(
  groups: AsyncIterable<SourceGroup>,
  unlisted: readonly SourceRoot[],
): AsyncGenerator<SourceGroup> {
  for await (const group of groups)
    yield unlisted.some(({ prefix }) => group.key.startsWith(prefix)) ? { ...group, isUnlisted: true } : group
}

const toUnlistedProblem = ({ prefix, place }: SourceRoot): Problem =>
  new Problem(
    'source-not-listable',
    `The source ${prefix.slice(0, -1)} (${place}) cannot be listed: its results are left as they are.`,
    { hint: 'Let `serve` render them on demand, or name them: build --sources-from <file>.' },
  )

/** The groups of named sources. `keys` are in the order of `compareSources`, each once. */
async function* lookUpGroups(input: SelectInput, keys: readonly SourceKey[]): AsyncGenerator<SelectedGroup> {
  yield* mapInOrder(joinKnown(input.snapshot.entries(), keys), LOOKS_AT_ONCE, async (named) => {
    const { originals, results, signal } = input
    const [found, listed] = await Promise.all([
      originals.find(named.key, { ...(signal && { signal }) }).catch((error: unknown) => {
        signal?.throwIfAborted()
        return asProblem(error)
      }),
      listResultsOf(results, named.key, signal),
    ])
    if (found instanceof Problem) return { ...named, results: listed, problem: found }
    return { ...named, ...(found && { source: found }), results: listed }
  })
}

/** Each of `keys` with what the ledger knows of it: both come in one order. */
async function* joinKnown(
  ledger: AsyncIterable<LedgerEntry>,
  keys: readonly SourceKey[],
): AsyncGenerator<Pick<SourceGroup, 'key' | 'known'>> {
  const entries = ledger[Symbol.asyncIterator]()
  let entry = await entries.next()
  for (const key of keys) {
    while (!entry.done && compareSources(entry.value.source, key) < 0) entry = await entries.next()
    yield !entry.done && entry.value.source === key ? { key, known: entry.value } : { key }
  }
  await entries.return?.()
}

/** The results of one source: below it may lie other sources, whose results are left out. */
const listResultsOf = async (
  results: Results,
  key: SourceKey,
  signal: AbortSignal | undefined,
): Promise<readonly ListedResult[]> => {
  const own: ListedResult[] = []
  for await (const result of results.list({ prefix: `${key}/`, ...(signal && { signal }) }))
    if (result.variant.source === key) own.push(result)
  return own
}
