/**
 * Compares two strings by their UTF-8 bytes, the order of S3 listings: negative, 0 or positive.
 *
 * UTF-8 order is code point order. JavaScript compares UTF-16 code units. The two differ only where a surrogate
 * (U+D800..DFFF, part of a code point above U+FFFF) is compared with U+E000..FFFF, so these ranges swap places here.
 */
export const compareBytes = (a: string, b: string): number => {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? rankInUtf8(x) - rankInUtf8(y) : x - y
  }
  return a.length - b.length
}

const rankInUtf8 = (unit: number): number => (unit >= 0xe000 ? unit - 0x2000 : unit + 0x2000)

const isTail = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000

/** Length of `text` in UTF-8 bytes; a lone surrogate counts as the three bytes of U+FFFD. */
export const countBytes = (text: string): number => {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
    // A pair takes four bytes; each of its two units is counted as three.
    if (unit >= 0xd800 && unit < 0xdc00 && isTail(text.charCodeAt(i + 1))) bytes -= 2
  }
  return bytes
}

/** A part of all keys; an absent property sets no bound. */
export interface KeyRange {
  /** Only keys that begin with this text. */
  readonly prefix?: string
  /** Only keys that sort after this text. */
  readonly after?: string
  /** Only this key, and keys that sort before it. */
  readonly upTo?: string
}

/** Whether a key lies in a range. */
export const isInRange = (key: string, { prefix, after, upTo }: KeyRange): boolean =>
  (prefix === undefined || key.startsWith(prefix)) &&
  (after === undefined || compareBytes(key, after) > 0) &&
  (upTo === undefined || compareBytes(key, upTo) <= 0)

/**
 * The same range, of keys without the folder at their front; undefined where no key below the folder is in the range.
 */
export const rangeBelow = (range: KeyRange, folder: string): KeyRange | undefined => {
  if (!reachesInto(range, folder)) return undefined
  const ends = Object.entries(range).filter(([, text]) => text?.startsWith(folder))
  return Object.fromEntries(ends.map(([name, text]) => [name, text.slice(folder.length)]))
}

/** Whether a key below this folder, which ends in "/", can be in the range. */
export const reachesInto = ({ prefix = '', after, upTo }: KeyRange, folder: string): boolean =>
  (folder.startsWith(prefix) || prefix.startsWith(folder)) &&
  (after === undefined || after.startsWith(folder) || compareBytes(folder, after) > 0) &&
  (upTo === undefined || compareBytes(folder, upTo) <= 0)
