import { TextDecoder } from 'node:util'
import { gunzipSync } from 'node:zlib'

/** More text than any drawing of a site has; a gzip file of a few KB may contain gigabytes. */
const MOST_INFLATED_BYTES = 16_000_000

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** The text of an SVG, or of an SVGZ, in the encoding that it names. Throws zlib's error where it is cut off. */
export const readMarkup = (bytes: Uint8Array): string =>
  decode(isGzip(bytes) ? gunzipSync(bytes, { maxOutputLength: MOST_INFLATED_BYTES }) : bytes)

/** The beginning of that text, as far as the first bytes of the file contain it. */
export const readMarkupStart = (head: Uint8Array): string => decode(isGzip(head) ? inflateStart(head) : head)

const inflateStart = (head: Uint8Array): Uint8Array => {
  try {
    return gunzipSync(head, { finishFlush: SYNC_FLUSH, maxOutputLength: MOST_INFLATED_BYTES })
  } catch {
    return new Uint8Array() // it only throws zlib's Error: no gzip after all, or a bomb
  }
}

/** zlib's Z_SYNC_FLUSH: an unexpected end is no error, and gives what was decompressed so far. */
const SYNC_FLUSH = 2

/** XML 1.0, appendix F: a byte order mark, else the declaration's encoding, else UTF-8. */
const decode = (bytes: Uint8Array): string => {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 200)).toString(
    'latin1',
  )
  const named = /^<\?xml\s[^?]*?\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? 'utf-8'
  return openDecoder(named).decode(bytes)
}

/** A declaration of single bytes is not in UTF-16, even if it says so: programs of .NET write that before UTF-8. */
const openDecoder = (name: string): TextDecoder => {
  try {
    const decoder = new TextDecoder(name)
    return decoder.encoding.startsWith('utf-16') ? new TextDecoder() : decoder
  } catch {
    return new TextDecoder() // it only throws RangeError: an unknown name
  }
}
