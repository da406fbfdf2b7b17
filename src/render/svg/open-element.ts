import { XML } from './allowed.ts'
import type { Attribute } from './markup.ts'

interface Opening {
  /** As written, and without its prefix. */
  readonly name: string
  readonly local: string
  readonly namespaces: ReadonlyMap<string, string>
  /** How much was written before it, and whether the tag of its parent was still open then. */
  readonly start: number
  readonly wasTagOpen: boolean
}

/** An open element that is kept. */
export type OpenElement = ReturnType<typeof openElement>

/** What prefixes mean without a declaration. */
export const NAMESPACES: ReadonlyMap<string, string> = new Map([['xml', XML]])

/** The two parts of a name; without a colon there is no prefix. */
export const splitQName = (name: string): readonly [prefix: string, local: string] => {
  const colon = name.indexOf(':')
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}

/** What prefixes mean inside an element with these attributes. */
export const readNamespaces = (
  attributes: readonly Attribute[],
  outer: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> => {
  const own = attributes.filter(({ name }) => /^xmlns(?:$|:(?!xml))/.test(name))
  return own.length === 0
    ? outer
    : new Map([...outer, ...own.map(({ name, value }) => [name.slice('xmlns:'.length), value] as const)])
}

/** An element with nothing inside yet, written field by field: a spread takes ten times as long, for each element. */
export const openElement = ({ name, local, namespaces, start, wasTagOpen }: Opening) => ({
  name,
  local,
  namespaces,
  start,
  wasTagOpen,
  /** For a text element: its text so far. */
  text: '',
  /** Kept elements inside it, and steps of a filter among them. */
  kept: 0,
  primitives: 0,
  lacksAlternative: false,
})
