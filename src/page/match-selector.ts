import { compile, type Options } from 'css-select'
import { isTraversal, type Selector } from 'css-what'
import type { DefaultTreeAdapterTypes } from 'parse5'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element
type Matches = (element: Element) => boolean

/** What a selector says of one element, and on which way the one lies of which the part before it tells. */
interface Part {
  readonly matches: Matches
  readonly way: Selector['type'] | undefined
}

/** Whether a selector matches an element, and else how far away another may have to be for that. */
type Outcome = 'found' | 'not-here' | 'not-beside' | 'nowhere'

/**
 * Whether a selector finds an element. css-select matches what is said of one; from there to others it tries all ways
 * again at each step, and time grows with a power of their number (`a > img ~ img ~ img ~ img`). Here a way that has come
 * to its end is not tried from elsewhere, as in browsers. Throws for parts in impossible places.
 */
export const toMatches = (selector: readonly Selector[]): Matches => {
  const [first] = selector
  if (first && isTraversal(first)) throw new Error('a selector that begins between elements')
  const parts: Part[] = []
  let begin = 0
  for (const [at, word] of [...selector.entries(), [selector.length, undefined] as const]) {
    if (word !== undefined && !isTraversal(word)) continue
    const way = selector[begin - 1]?.type
    if (way !== undefined && !WAYS.has(way)) throw new Error(`no way between elements: ${way}`)
    parts.unshift({ matches: toCompound(selector.slice(begin, at)), way })
    begin = at + 1
  }
  return (element) => find(parts, 0, element) === 'found'
}

const WAYS: ReadonlySet<string> = new Set(['descendant', 'child', 'adjacent', 'sibling'])

const toCompound = (words: readonly Selector[]): Matches => {
  const plain = words.filter((word) => listInner(word) === undefined)
  const own = plain.length === 0 ? () => true : compile<Node, Element>([plain], OPTIONS)
  const others = words.flatMap((word) => {
    const inner = listInner(word)?.map(toMatches)
    const isNot = 'name' in word && word.name === 'not'
    return inner ? [(element: Element) => inner.some((matches) => matches(element)) !== isNot] : []
  })
  return (element) => own(element) && others.every((matches) => matches(element))
}

/** The selectors in `:is()` and the like; what css-select resolves by itself has none. */
const listInner = (word: Selector): Selector[][] | undefined =>
  word.type === 'pseudo' && /^(?:not|is|where|matches)$/.test(word.name) && Array.isArray(word.data)
    ? word.data
    : undefined

const find = (parts: readonly Part[], at: number, element: Element): Outcome => {
  const part = parts[at]
  if (part === undefined || !part.matches(element)) return 'not-here'
  const next = (other: Element): Outcome => find(parts, at + 1, other)
  switch (part.way) {
    case undefined:
      return 'found'
    case 'descendant':
      for (let each = parentOf(element); each !== undefined; each = parentOf(each)) {
        const outcome = next(each)
        if (outcome === 'found' || outcome === 'nowhere') return outcome
      }
      return 'nowhere'
    case 'child': {
      const parent = parentOf(element)
      return parent === undefined ? 'nowhere' : next(parent)
    }
    default: {
      const row = element.parentNode?.childNodes ?? []
      for (let before = row.indexOf(element) - 1; before >= 0; before--) {
        const each = row[before]
        const outcome = each !== undefined && isElement(each) ? next(each) : undefined
        if (outcome !== undefined && (outcome !== 'not-here' || part.way === 'adjacent')) return outcome
      }
      return 'not-beside'
    }
  }
}

/** Whether a node is an element: no text, no comment. */
export const isElement = (node: Node): node is Element => 'tagName' in node
const childrenOf = (node: Node): Node[] => ('childNodes' in node ? node.childNodes : [])
const parentOf = ({ parentNode }: Element): Element | undefined =>
  parentNode !== null && isElement(parentNode) ? parentNode : undefined

const OPTIONS: Options<Node, Element> = {
  // The tree changes between questions.
  cacheResults: false,
  relativeSelector: false,
  adapter: {
    isTag: isElement,
    getAttributeValue: ({ attrs }, name) => attrs.find((each) => each.name === name)?.value,
    hasAttrib: ({ attrs }, name) => attrs.some((each) => each.name === name),
    getChildren: childrenOf,
    getName: ({ tagName }) => tagName,
    getParent: ({ parentNode }) => parentNode,
    getSiblings: (node) => ('parentNode' in node && node.parentNode ? childrenOf(node.parentNode) : [node]),
    getText: () => '',
    removeSubsets: (nodes) => nodes,
  },
}
