/**
 * The ledger's files: a contract between versions of the program. All lie in one folder. Each is written once, under a
 * name that no other has, `<milliseconds in base 36>-<id>.ndjson.gz`, and never changed. Each is gzip of lines of JSON,
 * so that `zcat` shows it; its first line is its header.
 *
 * A **part** holds entries in the order of `compareSources`, each source once, in gzip members that can be read one
 * by one:
 *
 *     {"imgsizes":"ledger","version":1,"replaces":[],"members":[["photos/a.jpg",24812],…],"last":"photos/z.jpg"}
 *     ["=",0,[[transform,format,recipe,encoder,headers,maker,edition?],…]]   a shape: what one source's results have in common
 *     ["photos/a.jpg",{"r":[[0,fingerprint,"one text per result, by blanks"]],"s":[…],"f":[…],"o":[…],"i":[…],"a":[…]}]
 *     ["photos/b.jpg",{"r":[[0,fingerprint,"…",1]]}]      results whose marks look like MD5s and are none
 *
 * The header is a gzip member of its own. `members` lists the others in order, each with its first source and its
 * length in bytes; the last ends where the file does. An entry has results (`r`), sightings, failures, orphans, facts
 * (`i`) and aliases, as `entry-line.ts` spells them. A member defines a shape before its first use. Most sources share
 * one shape, so that a result needs only its ETag and size: about nine bytes. `"aliases":true`: some entry tells of
 * aliases. `"merged":true`: a merge wrote it, so nothing in it is new. `filter`, in base64, is a Bloom filter of the
 * sources of a small part (`source-filter.ts`): there may be many such parts, and a source is in few of them.
 *
 * A **manifest**, `….manifest.ndjson.gz`, ends a merge. It has no entries:
 *
 *     {"imgsizes":"ledger","version":1,"replaces":[names],"since":[times],"runs":[[[name,first,last,headerBytes],…],…]}
 *
 * Files that `replaces` names need not be read: parts that were merged into others, and older manifests. `since` says
 * when, in milliseconds, each was replaced; some time later a merge deletes it. `runs` are the merged parts that exist,
 * so that a reader who looks for one source reads only the header that it needs: the parts of a run follow one another
 * in order. A fifth element 1: the part tells of aliases.
 *
 * Names are written without their folder. Every file that is not replaced counts, whether a manifest names it or not,
 * so that nothing is lost in whatever order files are written. Whoever begins a merge writes `<name of its oldest
 * part>.claim`, so that no other process begins the same merge.
 */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { constants, createGunzip, gzip, inflateRawSync } from 'node:zlib'
import { errorCodeOf } from '../core/error-code.ts'
import { createEntryReader, formatEntry } from './entry-line.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { damaged, formatHeader, type PartHeader, readPartHeader } from './part-header.ts'
import { createSourceFilter } from './source-filter.ts'

/**
 * To look up one source, a member is read. Larger members would hardly save space: at this number, the repeated shapes
 * take one per cent.
 */
const ENTRIES_PER_MEMBER = 128
/** For a larger part, the header would not fit into the first read. */
const MOST_FILTERED = 2_000

/**
 * Writes a part; entries come in the order of `compareSources`. It waits between members, since a server may call it.
 */
export const encodePart = async (
  entries: readonly LedgerEntry[],
  header: Omit<PartHeader, 'index' | 'aliases' | 'filter'>,
): Promise<{ readonly bytes: Uint8Array; readonly headerBytes: number }> => {
  const members: { readonly first: string; readonly bytes: Uint8Array }[] = []
  for (let start = 0; start < entries.length; start += ENTRIES_PER_MEMBER) {
    const some = entries.slice(start, start + ENTRIES_PER_MEMBER)
    const shapes = new Map<string, number>()
    const bytes = await compress(some.map((entry) => formatEntry(entry, shapes)).join(''))
    members.push({ first: some[0]?.source ?? '', bytes })
  }
  const last = entries.at(-1)?.source
  const isFiltered = last !== undefined && entries.length <= MOST_FILTERED
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
 * Reads the header from the first bytes of a part or a manifest; undefined where more bytes are needed. `isWhole`:
 * these are all bytes. Problem `ledger-damaged`, `ledger-too-new`.
 */
export const decodeHeader = (name: string, bytes: Uint8Array, isWhole: boolean): PartHeader | undefined => {
  const text = unzipStart(name, bytes)
  const end = text.indexOf('\n')
  if (end !== -1) return readPartHeader(name, parseLine(name, text.slice(0, end)))
  if (!isWhole) return undefined
  throw damaged(name, text === '' ? 'it is empty' : 'its header is cut off')
}

/** The first member, as far as it is there; what follows it may be damaged or missing. */
const unzipStart = (name: string, bytes: Uint8Array): string => {
  if (GZIP_HEADER.slice(0, bytes.length).some((byte, i) => bytes[i] !== byte))
    throw damaged(name, 'it is not gzip')
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_LINE_BYTES }
    return inflateRawSync(bytes.subarray(GZIP_HEADER_BYTES), options).toString()
  } catch (cause) {
    throw damaged(name, 'its header is not gzip', cause)
  }
}

/** A header names all members, and a line all that is known of one source. This is a hundred times what was seen. */
const MOST_LINE_BYTES = 64 * 1024 * 1024

/** Deflate, with no optional fields. */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0]
const GZIP_HEADER_BYTES = 10

/**
 * Reads the entries of a part from its bytes in chunks; the first chunk begins where the part or one of its members
 * does. Problem `ledger-damaged`.
 */
export async function* decodeEntries(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<LedgerEntry> {
  const read = createEntryReader()
  for await (const line of splitLines(name, chunks)) {
    const value = parseLine(name, line)
    const entry = Array.isArray(value) ? readEntry(name, value, read) : void readPartHeader(name, value)
    if (entry !== undefined) yield entry
  }
}

/** A line that another program wrote may be JSON, but no entry. */
const readEntry = (
  name: string,
  value: unknown,
  read: ReturnType<typeof createEntryReader>,
): LedgerEntry | undefined => {
  try {
    return read(value)
  } catch (cause) {
    throw damaged(name, 'a line of it is not an entry', cause)
  }
}

const parseLine = (name: string, line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw damaged(name, 'a line of it is not JSON', cause)
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
    // An error in reading the file says nothing about its content.
    if (!errorCodeOf(cause).startsWith('Z_')) throw cause
    throw damaged(name, 'it is cut off or not gzip', cause)
  }
  if (rest !== '') throw damaged(name, 'its last line is cut off')
}

/** Runs `chunks` through gunzip. An error of either one is thrown in the loop that reads the result. */
const unzip = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> => {
  const gunzip = createGunzip()
  pipeline(Readable.from(chunks), gunzip).catch(() => {})
  return gunzip
}
