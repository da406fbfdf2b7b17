import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

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
