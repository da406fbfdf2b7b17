import { isTraversal, parse, type Selector, stringify } from 'css-what'
import type { DefaultTreeAdapterTypes } from 'parse5'
import { type Declared, listRules } from './css-rules.ts'
import { isElement, toMatches } from './match-selector.ts'

type ParentNode = DefaultTreeAdapterTypes.ParentNode
/** An element of a parsed page. */
type Element = DefaultTreeAdapterTypes.Element

/**
 * A CSS rule that may find an element by its place (its parent, its neighbours, its number), or an `<img>` by the
 * addresses of its files; or what a script finds.
 */
export interface PageRule {
  readonly text: string
  /** What a script does with the element: it sets its `src`, or goes on from it to its parent or neighbours. */
  readonly does?: 'set-source' | 'look-around'
  readonly matches: (element: Element) => boolean
  readonly declares?: Declared
  /** Its specificity, near enough. */
  readonly weight: number
  /** Of what it asks an element, or one before: an id, a class or a name each. See {@link createFindRules}. */
  readonly keys: readonly string[]
  /** Whether it asks for an element's place, or for the addresses of its files. */
  readonly asks: { readonly place: boolean; readonly files: boolean }
  /** Whether it may find others by what is in the place of an `<img>`, in more ways than that. */
  readonly isWide: boolean
  /** Its questions to a page, made at the first one: of most rules none is asked. */
  readonly open: () => OpenRule
}

interface OpenRule {
  readonly matches: (element: Element) => boolean
  /** What it says of elements before the one that it finds, one by one: `.a > *` and `.a > * + b` of `.a > * + b ~ c`. */
  readonly asksBefore: readonly OpenRule['matches'][]
  /** The children of an element that it may find, by their own names and attributes. */
  readonly listLikely: (parent: ParentNode) => readonly Element[]
  /** Whether those far from an `<img>` of a kind, in such a list, have seen a change of it. */
  readonly seenFar: WeakMap<readonly Element[], Map<string, boolean>>
}

/**
 * The rules of a style sheet that find elements by their place or by addresses, or say of a box what {@link Declared}
 * holds.
 */
export const listPlaceRules = (css: string): readonly PageRule[] =>
  listRules(css).flatMap(({ selectors, declares }) => {
    const rules = compileSelectors(
      selectors,
      (known) => declares !== undefined || says(known, isPlace) || says(known, isFile),
    )
    return declares === undefined ? rules : rules.map((rule) => ({ ...rule, declares }))
  })

/** The rules of a list that find elements by their place. */
export const compilePlaces = (list: string): readonly PageRule[] =>
  compileSelectors(list, (known) => says(known, isPlace))

/** Rules with the selectors of a list; unknown and unwanted ones are left out. */
export const compileSelectors = (
  list: string,
  isWanted: (selector: readonly Selector[]) => boolean = () => true,
): readonly PageRule[] =>
  parseList(list).flatMap((selector) => {
    const known = selector.flatMap(toKnown)
    return isWanted(known) ? compileRule(stringify([selector]), known) : []
  })

/**
 * Gives the rules that may find an element, or others by what is in its place, in their order; of thousands only a few
 * have to be asked then.
 */
export const createFindRules = (rules: readonly PageRule[]) => {
  const places = new Map<string, number[]>()
  for (const [at, { keys }] of rules.entries())
    for (const key of new Set(keys)) {
      const known = places.get(key) ?? []
      known.push(at)
      places.set(key, known)
    }
  return ({ tagName, attrs }: Element): readonly PageRule[] => {
    const own = attrs.flatMap(({ name, value }) => {
      if (name === 'class') return value.split(/\s+/).map((each) => `.${each}`)
      return name === 'id' || name === 'name' ? [`${name}=${value}`] : []
    })
    const found = new Set([ANY, PICTURE, tagName, ...own].flatMap((key) => places.get(key) ?? []))
    return [...found].sort((a, b) => a - b).flatMap((at) => rules[at] ?? [])
  }
}

const ANY = '*'
/** What may come into the place of an `<img>`. */
const PICTURE = 'picture'

/** What every element has that a selector finds. */
const keyOf = (selector: readonly Selector[]): string => {
  const own = selector.slice(selector.findLastIndex(isTraversal) + 1)
  const [named] = own.flatMap((word) => {
    if (word.type !== 'attribute' || word.namespace) return []
    if (word.name === 'class' && word.action === 'element') return [`.${word.value}`]
    return /^(?:id|name)$/.test(word.name) && word.action === 'equals' && word.ignoreCase !== true
      ? [`${word.name}=${word.value}`]
      : []
  })
  const tag = own.find(({ type }) => type === 'tag')
  return named ?? (tag && 'name' in tag ? tag.name.toLowerCase() : ANY)
}

