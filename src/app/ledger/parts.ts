import { Problem } from '../../core/problem.ts'
import type { LedgerEntry } from '../../plan/ledger-entry.ts'
import { decodeEntries, decodeHeader } from '../../plan/ledger-part.ts'
import { damaged, type PartHeader, type PartIndex } from '../../plan/part-header.ts'
import { mayHold } from '../../plan/source-filter.ts'
import { isInSpan, meetsSpan, type SourceSpan } from '../../plan/source-span.ts'
import type { ReadableStore } from '../../store/port.ts'
import { collect } from '../../waiting/collect.ts'
import { isManifestName } from './names.ts'

/** A part of the ledger in its store, with what is known of it so far. */
export interface LedgerPart {
  readonly name: string
  readonly sizeBytes: number
  readonly hasAliases: boolean
  /** Whether the merge that wrote it has not said that it is finished. */
  readonly isUnfinished: boolean
  /** Its first and last source. */
  readonly range: { readonly first: string; readonly last: string }
  /** The position of the first member. */
  readonly headerBytes: number
  readonly index?: PartIndex
  readonly filter?: Uint8Array
  /** Its first bytes, where they have been read. */
  readonly start?: Uint8Array
}

/** A file whose header has been read: a part, or a manifest, which has no entries. */
export interface OpenedFile {
  readonly part?: LedgerPart
  readonly header: PartHeader
}

/** Headers that were read before, by name: files never change. */
export type KnownParts = Map<string, OpenedFile>

/** The part was merged into others and deleted after it was listed. */
export class PartGone extends Error {
  override readonly name = 'PartGone'
}

/** The header of a merged part has half of this size; a small part is smaller as a whole. */
const START_BYTES = 4096
/** Read in pieces, because a build reads its ledger as long as it runs, and no connection stays open that long. */
const CHUNK_BYTES = 1024 * 1024
const CHUNK_ATTEMPTS = 3

/** Reads a file's header. Throws {@link PartGone}, Problem `ledger-damaged`, `ledger-too-new`. */
export const openFile = async (
  store: ReadableStore,
  {
    name,
    sizeBytes,
    headerBytes = START_BYTES,
  }: Pick<LedgerPart, 'name' | 'sizeBytes'> & { readonly headerBytes?: number },
  signal?: AbortSignal,
): Promise<OpenedFile> => {
  let start: Uint8Array = new Uint8Array()
  for (let length = headerBytes; ; length *= 4) {
    const end = Math.min(length, sizeBytes)
    const more = await readRange(store, name, { start: start.length, end }, signal)
    start = start.length === 0 ? more : Buffer.concat([start, more])
    const header = decodeHeader(name, start, end === sizeBytes)
    if (header !== undefined)
      return isManifestName(name) ? { header } : { part: toPart({ name, sizeBytes, start }, header), header }
  }
}

const toPart = (read: Pick<LedgerPart, 'name' | 'sizeBytes' | 'start'>, header: PartHeader): LedgerPart => {
  const { index, aliases = false, merged = false, filter } = header
  const [first] = index?.members ?? []
  if (index === undefined || first === undefined) throw damaged(read.name, 'it does not say what it holds')
  const memberBytes = index.members.reduce((sum, member) => sum + member.sizeBytes, 0)
  if (memberBytes >= read.sizeBytes) throw damaged(read.name, 'its members are longer than it is')
  return {
    ...read,
    hasAliases: aliases,
    isUnfinished: merged,
    range: { first: first.first, last: index.last },
    headerBytes: read.sizeBytes - memberBytes,
    index,
    ...(filter && filter.length > 0 && { filter }),
  }
}

interface PartLook {
  readonly known?: KnownParts | undefined
  readonly signal?: AbortSignal | undefined
}

/** The entries of a part in order; with `spans`, only those inside, and no more of the part is read than needed. */
export async function* readPart(
  store: ReadableStore,
  part: LedgerPart,
  { spans, known, signal }: PartLook & { readonly spans?: readonly SourceSpan[] },
): AsyncGenerator<LedgerEntry> {
  if (spans === undefined) {
    yield* decodeEntries(part.name, readChunks(store, part, { start: 0, end: part.sizeBytes }, signal))
    return
  }
  for (const range of await findRanges(store, part, spans, { known, signal }))
    for await (const entry of decodeEntries(part.name, readChunks(store, part, range, signal)))
      if (isInSpan(spans, entry.source)) yield entry
}

/** From `start` up to, but without, `end`. */
interface Bytes {
  readonly start: number
  readonly end: number
}

/** The positions of members that may tell of one of the spans; adjacent ones are joined. */
const findRanges = async (
  store: ReadableStore,
  part: LedgerPart,
  asked: readonly SourceSpan[],
  look: PartLook,
): Promise<readonly Bytes[]> => {
  if (!meetsSpan(asked, part.range.first, part.range.last)) return []
  const { index, headerBytes, filter } = part.index === undefined ? await openOnce(store, part, look) : part
  const spans = passFilter(filter, asked)
  const ranges: Bytes[] = []
  let end = headerBytes
  for (const [i, { first, sizeBytes }] of (index?.members ?? []).entries()) {
    const start = end
    end += sizeBytes
    if (!meetsSpan(spans, first, index?.members[i + 1]?.first ?? part.range.last)) continue
    const before = ranges.at(-1)
    if (before?.end === start) ranges[ranges.length - 1] = { start: before.start, end }
    else ranges.push({ start, end })
  }
  return ranges
}

/** The part with its header. Only headers of small parts are kept in `known`: of large ones there may be thousands. */
const openOnce = async (
  store: ReadableStore,
  part: LedgerPart,
  { known, signal }: PartLook,
): Promise<LedgerPart> => {
  const opened = known?.get(part.name) ?? (await openFile(store, part, signal))
  if (opened.part?.filter !== undefined) known?.set(part.name, opened)
  return opened.part ?? part
}

/** For more spans than this, the filter is not asked: some pass anyway. */
const MOST_ASKED = 1_000

/** The spans in which the part may have a source, by its filter. */
const passFilter = (filter: Uint8Array | undefined, spans: readonly SourceSpan[]): readonly SourceSpan[] =>
  filter === undefined || spans.length > MOST_ASKED
    ? spans
    : spans.filter(({ only }) => only === undefined || mayHold(filter, only))

/** The beginning of the part, if it was read already, is not read again. */
async function* readChunks(
  store: ReadableStore,
  { name, start: known = new Uint8Array() }: Pick<LedgerPart, 'name' | 'start'>,
  { start, end }: Bytes,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (start < known.length) yield known.subarray(start, end)
  for (let at = Math.max(start, known.length); at < end; at += CHUNK_BYTES)
    yield await readRange(store, name, { start: at, end: Math.min(at + CHUNK_BYTES, end) }, signal)
}

const readRange = async (
  store: ReadableStore,
  name: string,
  { start, end }: Bytes,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> => {
  if (start === end) return new Uint8Array()
  // Repeated where it breaks off: a part never changes, so no mark is needed.
  for (let attempt = 1; ; attempt++)
    try {
      const object = await store.open(name, { range: { start, end: end - 1 }, signal })
      if (object === undefined) throw new PartGone(name)
      return Buffer.concat(await collect(object.body))
    } catch (error) {
      signal?.throwIfAborted()
      const isPassing = error instanceof Problem && error.code === 'store-unavailable'
      if (!isPassing || attempt === CHUNK_ATTEMPTS) throw error
    }
}
