import { XML } from './names.ts'
import type { Attribute } from './walk.ts'

/** An element that is open, and stays. */
export interface Frame {
  /** As written, and without its prefix. */
  readonly name: string
  readonly local: string
  readonly namespaces: ReadonlyMap<string, string>
  /** How much had been written before it, and whether the tag of its parent was still open then. */
  readonly start: number
  readonly wasTagOpen: boolean
  /** Of an element of text: what it says so far. */
  text: string
  /** Elements in it that stay, and steps of a filter among them. */
  kept: number
  primitives: number
  lacksAlternative: boolean
}

/** What prefixes mean without a declaration. */
export const NAMESPACES: ReadonlyMap<string, string> = new Map([['xml', XML]])

/** The two parts of a name; without a colon there is no prefix. */
export const splitName = (name: string): readonly [prefix: string, local: string] => {
  const colon = name.indexOf(':')
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}

/** What prefixes mean within an element with these attributes. */
export const readNamespaces = (
  attributes: readonly Attribute[],
  outer: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> => {
  const own = attributes.filter(({ name }) => /^xmlns(?:$|:(?!xml))/.test(name))
  return own.length === 0
    ? outer
    : new Map([
        ...outer,
        ...own.map(
          ({ name, value }) => [splitName(name)[0] === '' ? '' : splitName(name)[1], value] as const,
        ),
      ])
}

export const openFrame = (
  frame: Pick<Frame, 'name' | 'local' | 'namespaces' | 'start' | 'wasTagOpen'>,
): Frame => ({
  ...frame,
  text: '',
  kept: 0,
  primitives: 0,
  lacksAlternative: false,
})
