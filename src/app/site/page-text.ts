import { applyEdits, type TextEdit } from '../../page/rewrite-html.ts'

interface PageText {
  readonly text: string
  /** Its bytes after edits of its text; every byte outside of them stays. */
  readonly encode: (edits: readonly TextEdit[]) => Uint8Array
  /** Whether only ASCII may be inserted, because its encoding is not known, or cannot say everything. */
  readonly isAscii: boolean
}

/**
 * Reads a file as browsers do: UTF-16 by its byte order mark, else in the encoding that it says. One that is UTF-8 is
 * read so whatever it says, because its server may say it; one that says nothing is Western.
 */
export const decodePage = (bytes: Uint8Array): PageText => {
  const [first = 0, second = 0] = bytes
  const mark = (first << 8) | second
  if (UTF16_STARTS.has(mark) && bytes.length % 2 === 0)
    return decodeUtf16(bytes, UTF16_STARTS.get(mark) === 'big')
  const said = findEncoding(bytes)
  // The only one that looks like ASCII, and is not.
  if (said !== 'iso-2022-jp')
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
      const encode: PageText['encode'] = (edits) => new TextEncoder().encode(applyEdits(text, edits))
      const isUnknown = said === undefined && !/[^\0-\x7f]/.test(text)
      return { text, encode, isAscii: isUnknown || (said !== undefined && said !== 'utf-8') }
    } catch {
      // It is not UTF-8.
    }
  return decodeOlder(bytes, said === undefined || said === 'utf-8' ? 'windows-1252' : said)
}

/** A page's or a style sheet's own word for its encoding, as browsers know it. */
const findEncoding = (bytes: Uint8Array): string | undefined => {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1')
  const [, label = ''] =
    /(?:<meta\s[^>]*\bcharset|^<\?xml\s[^>]*\bencoding|^@charset)\s*=?\s*["']?([\w:.-]+)/i.exec(
      head.replace(/<!--.*?-->/gs, ''),
    ) ?? []
  try {
    const { encoding } = new TextDecoder(label)
    // A file in UTF-16 could not be read so far.
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding
  } catch {
    return undefined // it only throws for a label that it does not know
  }
}

/** The first two bytes of UTF-16, and which end comes first. */
const UTF16_STARTS: ReadonlyMap<number, 'little' | 'big'> = new Map([
  [0xfffe, 'little'],
  [0x3c00, 'little'],
  [0xfeff, 'big'],
  [0x003c, 'big'],
])

const decodeUtf16 = (bytes: Uint8Array, isBigEndian: boolean): PageText => {
  const inOrder = (each: Buffer): Buffer => (isBigEndian ? each.swap16() : each)
  const text = inOrder(Buffer.from(bytes)).toString('utf16le')
  return {
    text,
    encode: (edits) => inOrder(Buffer.from(applyEdits(text, edits), 'utf16le')),
    isAscii: false,
  }
}

/** An encoding that Node reads but does not write: the bytes around edits are copied. */
const decodeOlder = (bytes: Uint8Array, encoding: string): PageText => {
  const encode = (edits: readonly TextEdit[]): Uint8Array => {
    const byteAt = findBytes(bytes, encoding, new Set(edits.flatMap(({ start, end }) => [start, end])))
    const written: Uint8Array[] = []
    let at = 0
    for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
      written.push(bytes.subarray(at, byteAt(start)), Buffer.from(text, 'latin1'))
      at = byteAt(end)
    }
    return Buffer.concat([...written, bytes.subarray(at)])
  }
  // As a stream: Node 20 takes windows-1252 for Latin 1 otherwise.
  const decoder = new TextDecoder(encoding)
  return { text: decoder.decode(bytes, { stream: true }) + decoder.decode(), encode, isAscii: true }
}

/** Gives the byte at which each of these offsets into the text lies. */
const findBytes = (
  bytes: Uint8Array,
  encoding: string,
  offsets: ReadonlySet<number>,
): ((offset: number) => number) => {
  const decoder = new TextDecoder(encoding)
  const places = new Map<number, number>()
  let [begin, offset] = [0, 0]
  for (let index = 0; index <= bytes.length && places.size < offsets.size; index++) {
    // Nothing at the end, where an unfinished character shows.
    const stream = index < bytes.length
    const text = decoder.decode(bytes.subarray(index, index + 1), { stream })
    if (text === '') continue
    // One of ASCII is its own last byte, also after an unfinished character or an escape sequence.
    for (let unit = 0; unit < text.length; unit++, offset++)
      if (offsets.has(offset)) places.set(offset, text.charCodeAt(unit) < 0x80 ? index : begin)
    begin = index + 1
  }
  return (offset) => places.get(offset) ?? bytes.length
}
