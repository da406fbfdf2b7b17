// Two readers: `walkPlainMarkup` knows what drawing programs write, in a tenth of the time; sax knows the rest of XML, and
// says what is wrong, and where. Listings of S3, which arrive in pieces, have `store/xml-reader.ts`.

import { createRequire } from 'node:module'
import { Problem } from '../../core/problem.ts'
import { lazily } from '../wasm.ts'
import { Danger } from './danger.ts'
import type { Attribute, Visitor } from './markup.ts'
import { walkPlainMarkup } from './plain-markup.ts'

/** The part of sax that is used; its published types are of an older release. */
interface Sax {
  MAX_BUFFER_LENGTH: number
  parser(isStrict: true, options: Readonly<Record<string, boolean | number>>): SaxParser
}

interface SaxParser {
  readonly ENTITIES: Record<string, string>
  onerror: (error: Error) => void
  ondoctype: (text: string) => void
  onopentagstart: (tag: { readonly name: string }) => void
  onattribute: (attribute: Attribute) => void
  onopentag: () => void
  onclosetag: () => void
  ontext: (text: string) => void
  oncdata: (text: string) => void
  onprocessinginstruction: (instruction: { readonly name: string }) => void
  onsgmldeclaration: () => void
  write(text: string): SaxParser
  close(): void
}

const loadSax = lazily((): Sax => {
  const sax: Sax = createRequire(import.meta.url)('sax')
  // A whole drawing is in memory, and one of its paths may have megabytes.
  sax.MAX_BUFFER_LENGTH = Number.POSITIVE_INFINITY
  return sax
})

/**
 * Reads markup token by token, in time proportional to its length; gives the visitor that was told all of it. Nothing is
 * ever loaded. Problem `image-corrupt` where it is no well-formed XML, and `Danger` for a dangerous document type.
 */
export const walkMarkup = <V extends Visitor>(marked: string, openVisitor: () => V): V => {
  const markup = marked.replace(/^\ufeff/, '')
  const visitor = openVisitor()
  return walkPlainMarkup(markup, visitor) ? visitor : parseMarkup(markup, openVisitor())
}

const parseMarkup = <V extends Visitor>(markup: string, visitor: V): V => {
  const parser = loadSax().parser(true, OPTIONS)
  let tag: { readonly name: string; readonly attributes: Attribute[] } | undefined
  let isEntered = false
  parser.onerror = (error) => {
    throw notWellFormed(error.message)
  }
  parser.ondoctype = (doctype) => {
    const entities = readEntities(doctype)
    checkUses(markup, entities)
    for (const [name, text] of entities)
      parser.ENTITIES[name] = text.includes('<') ? text : escapeQuotes(text)
  }
  parser.onopentagstart = ({ name }) => {
    isEntered = true
    tag = { name, attributes: [] }
  }
  parser.onattribute = ({ name, value }) => tag?.attributes.push({ name, value })
  parser.onopentag = () => {
    if (tag !== undefined) visitor.open(tag.name, tag.attributes)
  }
  parser.onclosetag = () => visitor.close()
  parser.ontext = visitor.text
  parser.oncdata = visitor.text
  parser.onprocessinginstruction = ({ name }) => visitor.instruction(name)
  parser.onsgmldeclaration = refuseDeclaration
  Object.defineProperty(parser, 'sgmlDecl', SHORT_DECLARATION)
  parser.write(markup).close()
  if (!isEntered) throw notWellFormed('No element')
  return visitor
}

/** Entities are read as markup, with our limits: sax would count every character given by its number. */
const OPTIONS = {
  strictEntities: true,
  unparsedEntities: true,
  maxEntityCount: Number.POSITIVE_INFINITY,
  maxEntityDepth: Number.POSITIVE_INFINITY,
}

const refuseDeclaration = (): never => {
  throw notWellFormed('Unknown declaration')
}

/**
 * The text after "<!", until it is known to be a comment, CDATA or a document type: sax compares all of it again at
 * each character, which takes hours for a megabyte of anything else.
 */
const SHORT_DECLARATION: PropertyDescriptor & ThisType<{ declaration?: string }> = {
  get() {
    return this.declaration ?? ''
  },
  set(text: string) {
    if (text.length >= 'DOCTYPE'.length) refuseDeclaration()
    this.declaration = text
  },
}

