import { Danger } from './danger.ts'

/**
 * The entities that a document type declares, each with its full text, in which other entities are replaced. Drawing
 * programs define namespaces so. Nothing outside is ever loaded: external entities, and every other declaration
 * that changes what the markup says, are a {@link Danger}; so are entities that multiply.
 */
export const readEntities = (doctype: string): ReadonlyMap<string, string> => {
  const open = doctype.indexOf('[')
  return open < 0 ? new Map() : expandAll(readDeclarations(doctype.slice(open + 1)))
}

/** The most characters of all entities together, and of all their uses. */
const MOST_EXPANDED = 1_000_000
const MOST_ENTITIES = 1_000
/** Entities inside entities: drawing programs need none. */
const DEEPEST = 8

const DECLARATION =
  /\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!ENTITY\s+([^\s%"'<>&;]+)\s+(?:"([^"]*)"|'([^']*)')\s*>|<!ATTLIST(?:\s+[^\s"'<>]+)+\s*>|\](?=\s*$)/y

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
export const checkUses = (markup: string, entities: ReadonlyMap<string, string>): void => {
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
