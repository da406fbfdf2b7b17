import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { errorCodeOf } from '../../core/error-code.ts'
import { Problem } from '../../core/problem.ts'
import type { Frequent } from './frequent.ts'
import { createLineReader } from './log-line.ts'
import type { ReadLogUrl } from './read-log-url.ts'

/** What was counted in logs, so far or at their end. */
export interface LogCounts {
  lines: number
  /** Numbers of GET and HEAD requests. */
  urls: number
  /** Those of `urls` that name nothing that may be made. */
  refused: number
  /** How many were refused by each code. */
  readonly refusals: Map<string, number>
}

/** All zero. */
export const noLogCounts = (): LogCounts => ({ lines: 0, urls: 0, refused: 0, refusals: new Map() })

interface CountInput {
  readonly readUrl: ReadLogUrl
  /** Receives every variant, each time it was asked for. */
  readonly wanted: Pick<Frequent, 'add'>
  readonly counts: LogCounts
}

/** Counts what the visitors of one log asked for, while it is read. Problem `log-damaged`. */
export const countLog = async (
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  { readUrl, wanted, counts }: CountInput,
): Promise<void> => {
  const readLine = createLineReader()
  const addLine = (line: string): void => {
    counts.lines++
    const request = readLine(line)
    if (request === undefined || !METHODS.has(request.method)) return
    counts.urls++
    const outcome = readUrl(request)
    if (!('kind' in outcome)) for (const key of outcome) wanted.add(key)
    else {
      counts.refused++
      counts.refusals.set(outcome.code, (counts.refusals.get(outcome.code) ?? 0) + 1)
    }
  }
  try {
    for await (const lines of readLines(chunks)) for (const line of lines) addLine(line)
  } catch (cause) {
    if (!errorCodeOf(cause).startsWith('Z_')) throw cause // no error of zlib
    throw new Problem('log-damaged', `${name} cannot be read to its end: its gzip is damaged or cut off.`, {
      subject: name,
      hint: 'A log that is still being written must be read uncompressed; for a damaged file: zcat <file> | imgsizes warm -',
      cause,
    })
  }
}

/** In a log without methods, requests count as GET. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', ''])

/** More than a server writes for an ordinary request: servers accept headers of 8 to 32 KiB. */
export const MAX_LINE_BYTES = 64 * 1024

/**
 * The lines of a log in arrays of any length, decompressed where it begins as gzip does (RFC 1952: 1f 8b). A line
 * above {@link MAX_LINE_BYTES} is given as an empty one, so that it is counted, but never in memory. Rejects as
 * `chunks` or gunzip do.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  let rest: Uint8Array = new Uint8Array()
  let isTooLong = false
  for await (const chunk of gunzipIfZipped(chunks)) {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const isHeld = !isTooLong && rest.length + end - start <= MAX_LINE_BYTES
      lines.push(isHeld ? decode(join(rest, chunk.subarray(start, end))) : '')
      rest = new Uint8Array()
      isTooLong = false
      start = end + 1
    }
    const tail = chunk.subarray(start)
    if (isTooLong || rest.length + tail.length > MAX_LINE_BYTES) {
      isTooLong = true
      rest = new Uint8Array()
    } else rest = join(rest, tail)
    if (lines.length > 0) yield lines
  }
  if (isTooLong || rest.length > 0) yield [decode(rest)]
}

const NEWLINE = 0x0a

const join = (a: Uint8Array, b: Uint8Array): Uint8Array => (a.length === 0 ? b : Buffer.concat([a, b]))

const decode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').replace(/\r$/, '')

async function* gunzipIfZipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  try {
    let head: Uint8Array = new Uint8Array()
    let next = await iterator.next()
    for (; !next.done && head.length < 2; next = await iterator.next()) head = join(head, next.value)
    const all = followBy(head, next, iterator)
    yield* head[0] === 0x1f && head[1] === 0x8b ? gunzip(all) : all
  } finally {
    await iterator.return?.()
  }
}

async function* followBy(
  head: Uint8Array,
  next: IteratorResult<Uint8Array>,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield head
  for (let after = next; !after.done; after = await iterator.next()) yield after.value
}

/** An error of either one is thrown in the loop that reads the result. */
const gunzip = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> => {
  const stream = createGunzip()
  pipeline(Readable.from(chunks), stream).catch(() => {})
  return stream
}
