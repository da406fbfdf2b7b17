/** An attribute as written, with its entities replaced. */
export interface Attribute {
  readonly name: string
  readonly value: string
}

/** Receives the parts of a document in order. Comments and declarations are skipped. */
export interface Visitor {
  readonly open: (name: string, attributes: readonly Attribute[]) => void
  readonly close: () => void
  readonly text: (text: string) => void
  readonly instruction: (name: string) => void
}

/** `text` as it is written between tags: no browser finds a tag in it, in XML or in an HTML page. */
export const escapeText = (text: string): string =>
  BLANK.test(text)
    ? text
    : onlyCharacters(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(']]>', ']]&gt;')

/** The indents between tags: most of the texts of a drawing. */
const BLANK = /^[ \t\r\n]*$/

/** An attribute with a space before it, in the quotes that need the fewest escapes. */
export const formatAttribute = (name: string, value: string): string => {
  if (PLAIN.test(value)) return ` ${name}="${value}"`
  const text = onlyCharacters(value)
    .replaceAll(/[\t\n\r]/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
  return text.includes('"') && !text.includes("'")
    ? ` ${name}='${text}'`
    : ` ${name}="${text.replaceAll('"', '&quot;')}"`
}

/** What needs no escape: all of ASCII that is seen, without `"`, `&` and `<`. */
const PLAIN = /^[ !#-%'-;=-~]*$/

/** Without code points that XML 1.0 (2.2) does not allow, even if given by number. */
const onlyCharacters = (text: string): string =>
  text.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