const parseList = (list: string): readonly Selector[][] => {
  try {
    return parse(list)
  } catch {
    return [] // it only throws for an invalid selector
  }
}

/** The parts of a selector in order. What depends on the visitor, such as `:hover`, is assumed to be true. */
const toKnown = (word: Selector): readonly Selector[] => {
  if (word.type === 'pseudo-element') return []
  if (word.type !== 'pseudo') return [word]
  if (PLACES.has(word.name) || PLAIN.has(word.name)) return [word]
  if (!LOGICAL.has(word.name) || typeof word.data !== 'object' || word.data === null) return []
  const inner = word.data.map((selector) => selector.flatMap(toKnown))
  const isWhole = inner.every((selector, index) => selector.length === word.data?.[index]?.length)
  // "Not while hovered" may be true as well as "while hovered".
  return isWhole || (word.name !== 'not' && inner.every(({ length }) => length > 0))
    ? [{ ...word, data: inner }]
    : []
}

const says = (selector: readonly Selector[], what: (word: Selector) => boolean): boolean =>
  selector.some(
    (word) =>
      what(word) ||
      (word.type === 'pseudo' && Array.isArray(word.data) && word.data.some((inner) => says(inner, what))),
  )

const isPlace = (word: Selector): boolean =>
  COMBINATORS.has(word.type) ||
  (word.type === 'tag' && word.name.toLowerCase() === 'picture') ||
  (word.type === 'pseudo' && PLACES.has(word.name))

const isFile = (word: Selector): boolean =>
  word.type === 'attribute' && /^(?:src|srcset|sizes)$/i.test(word.name)

/** Whether elements beside others, or around them, are found by what these are, in a way that is not seen from left to right. */
const isWide = (selector: readonly Selector[]): boolean =>
  selector.some(
    (word) =>
      word.type === 'pseudo' &&
      (/^has$|-of-type$/.test(word.name) ||
        (Array.isArray(word.data) && word.data.some((inner) => inner.some(isBeside) || isWide(inner)))),
  )

const isBeside = ({ type }: Selector): boolean => type === 'adjacent' || type === 'sibling'

const COMBINATORS: ReadonlySet<string> = new Set(['child', 'adjacent', 'sibling'])
const PLACES: ReadonlySet<string> = new Set(
  ['first', 'last', 'only', 'nth', 'nth-last'].flatMap((which) => [`${which}-child`, `${which}-of-type`]),
)
const LOGICAL: ReadonlySet<string> = new Set(['not', 'is', 'where', 'matches', 'has'])
const PLAIN: ReadonlySet<string> = new Set(['root', 'empty', 'link', 'any-link'])

const compileRule = (text: string, selector: Selector[]): readonly PageRule[] => {
  if (selector.filter(isTraversal).length > MOST_WAYS) return []
  let opened: OpenRule | undefined
  const open = (): OpenRule => {
    opened ??= openRule(selector)
    return opened
  }
  return [
    {
      text,
      matches: (element) => open().matches(element),
      weight: selector.reduce((sum, word) => sum + weigh(word), 0),
      keys: isWide(selector) ? [ANY] : [selector, ...listBefores(selector)].map(keyOf),
      asks: { place: says(selector, isPlace), files: says(selector, isFile) },
      isWide: isWide(selector),
      open,
    },
  ]
}

/** What a selector says of elements before the one that it finds. */
const listBefores = (selector: readonly Selector[]): readonly Selector[][] =>
  selector.flatMap((word, index) => (isBeside(word) ? [selector.slice(0, index)] : []))

const openRule = (selector: readonly Selector[]): OpenRule => {
  const own = selector
    .slice(selector.findLastIndex(isTraversal) + 1)
    .filter(({ type }) => type === 'tag' || type === 'attribute')
  const rows = new WeakMap<ParentNode, readonly Element[]>()
  try {
    const isLikely = own.length === 0 ? isElement : toMatches(own)
    const listLikely: OpenRule['listLikely'] = (parent) => {
      const row = rows.get(parent) ?? parent.childNodes.filter(isElement).filter(isLikely)
      rows.set(parent, row)
      return row
    }
    const [matches, asksBefore] = [toMatches(selector), listBefores(selector).map(toMatches)]
    return { matches, asksBefore, listLikely, seenFar: new WeakMap() }
  } catch {
    // It only throws for parts in impossible places: it finds nothing.
    return { matches: () => false, asksBefore: [], listLikely: () => [], seenFar: new WeakMap() }
  }
}

/** More than the selector of any page goes from one element to another. */
const MOST_WAYS = 100

const weigh = (word: Selector): number => {
  if (word.type === 'tag') return 1
  if (word.type === 'attribute') return word.name === 'id' ? 100 : 10
  return word.type === 'pseudo' && word.name !== 'where' ? 10 : 0
}
