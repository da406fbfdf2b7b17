import type { SourceGroup } from './group.ts'
import { isEmptyEntry, type LedgerEntry, toEtagTag } from './ledger-entry.ts'

/**
 * What of a source's entry still says something of what the listings show; undefined where nothing does. What is
 * left out here could at most have saved a look at an object.
 */
export const keepEntry = (group: SourceGroup): LedgerEntry | undefined => {
  const { known, source } = group
  if (known === undefined) return undefined
  const names = new Set(group.results.map((result) => result.key.slice(group.key.length + 1)))
  const kept: LedgerEntry = {
    source: known.source,
    results: known.results.filter((record) =>
      group.results.some(
        (listed) =>
          record.transform === listed.transformText &&
          record.format === listed.variant.format &&
          record.sizeBytes === listed.sizeBytes &&
          // A date may be off and the bytes the same; an ETag may not.
          (record.mark !== undefined || record.etag === toEtagTag(listed.mark)),
      ),
    ),
    sightings: known.sightings.filter((seen) => seen.mark === source?.mark),
    failures: source === undefined ? [] : known.failures,
    orphans: known.orphans.filter((orphan) => names.has(orphan.name)),
    facts: source === undefined ? [] : known.facts,
  }
  return isEmptyEntry(kept) ? undefined : kept
}
