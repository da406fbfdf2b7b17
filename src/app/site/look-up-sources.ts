import type { Format } from '../../core/format.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { ImageFacts } from '../../page/catalogue.ts'
import { orderFormats } from '../../page/format-order.ts'
import { SIZE_FINGERPRINT } from '../../plan/decide.ts'
import type { ListedSource } from '../../plan/group.ts'
import {
  type FactsRecord,
  type FailureRecord,
  findFacts,
  isSightingOf,
  type LedgerEntry,
} from '../../plan/ledger-entry.ts'
import { compareSources } from '../../plan/source-order.ts'
import { spansOfSources } from '../../plan/source-span.ts'
import { versionOf } from '../../url/version.ts'
import { mapInOrder } from '../../waiting/concurrency.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Originals } from '../originals.ts'

/** A source as it is now, with what the ledger knows of it. */
export interface KnownSource {
  readonly source: SourceKey
  readonly sizeBytes: number
  readonly isIncluded: boolean
  /** Undefined where the source was never built as it is now. */
  readonly facts?: ImageFacts
  /** Why nothing could be made of the source as it is now. */
  readonly failure?: string
  /** Bytes of a result, where the ledger knows. */
  resultBytes(transformText: string, format: Format): number | undefined
}

interface LookUpInput {
  readonly originals: Originals
  readonly ledger: Ledger
  readonly revision: string
  /** Which failures count (`FailureRecord.attempt`); undefined: none. */
  readonly attempt?: string
  readonly signal?: AbortSignal | undefined
}

const LOOKS_AT_ONCE = 32

/**
 * What the ledger knows of some sources as they are now. Only the parts of the ledger that tell of them are read, and
 * each source is looked at once; its bytes are read only where the ledger does not know a file's date.
 */
export async function* lookUpSources(
  input: LookUpInput,
  sources: ReadonlySet<SourceKey>,
): AsyncGenerator<KnownSource> {
  const known = new Map<string, LedgerEntry>()
  const snapshot = await input.ledger.open({ signal: input.signal })
  const spans = spansOfSources([...sources].sort(compareSources))
  for await (const entry of snapshot.entries(spans)) known.set(entry.source, entry)
  for await (const found of mapInOrder(sources, LOOKS_AT_ONCE, (source) =>
    lookUp(source, known.get(source), input),
  ))
    if (found !== undefined) yield found
}

const lookUp = async (
  source: SourceKey,
  entry: LedgerEntry | undefined,
  input: LookUpInput,
): Promise<KnownSource | undefined> => {
  const { originals, revision, attempt } = input
  const listed = await originals.find(source, { signal: input.signal })
  if (listed === undefined) return undefined
  const failures = entry?.failures.filter((failure) => failure.attempt === attempt) ?? []
  const fingerprint = listed.fingerprint ?? (await findFingerprint(listed, { entry, failures }, originals))
  const facts = findFacts(entry?.facts, fingerprint)
  const bySize = `${SIZE_FINGERPRINT}${listed.sizeBytes}`
  const failure = failures.find((each) => each.fingerprint === fingerprint || each.fingerprint === bySize)
  return {
    source,
    sizeBytes: listed.sizeBytes,
    isIncluded: listed.isIncluded,
    ...(facts && { facts: { ...toImageFacts(facts, revision), ...findSmallest(entry, facts) } }),
    ...(failure && { failure: failure.message }),
    resultBytes: (transform, format) =>
      entry?.results.findLast(
        (result) =>
          result.fingerprint === fingerprint && result.transform === transform && result.format === format,
      )?.sizeBytes,
  }
}

/** The fingerprint of the bytes as they are now; undefined where the ledger knows nothing of the source. */
const findFingerprint = async (
  source: ListedSource,
  { entry, failures }: { entry: LedgerEntry | undefined; failures: readonly FailureRecord[] },
  originals: Originals,
): Promise<string | undefined> => {
  const sighting = entry?.sightings.find((seen) => isSightingOf(seen, source))
  if (sighting !== undefined) return sighting.fingerprint
  const isNeeded =
    (entry !== undefined && entry.facts.length > 0) ||
    failures.some(({ fingerprint }) => !fingerprint.startsWith(SIZE_FINGERPRINT))
  return isNeeded ? (await originals.read(source.key))?.fingerprint : undefined
}

/** The smallest of the results that were recorded last. */
const findSmallest = (
  entry: LedgerEntry | undefined,
  { fingerprint }: FactsRecord,
): Pick<ImageFacts, 'smallest'> => {
  const smallest = orderFormats((entry?.results ?? []).filter((result) => result.fingerprint === fingerprint))
  return smallest.length > 0 ? { smallest } : {}
}

const toImageFacts = ({ fingerprint, attention, ...facts }: FactsRecord, revision: string): ImageFacts => ({
  ...facts,
  version: versionOf(fingerprint, revision),
  ...(attention && { focus: attention }),
})