/** A quote from an entity does not end a value. */
const escapeQuotes = (text: string): string => text.replaceAll('"', '&#34;').replaceAll("'", '&#39;')

const notWellFormed = (words: string): Problem => {
  const [what = '', line = ''] = words.split('\n')
  const where = /\d+/.exec(line)?.[0]
  const place = where === undefined ? '' : `, line ${Number(where) + 1}`
  return new Problem('image-corrupt', `The drawing is no well-formed XML (${what}${place}).`, {
    hint: 'Save it again with a drawing program; browsers do not show it either.',
  })
}

/**
 * The entities that a document type declares, each with its full text, in which other entities are replaced. Drawing
 * programs define namespaces so. Nothing outside is ever loaded: external entities, and every other declaration
 * that changes what the markup says, are a {@link Danger}; so are entities that multiply.
 */
const readEntities = (doctype: string): ReadonlyMap<string, string> => {
  const open = doctype.indexOf('[')
  return open < 0 ? new Map() : expandAll(readDeclarations(doctype.slice(open + 1)))
}

/** The most characters of all entities together, and of all their uses. */
const MOST_EXPANDED = 1_000_000
const MOST_ENTITIES = 1_000
/** Entities inside entities: drawing programs need none. */
const DEEPEST = 8

const DECLARATION =
  /\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!ENTITY\s+([^\s%"'<>&;]+)\s+(?:"([^"]*)"|'([^']*)')\s*>|<!ATTLIST(?:\s+xmlns:xlink\s+CDATA\s+#FIXED\s+"http:\/\/www\.w3\.org\/1999\/xlink"|\s+[^\s"'<>]+)+\s*>|\](?=\s*$)/y

const readDeclarations = (subset: string): ReadonlyMap<string, string> => {
  const declared = new Map<string, string>()
  DECLARATION.lastIndex = 0
  let at = 0
  for (let found = DECLARATION.exec(subset); found !== null; found = DECLARATION.exec(subset)) {
    at = DECLARATION.lastIndex
    const [, name, double, single] = found
    // The first declaration counts (XML 1.0, 4.2).
    if (name !== undefined && !declared.has(name)) declared.set(name, readCharacters(double ?? single ?? ''))
    if (declared.size > MOST_ENTITIES) throw new Danger(`defines over ${MOST_ENTITIES} entities`)
  }
  if (at < subset.length)
    throw new Danger('has a document type that does more than define entities of its own')
  return declared
}

const expandAll = (declared: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const expanded = new Map<string, { readonly text: string; readonly depth: number }>()
  let length = 0
  const expand = (name: string, outer: number): { readonly text: string; readonly depth: number } => {
    const known = expanded.get(name)
    if (known !== undefined) return known
    let depth = 1
    const text = (declared.get(name) ?? '').replaceAll(REFERENCE, (reference, inner: string) => {
      if (!declared.has(inner)) return reference
      checkDepth(outer + 1)
      const found = expand(inner, outer + 1)
      depth = Math.max(depth, found.depth + 1)
      return found.text
    })
    checkDepth(depth)
    length += text.length
    if (length > MOST_EXPANDED) throw new Danger('defines entities that multiply')
    expanded.set(name, { text, depth })
    return { text, depth }
  }
  return new Map([...declared.keys()].map((name) => [name, expand(name, 1).text]))
}

const checkDepth = (depth: number): void => {
  if (depth > DEEPEST) throw new Danger(`defines entities more than ${DEEPEST} deep`)
}

/** Refuses markup that uses its entities so often that their text has no limit. */
const checkUses = (markup: string, entities: ReadonlyMap<string, string>): void => {
  let length = 0
  for (const [, name = ''] of markup.matchAll(REFERENCE)) {
    length += entities.get(name)?.length ?? 0
    if (length > MOST_EXPANDED) throw new Danger('defines entities that multiply')
  }
}

const REFERENCE = /&([^\s%"'<>&;#]+);/g

/** XML 1.0, 4.4.5: in the value of an entity, characters given by number are replaced at once. */
const readCharacters = (value: string): string =>
  value.replaceAll(/&#(?:x([\da-f]{1,6})|(\d{1,7}));/gi, (reference, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference
  })
