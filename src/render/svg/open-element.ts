import { XML } from './allowed.ts'
import { Danger } from './danger.ts'
import type { Attribute } from './markup.ts'

interface Opening {
  /** As written, and without its prefix. */
  readonly name: string
  readonly local: string
  readonly namespaces: Namespaces
  /** How much was written before it, and whether the tag of its parent was still open then. */
  readonly start: number
  readonly wasTagOpen: boolean
}

/** An open element that is kept. */
export type OpenElement = ReturnType<typeof openElement>

/** What prefixes mean inside an element. */
interface Namespaces {
  readonly known: ReadonlyMap<string, string>
  /** How many meanings it and the elements around it keep, each of which has all of its own. */
  readonly kept: number
}

/** What prefixes mean without a declaration. */
export const NAMESPACES: Namespaces = { known: new Map([['xml', XML]]), kept: 0 }

/** More than any drawing declares: of an element, and of all that lie within one another. */
const MOST_KNOWN = 200
const MOST_KEPT = 20_000

/** The two parts of a name; without a colon there is no prefix. */
export const splitQName = (name: string): readonly [prefix: string, local: string] => {
  const colon = name.indexOf(':')
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}

/** What prefixes mean inside an element with these attributes; often every element says again what is known. */
export const readNamespaces = (attributes: readonly Attribute[], outer: Namespaces): Namespaces => {
  const own = attributes.flatMap(({ name, value }) => {
    const prefix = name.slice('xmlns:'.length)
    return /^xmlns(?:$|:(?!xml))/.test(name) && outer.known.get(prefix) !== value
      ? [[prefix, value] as const]
      : []
  })
  if (own.length === 0) return outer
  const known = new Map([...outer.known, ...own])
  const kept = outer.kept + known.size
  if (known.size > MOST_KNOWN || kept > MOST_KEPT) throw new Danger('declares too many namespaces')
  return { known, kept }
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
