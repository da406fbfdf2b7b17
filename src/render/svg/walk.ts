// Two readers: `walkPlainMarkup` knows what drawing programs write, in a tenth of the time; sax knows the rest of XML, and
// says what is wrong, and where. Listings of S3, which arrive in pieces, have `store/xml-reader.ts`.

import { createRequire } from 'node:module'
import { Problem } from '../../core/problem.ts'
import { lazily } from '../wasm.ts'
import { checkUses, readEntities } from './entities.ts'
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
