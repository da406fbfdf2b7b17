// Drawings have readers of their own (`render/svg/walk.ts`), which need a whole text, and refuse characters that keys may
// hold. This one takes a listing in pieces as it arrives; sax, which could too, takes five times as long for it.

/**
 * Receives what an XML document contains. Names come without their prefix; the text of an element may come in pieces.
 */
interface XmlListener {
  open(name: string): void
  text(text: string): void
  close(name: string): void
}

/** The document is not XML, or not complete. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault'
  /** Whether the only fault is that it is not complete. */
  readonly isCutOff: boolean

  constructor(message: string, { isCutOff = false } = {}) {
    super(message)
    this.isCutOff = isCutOff
  }
}

/**
 * Reads a document in pieces, which may be cut anywhere. A reader of XML as servers write it for programs: elements,
 * text, entities, CDATA, comments, instructions. Attributes are ignored; a DOCTYPE or tags that do not match are an
 * {@link XmlFault}. Characters that XML forbids are accepted: servers write them where a key has them, and a strict
 * reader could never list such a key.
 */
export const createXmlReader = (listener: XmlListener) => {
  const open: Tag[] = []
  // A document repeats a few tags many times.
  const known = new Map<string, Tag>()
  let hasRoot = false
  let text = ''
  let at = 0

  const takeTag = (tag: Tag): void => {
    if (tag.kind === 'close') {
      if (open.pop()?.full !== tag.full) throw new XmlFault(`</${tag.full}> closes what is not open`)
      listener.close(tag.name)
      return
    }
    if (open.length === 0 && hasRoot) throw new XmlFault('it has two roots')
    hasRoot = true
    listener.open(tag.name)
    if (tag.kind === 'empty') listener.close(tag.name)
    else open.push(tag)
  }
  const takeText = (said: string): void => {
    if (open.length > 0) listener.text(said)
    else if (said.trim() !== '') throw new XmlFault('something stands outside of its root')
  }
  // Each of these returns whether what begins at `at` is complete, and consumes it only then.
  const readTag = (): boolean => {
    const end = text.indexOf('>', at)
    if (end === -1) return false
    let tag = known.get(text.slice(at + 1, end))
    if (tag === undefined) {
      WHOLE_TAG.lastIndex = at
      const said = WHOLE_TAG.exec(text)?.[1]
      if (said === undefined) return false // the ">" belongs to the value of an attribute
      tag = parseTag(said)
      if (known.size < MOST_KNOWN) known.set(said, tag)
      at += said.length + 2
    } else at = end + 1
    takeTag(tag)
    return true
  }
  const readUntil = (mark: string, start: string, take?: (text: string) => void): boolean => {
    const end = text.indexOf(mark, at + start.length)
    if (end === -1) return false
    take?.(text.slice(at + start.length, end))
    at = end + mark.length
    return true
  }
  const readMarkup = (): boolean => {
    const sign = text[at + 1]
    if (sign !== '!' && sign !== '?') return readTag()
    if (sign === '?') return readUntil('?>', '<?')
    if (text.startsWith(COMMENT, at)) return readUntil('-->', COMMENT)
    if (text.startsWith(CDATA, at)) return readUntil(']]>', CDATA, takeText)
    if (text.length - at >= CDATA.length) throw new XmlFault('it holds a declaration')
    return false
  }

  return {
    write: (more: string): void => {
      text = text.slice(at) + more
      at = 0
      for (;;) {
        const markup = text.indexOf('<', at)
        if (markup === -1) break
        if (markup > at) takeText(decodeEntities(text.slice(at, markup)))
        at = markup
        if (!readMarkup()) break
      }
      if (text.length - at > MOST_WAITING) throw new XmlFault('it goes on without an end')
    },
    /** To be called after the last piece; {@link XmlFault} where the root is not closed. */
    end: (): void => {
      if (open.length > 0 || text.startsWith('<', at)) throw cutOff()
      takeText(text.slice(at))
      if (!hasRoot) throw cutOff()
    },
  }
}

const cutOff = (): XmlFault => new XmlFault('it breaks off', { isCutOff: true })

interface Tag {
  readonly kind: 'open' | 'close' | 'empty'
  /** As written, which is how it must be closed. */
  readonly full: string
  /** Without its prefix. */
  readonly name: string
}

const COMMENT = '<!--'
const CDATA = '<![CDATA['
const MOST_KNOWN = 100
/** The limit for one text, tag or comment: a key has a thousand bytes, however they are encoded. */
const MOST_WAITING = 1_000_000
const WHOLE_TAG = /<([^"'>]*(?:(?:"[^"]*"|'[^']*')[^"'>]*)*)>/y
const TAG = /^(\/?)((?:[^\s/:]+:)?([^\s/:]+))(?:\s.*?)?(\/?)$/s

const parseTag = (said: string): Tag => {
  const [, start, full, name, end] = TAG.exec(said) ?? []
  if (full === undefined || name === undefined || (start && end)) throw new XmlFault(`<${said}> is no tag`)
  return { kind: start ? 'close' : end ? 'empty' : 'open', full, name }
}

const NAMED = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])
const NUMBERED = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/

const decodeEntities = (text: string): string => {
  let decoded = ''
  let at = 0
  for (let start = text.indexOf('&'); start !== -1; start = text.indexOf('&', at)) {
    const end = text.indexOf(';', start)
    const name = text.slice(start + 1, end === -1 ? undefined : end)
    const char = end === -1 ? undefined : (NAMED.get(name) ?? toChar(name))
    if (char === undefined) throw new XmlFault(`&${name.slice(0, 10)} is no entity`)
    decoded += text.slice(at, start) + char
    at = end + 1
  }
  if (at === 0) return text
  decoded += text.slice(at)
  // Some writers encode a character beyond U+FFFF as the two halves that UTF-16 has for it.
  if (!decoded.isWellFormed()) throw new XmlFault('it holds half of a character')
  return decoded
}

const toChar = (name: string): string | undefined => {
  const [, hex, decimal] = NUMBERED.exec(name) ?? []
  const code = hex === undefined ? Number(decimal ?? 0) : Number.parseInt(hex, 16)
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
