import type { Attribute, Visitor } from './markup.ts'

/**
 * Reads markup as drawing programs write it, in a tenth of the time of a parser for all XML. False where there is anything
 * else, or anything wrong: names that are not ASCII, entities besides XML's five, a document type that declares some, an
 * attribute twice, or an element of very many. What the visitor was told until then does not count.
 */
export const walkPlainMarkup = (markup: string, visitor: Visitor): boolean =>
  new PlainReader(markup, visitor).read()

class PlainReader {
  readonly #markup: string
  readonly #visitor: Visitor
  readonly #open: string[] = []
  #at = 0
  #hasType = false
  #hasRoot = false

  constructor(markup: string, visitor: Visitor) {
    this.#markup = markup
    this.#visitor = visitor
  }

  read(): boolean {
    while (this.#at < this.#markup.length) if (!this.#readToken()) return false
    return this.#hasRoot && this.#open.length === 0
  }

  #readToken(): boolean {
    if (this.#markup[this.#at] !== '<') return this.#readText()
    switch (this.#markup[this.#at + 1]) {
      case '/':
        return this.#readEnd()
      case '?':
        return this.#readInstruction()
      case '!':
        return this.#readDeclaration()
      default:
        return this.#readStart()
    }
  }

  #readText(): boolean {
    const end = this.#markup.indexOf('<', this.#at)
    const text = this.#takeUntil(end < 0 ? this.#markup.length : end)
    if (this.#open.length === 0) return !NO_SPACE.test(text)
    return tell(decode(text), this.#visitor.text)
  }

  #readStart(): boolean {
    const name = this.#take(START)?.[1]
    if (name === undefined || (this.#hasRoot && this.#open.length === 0)) return false
    const attributes: Attribute[] = []
    for (let found = this.#take(ATTRIBUTE); found !== undefined; found = this.#take(ATTRIBUTE)) {
      const [, name = '', quote = ''] = found
      const end = this.#markup.indexOf(quote, this.#at)
      const value = end < 0 ? undefined : decode(this.#takeUntil(end))
      if (value === undefined || attributes.length === MOST_ATTRIBUTES) return false
      if (attributes.some((other) => other.name === name)) return false
      attributes.push({ name, value })
      this.#at++
    }
    const end = this.#take(START_END)
    if (end === undefined) return false
    this.#hasRoot = true
    this.#visitor.open(name, attributes)
    if (end[1] === '/') this.#visitor.close()
    else this.#open.push(name)
    return true
  }

  #readEnd(): boolean {
    const name = this.#take(END)?.[1]
    if (name === undefined || name !== this.#open.pop()) return false
    this.#visitor.close()
    return true
  }

  #readInstruction(): boolean {
    const text = this.#takeBetween('<?', '?>')
    if (text === undefined || text.includes('?')) return false
    return tell(INSTRUCTION.exec(text)?.[0], this.#visitor.instruction)
  }

  /** By its beginning alone: after a comment that is not plain, nothing else is tried. */
  #readDeclaration(): boolean {
    if (this.#markup.startsWith('<!--', this.#at)) return this.#readComment()
    return this.#markup.startsWith('<![', this.#at) ? this.#readCdata() : this.#readType()
  }

  /** An empty one does not part the text around it. */
  #readComment(): boolean {
    const text = this.#takeBetween('<!--', '-->')
    return text !== undefined && text !== '' && !text.includes('--') && !text.endsWith('-')
  }

  #readCdata(): boolean {
    if (this.#open.length === 0) return false
    const text = this.#takeBetween('<![CDATA[', ']]>')
    return text === '' || tell(text, this.#visitor.text)
  }

  #readType(): boolean {
    const isFirst = !this.#hasType && !this.#hasRoot
    this.#hasType = true
    return isFirst && this.#take(TYPE) !== undefined
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#markup) ?? undefined
    if (found !== undefined) this.#at = pattern.lastIndex
    return found
  }

  #takeUntil(end: number): string {
    const text = this.#markup.slice(this.#at, end)
    this.#at = end
    return text
  }

  #takeBetween(opening: string, closing: string): string | undefined {
    if (!this.#markup.startsWith(opening, this.#at)) return undefined
    const start = this.#at + opening.length
    const end = this.#markup.indexOf(closing, start)
    if (end < 0) return undefined
    this.#at = end + closing.length
    return this.#markup.slice(start, end)
  }
}

const tell = (text: string | undefined, hear: (text: string) => void): boolean => {
  if (text !== undefined) hear(text)
  return text !== undefined
}

/** Each attribute is compared with all others of its element: for more of them that would take too long. */
const MOST_ATTRIBUTES = 64

const START = /<([:_A-Za-z][:\w.-]*)/y
const ATTRIBUTE = /[ \t\r\n]+([:_A-Za-z][:\w.-]*)[ \t\r\n]*=[ \t\r\n]*(["'])/y
const START_END = /[ \t\r\n]*(\/?)>/y
const END = /<\/([:_A-Za-z][:\w.-]*)[ \t\r\n]*>/y
const INSTRUCTION = /^[^ \t\r\n]+/
const TYPE = /<!DOCTYPE(?=[ \t\r\n])(?:[^[\]<>"']|"[^"]*"|'[^']*')*>/y
const NO_SPACE = /[^ \t\r\n]/

/** With XML's own entities replaced; undefined where there are others. */
const decode = (text: string): string | undefined => {
  if (!text.includes('&')) return text
  let isPlain = true
  const decoded = text.replaceAll(REFERENCE, (_, name: keyof typeof CHARACTERS | undefined) => {
    if (name === undefined) isPlain = false
    return name === undefined ? '' : CHARACTERS[name]
  })
  return isPlain ? decoded : undefined
}

const REFERENCE = /&(?:(amp|lt|gt|quot|apos);)?/g
const CHARACTERS = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
