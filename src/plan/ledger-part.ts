/**
 * The ledger's files: a contract between versions of the program. All lie in one folder, are written once under a name
 * of their own, `<milliseconds in base 36>-<id>.ndjson.gz`, and never altered. Each is gzip of lines of JSON, so that
 * `zcat` shows it; its first line is its header.
 *
 * A **part** holds entries in the order of `compareSources`, each source once, in gzip members that can be read one
 * by one:
 *
 *     {"imgsizes":"ledger","version":1,"replaces":[],"members":[["photos/a.jpg",24812],…],"last":"photos/z.jpg"}
 *     ["=",0,[[transform,format,recipe,encoder,headers,maker],…]]      a shape: what one source's results have in common
 *     ["photos/a.jpg",{"r":[[0,fingerprint,"one text per result, by blanks"]],"s":[…],"f":[…],"o":[…],"i":[…],"a":[…]}]
 *     ["photos/b.jpg",{"r":[[0,fingerprint,"…",1]]}]      results whose marks look like MD5s and are none
 *
 * The header is a member of its own. `members` says of each of the others its first source and its length in bytes, in
 * their order; they end where the file does. An entry has results (`r`), sightings, failures, orphans, facts (`i`) and
 * aliases, as `entry-line.ts` spells them. A member names a shape before its first use; most sources share one, which
 * leaves of a result its ETag and size: about nine bytes. `"aliases":true` where some entry tells of aliases;
 * `"merged":true` where a merge wrote it: nothing new is in it. `filter`, in base64, is a Bloom filter of the sources of
 * a small part that no merge wrote (`source-filter.ts`): of many such parts one source is in few.
 *
 * A **manifest**, `….manifest.ndjson.gz`, ends a merge. It has no entries:
 *
 *     {"imgsizes":"ledger","version":1,"replaces":[names],"since":[times],"runs":[[[name,first,last,headerBytes],…],…]}
 *
 * What `replaces` names need not be read beside it: parts whose merge stands in others, and older manifests; `since`
 * when, in milliseconds, each of them was replaced: some time later whoever merges deletes it. `runs` are the merged
 * parts that stand, so that who looks for a source reads no header but the one he needs: parts of one run follow each
 * other in order. A fifth element 1 where a part tells of aliases.
 *
 * Names are said without their folder. Whatever is not replaced counts, named by a manifest or not, so that no order of
 * writers loses anything. Who begins a merge writes `<name of its oldest part>.claim`, for no other to begin the same.
 * Parts of before there were members (their header has none) are read whole, and may themselves replace others.
 */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { constants, createGunzip, gzip, inflateRawSync } from 'node:zlib'
import { createEntryReader, formatEntry } from './entry-line.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { damaged, formatHeader, type PartHeader, readHeader } from './part-header.ts'
import { createSourceFilter } from './source-filter.ts'

/**
 * To look one source up is to read a member. A larger one is hardly denser: the shapes that each says again are one
 * per cent at this number.
 */
const ENTRIES_PER_MEMBER = 128
/** The header of a larger part would be more than is read at first. */
const MOST_FILTERED = 2_000

/** A part or a manifest in the making: `bytes` is the file. */
export interface EncodedPart {
  readonly bytes: Uint8Array
  readonly headerBytes: number
}

/** Writes a part; entries come in the order of `compareSources`. Waits between members, for a server may do it. */
export const encodePart = async (
  entries: readonly LedgerEntry[],
  header: Omit<PartHeader, 'index' | 'aliases' | 'filter'>,
): Promise<EncodedPart> => {
  const members: { readonly first: string; readonly bytes: Uint8Array }[] = []
  for (let start = 0; start < entries.length; start += ENTRIES_PER_MEMBER) {
    const some = entries.slice(start, start + ENTRIES_PER_MEMBER)
    const shapes = new Map<string, number>()
    const bytes = await compress(some.map((entry) => formatEntry(entry, shapes)).join(''))
    members.push({ first: some[0]?.source ?? '', bytes })
  }
  const last = entries.at(-1)?.source
  const isFiltered = last !== undefined && entries.length <= MOST_FILTERED && header.merged !== true
  const head = await compress(
    formatHeader({
      ...header,
      ...(entries.some(({ aliases }) => aliases.length > 0) && { aliases: true }),
      ...(last !== undefined && {
        index: { members: members.map(({ first, bytes }) => ({ first, sizeBytes: bytes.length })), last },
      }),
      ...(isFiltered && { filter: createSourceFilter(entries.map(({ source }) => source)) }),
    }),
  )
  const bytes = Buffer.concat([head, ...members.map((member) => member.bytes)])
  return { bytes, headerBytes: head.length }
}

