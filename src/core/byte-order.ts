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
