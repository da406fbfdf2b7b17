import type { KeyRange } from '../../core/byte-order.ts'
import { defined } from '../../core/defined.ts'
import type { Override } from '../../core/override.ts'
import { asProblem, Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { groupBySource, type SourceGroup } from '../../plan/group.ts'
import type { LedgerEntry } from '../../plan/ledger-entry.ts'
import { compareSources } from '../../plan/source-order.ts'
import { spansOfRange, spansOfSources } from '../../plan/source-span.ts'
import { collect } from '../../waiting/collect.ts'
import { mapInOrder } from '../../waiting/concurrency.ts'
import type { Tell } from '../event.ts'
import type { LedgerSnapshot } from '../ledger/ledger.ts'
import type { Originals, OriginalsRoot } from '../originals.ts'
import type { PictureOverrides } from '../picture-overrides.ts'
import type { ForeignCounts, Results } from '../results.ts'
import { findLeftOutKind } from './left-out.ts'
import { openListings } from './listings.ts'
import { findMisspelt } from './spelling.ts'

/** Which sources a run is about; where a part is undefined, it selects everything. */
export interface Selection {
  /** By `--only` and a shard's share. */
  readonly isSelected?: (key: SourceKey) => boolean
  /** All selected sources have their keys in this range: nothing else is listed, or read of the ledger. */
  readonly range?: KeyRange
  /** `--sources-from`: only these sources, which are looked up instead of listed. */
  readonly keys?: readonly SourceKey[] | undefined
}

/** Whether a run lists all that there is, even if it selects only some of it. */
export const seesEverything = ({ range, keys }: Selection): boolean =>
  range === undefined && keys === undefined

/** Where sources, results and the records of them come from. */
export interface SelectInput {
  readonly originals: Originals
  readonly results: Results
  readonly snapshot: Pick<LedgerSnapshot, 'entries'>
  readonly selection: Selection
  readonly foreignCounts: ForeignCounts
  /** Absent: no picture has overrides. */
  readonly overrides?: PictureOverrides
  /** Called with every listed source, selected or not, in the order of `compareSources`. */
  readonly observe?: (group: SourceGroup) => Promise<void> | undefined
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** How many sources or results are looked up at once: enough to hide a store's latency. */
export const LOOKS_AT_ONCE = 32

/** One source of those that a run is about. */
export interface SelectedGroup extends SourceGroup {
  /** Why a named source could not be looked up, or its results not listed; its plan then has no steps. */
  readonly problem?: Problem
  /** What the file of overrides, and in a plan its sidecar, set for it. */
  readonly override?: Override
}

/** The sources of a selection, each with its results, in the order of `compareSources`. */
export async function* selectGroups(input: SelectInput): AsyncGenerator<SelectedGroup> {
  const { isSelected, keys } = input.selection
  const groups = keys === undefined ? listGroups(input) : lookUpGroups(input, keys)
  for await (const group of groups) {
    const observed = input.observe?.(group)
    if (observed !== undefined) await observed
    if (isSelected !== undefined && !isSelected(group.key)) continue
    if (group.source?.isIncluded === false && findLeftOutKind(group.key) !== undefined)
      input.tell({ kind: 'picture-left-out', source: group.key })
    yield group
  }
}

async function* listGroups(input: SelectInput): AsyncGenerator<SelectedGroup> {
  const { originals, results, snapshot, foreignCounts, overrides, tell, signal } = input
  const { range } = input.selection
  const names = overrides?.openTally()
  const strays: SourceKey[] = []
  const gaps = createGaps(originals.roots)
  const mayBeMisspelt = results.store.findOtherSpelling !== undefined
  const listings = openListings({
    originals,
    results,
    range,
    ofOriginals: {
      signal,
      onSkipped: (name, reason) => tell({ kind: 'source-skipped', name, reason }),
      onUnlisted: (path, problem) => {
        gaps.addSource(path)
        tell({ kind: 'part-unlisted', path, problem })
      },
    },
    ofResults: { signal, foreignCounts, onUnlisted: gaps.addResults },
  })
  const groups = groupBySource({
    ...listings,
    ledger: snapshot.entries(range && spansOfRange(range)),
    mayHide: mayBeMisspelt,
    onStray: (sidecar) => strays.push(sidecar),
  })
  for (const root of gaps.roots) tell({ kind: 'warning', problem: toUnlistedProblem(root) })
  for await (const group of groups) {
    const marked = gaps.mark(group)
    const isNowhere = group.results.length === 0 && marked.problem === undefined
    // At most one look per source, and none where the disk is known to tell names apart: one at a time is enough.
    const found =
      mayBeMisspelt && isNowhere ? await orExcuse(marked, signal, () => findMisspelt(marked, input)) : marked
    const override = found.source && names?.of(found.key)
    if (isWorthAny(found)) yield override === undefined ? found : { ...found, override }
  }
  const unused = [...(names?.listUnseen() ?? []), ...strays]
  if (unused.length > 0 && range === undefined && gaps.isWhole())
    tell({ kind: 'overrides-unused', names: unused })
}

/** A source that only the ledger knows, and that does not exist, matters to nobody. */
const isWorthAny = ({ source, results, known }: SelectedGroup): boolean =>
  source !== undefined || results.length > 0 || (known?.aliases.length ?? 0) > 0

/** Collects what the listings could not show: a group comes after all that they told of it. */
const createGaps = (all: readonly OriginalsRoot[]) => {
  const unlistable = all.filter(({ isListable }) => !isListable)
  // Where no source can be listed, the listing itself fails with a message.
  const roots = unlistable.length === all.length ? [] : unlistable
  const paths: string[] = []
  const results = new Map<string, Problem>()
  const isUnseen = (key: SourceKey): boolean =>
    roots.some(({ prefix }) => key.startsWith(prefix)) ||
    paths.some((path) => isAtOrBelow(key, path)) ||
    all.some(({ prefix, showsHidden }) => !showsHidden && key.startsWith(prefix) && HIDDEN.test(key))
  return {
    roots,
    /** Whether every original has been seen. */
    isWhole: (): boolean => roots.length === 0 && paths.length === 0,
    addSource: (path: string): void => void paths.push(path),
    addResults: (path: string, problem: Problem): void => void results.set(path, problem),
    /** If nobody knows whether a source exists, none of its results is an orphan and none is missing. */
    mark: (group: SourceGroup): SelectedGroup => {
      if (group.source === undefined && isUnseen(group.key)) return { ...group, isUnlisted: true }
      for (const [path, problem] of results)
        if (isAtOrBelow(group.key, path) || path.startsWith(`${group.key}/`))
          return { ...group, areResultsUnlisted: true, problem }
      return group
    },
  }
}

/** Matches what lies in a folder whose name begins with a dot. */
const HIDDEN = /(?:^|\/)\.[^/]*\//

const isAtOrBelow = (key: string, path: string): boolean => key === path || key.startsWith(`${path}/`)

const toUnlistedProblem = ({ prefix, place }: OriginalsRoot): Problem =>
  new Problem(
    'source-not-listable',
    `The source ${prefix.slice(0, -1)} (${place}) cannot be listed: its results are left as they are.`,
    { hint: 'Let `serve` render them on demand, or name them: build --sources-from <file>.' },
  )

/** The groups of named sources. `keys` are in the order of `compareSources`, without duplicates. */
async function* lookUpGroups(input: SelectInput, keys: readonly SourceKey[]): AsyncGenerator<SelectedGroup> {
  const { originals, results, snapshot, overrides, signal } = input
  yield* mapInOrder(joinKnown(snapshot.entries(spansOfSources(keys)), keys), LOOKS_AT_ONCE, (named) =>
    orExcuse(named, signal, async () => {
      const [source, listed] = await Promise.all([
        originals.find(named.key, { signal }),
        collect(results.listOf(named.key, { signal })),
      ])
      const override = source && overrides?.of(named.key)
      const group = {
        ...named,
        ...defined({ source, override }),
        ...(overrides?.hasSidecars && { hasSidecar: true as const }),
        results: listed,
      }
      return listed.length > 0 ? group : findMisspelt(group, { originals, results, signal })
    }),
  )
}

/** A source that cannot be looked up does not stop the others. */
const orExcuse = async (
  named: Pick<SourceGroup, 'key' | 'known' | 'source'>,
  signal: AbortSignal | undefined,
  look: () => Promise<SelectedGroup>,
): Promise<SelectedGroup> => {
  try {
    return await look()
  } catch (error) {
    signal?.throwIfAborted()
    return { ...named, results: [], areResultsUnlisted: true, problem: asProblem(error) }
  }
}

/** Joins each of `keys` with what the ledger knows of it; both come in the same order. */
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