const compress = promisify(gzip) as (text: string) => Promise<Uint8Array>

/**
 * Reads the header from the first bytes of a part or a manifest; undefined where it needs more of them. `isWhole` where
 * there are no more. Problem `ledger-damaged`, `ledger-too-new`.
 */
export const decodeHeader = (name: string, bytes: Uint8Array, isWhole: boolean): PartHeader | undefined => {
  const text = unzipStart(name, bytes)
  const end = text.indexOf('\n')
  if (end !== -1) return readHeader(name, parseLine(name, text.slice(0, end)))
  if (!isWhole) return undefined
  throw damaged(name, text === '' ? 'it is empty' : 'its header is cut off')
}

/** The first member, or as much of it as there is: what follows it may be damaged, or not be there yet. */
const unzipStart = (name: string, bytes: Uint8Array): string => {
  if (bytes.length <= GZIP_HEADER.length) return ''
  if (GZIP_HEADER.some((byte, i) => bytes[i] !== byte)) throw damaged(name, 'it is no gzip')
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_LINE_BYTES }
    return inflateRawSync(bytes.subarray(GZIP_HEADER_BYTES), options).toString()
  } catch (cause) {
    throw damaged(name, 'its header is no gzip', cause)
  }
}

/** A header tells of all members, a line of all that is known of one source: a hundred times what we have seen. */
const MOST_LINE_BYTES = 64 * 1024 * 1024

/** Deflate, and no field but the fixed ones. */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0]
const GZIP_HEADER_BYTES = 10

/**
 * Reads the entries of a part from its bytes in chunks, which begin where the part or one of its members does. Problem
 * `ledger-damaged`.
 */
export async function* decodeEntries(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<LedgerEntry> {
  const read = createEntryReader()
  for await (const line of splitLines(name, chunks)) {
    const value = parseLine(name, line)
    const entry = Array.isArray(value) ? readEntry(name, value, read) : void readHeader(name, value)
    if (entry !== undefined) yield entry
  }
}

/** Written by another program, a line may be JSON and yet none of ours. */
const readEntry = (
  name: string,
  value: unknown,
  read: ReturnType<typeof createEntryReader>,
): LedgerEntry | undefined => {
  try {
    return read(value)
  } catch (cause) {
    throw damaged(name, 'a line of it is no entry', cause)
  }
}

const parseLine = (name: string, line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw damaged(name, 'a line of it is no JSON', cause)
  }
}

async function* splitLines(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of unzip(chunks)) {
      const text = decoder.decode(chunk, { stream: true })
      const end = text.lastIndexOf('\n')
      if (end !== -1) yield* (rest + text.slice(0, end)).split('\n')
      rest = end === -1 ? rest + text : text.slice(end + 1)
      if (rest.length > MOST_LINE_BYTES) throw damaged(name, 'a line of it has no end')
    }
  } catch (cause) {
    // What keeps the bytes from coming says nothing of them.
    if (!isZlibError(cause)) throw cause
    throw damaged(name, 'it is cut off or no gzip', cause)
  }
  if (rest !== '') throw damaged(name, 'its last line is cut off')
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && `${error.code}`.startsWith('Z_')

/** Runs `chunks` through gunzip. A failure of either end shows in the loop that reads it. */
const unzip = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> => {
  const gunzip = createGunzip()
  pipeline(Readable.from(chunks), gunzip).catch(() => {})
  return gunzip
}
