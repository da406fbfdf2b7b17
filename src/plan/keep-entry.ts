import { keepAliases } from './alias.ts'
import { confirm } from './confirm.ts'
import type { ListedResult, SourceGroup } from './group.ts'
import { isEmptyEntry, isSightingOf, type LedgerEntry, type ResultRecord } from './ledger-entry.ts'

/**
 * The part of a source's entry that still says something of what the listings show; undefined where nothing does. What
 * is left out could only have saved a look at an object. Records of aliases, which no listing shows, are kept.
 * `marks` are those of the results.
 */
export const keepEntry = (group: SourceGroup, marks: 'content' | 'date'): LedgerEntry | undefined => {
  const { known, source, isUnlisted = false } = group
  if (known === undefined || group.areResultsUnlisted) return known
  const names = new Set(group.results.map((result) => result.key.slice(group.key.length + 1)))
  const kept: LedgerEntry = {
    source: known.source,
    results: group.results.flatMap((listed) => keepRecords(listed, known.results, marks)),
    sightings: known.sightings.filter((seen) => isUnlisted || (source && isSightingOf(seen, source))),
    failures: source !== undefined || isUnlisted ? known.failures : [],
    orphans: known.orphans.filter((orphan) => names.has(orphan.name)),
    facts: source !== undefined || isUnlisted ? known.facts : [],
    aliases: keepAliases(known.aliases),
  }
  return isEmptyEntry(kept) ? undefined : kept
}

/** The records of a listed result that has this mark; where only the date differs, all that its bytes may confirm. */
const keepRecords = (
  listed: ListedResult,
  records: readonly ResultRecord[],
  marks: 'content' | 'date',
): readonly ResultRecord[] => {
  const confirmation = confirm(listed, records, marks)
  if (confirmation.kind === 'unsure') return confirmation.candidates
  return confirmation.kind === 'known' ? confirmation.records : []
}
