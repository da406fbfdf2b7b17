import type { Format } from '../core/format.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { ImageFacts } from '../page/facts.ts'
import type { FactsRecord, LedgerEntry } from '../plan/ledger-entry.ts'
import { versionOf } from '../url/version.ts'
import { mapInOrder } from './concurrency.ts'
import type { Ledger } from './ledger.ts'
import type { Originals } from './originals.ts'

/** What is known of one source without a decode. */
export interface KnownSource {
  readonly source: SourceKey
  readonly sizeBytes: number
  /** Absent where it was never built as it is now. */
  readonly facts?: ImageFacts
  /** Bytes of a result, where the ledger tells. */
  resultBytes(transformText: string, format: Format): number | undefined
}

export interface LookUpInput {
  readonly originals: Originals
  readonly ledger: Ledger
  readonly revision: string
  readonly signal?: AbortSignal
}

const LOOKS_AT_ONCE = 32

/**
 * What the ledger knows of some sources as they are now. One reading of the ledger, one look at each source; bytes
 * are read only where the ledger does not know a file's date.
 */
export async function* lookUpSources(
  input: LookUpInput,
  sources: ReadonlySet<SourceKey>,
): AsyncGenerator<KnownSource> {
  const known = new Map<string, LedgerEntry>()
  const wanted: ReadonlySet<string> = sources
  const snapshot = await input.ledger.open({ ...(input.signal && { signal: input.signal }) })
  for await (const entry of snapshot.entries()) if (wanted.has(entry.source)) known.set(entry.source, entry)
  for await (const found of mapInOrder(each(sources), LOOKS_AT_ONCE, (source) =>
    lookUp(source, known.get(source), input),
  ))
    if (found !== undefined) yield found
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

const lookUp = async (
  source: SourceKey,
  entry: LedgerEntry | undefined,
  input: LookUpInput,
): Promise<KnownSource | undefined> => {
  const { originals, revision } = input
  const listed = await originals.find(source, { ...(input.signal && { signal: input.signal }) })
  if (listed === undefined) return undefined
  const sighting = entry?.sightings.find(
    ({ mark, sizeBytes }) => mark !== '' && mark === listed.mark && sizeBytes === listed.sizeBytes,
  )
  const fingerprint =
    listed.fingerprint ??
    sighting?.fingerprint ??
    (entry && entry.facts.length > 0 ? (await originals.read(source))?.fingerprint : undefined)
  const facts = fingerprint === undefined ? undefined : findBest(entry?.facts ?? [], fingerprint)
  return {
    source,
    sizeBytes: listed.sizeBytes,
    ...(facts && { facts: toImageFacts(facts, revision) }),
    resultBytes: (transform, format) =>
      entry?.results.findLast(
        (result) =>
          result.fingerprint === fingerprint && result.transform === transform && result.format === format,
      )?.sizeBytes,
  }
}

/** Of several records of the same bytes the one that knows most. */
const findBest = (facts: readonly FactsRecord[], fingerprint: string): FactsRecord | undefined => {
  const own = facts.filter((record) => record.fingerprint === fingerprint)
  return own.find(({ thumbhash }) => thumbhash !== undefined) ?? own[0]
}

const toImageFacts = ({ fingerprint, attention, ...facts }: FactsRecord, revision: string): ImageFacts => ({
  ...facts,
  version: versionOf(fingerprint, revision),
  ...(attention && { focus: attention }),
})
