import { type DefaultTreeAdapterTypes, defaultTreeAdapter, html } from 'parse5'
import { isElement } from './match-selector.ts'
import type { PageRule } from './place-rules.ts'

type ParentNode = DefaultTreeAdapterTypes.ParentNode
/** An element of a parsed page. */
type Element = DefaultTreeAdapterTypes.Element

/**
 * The selector of a rule that would find other elements if a `<picture>` stood around an `<img>`, or of the slot that
 * shows it; undefined where there is none.
 */
export const findBrokenRule = (img: Element, rules: readonly PageRule[]): string | undefined => {
  const parent = img.parentNode
  const slotted = findSlot(img)
  if (parent === null || slotted !== undefined) return slotted
  const around = rules.find(({ does, matches }) => does === 'look-around' && matches(img))
  return around?.text ?? findChanged(img, rules, 'place', () => wrap(img, parent))
}

/** The selector of a rule that would find other elements if an `<img>` had these files; undefined where there is none. */
export const findFileRule = (
  img: Element,
  rules: readonly PageRule[],
  files: Readonly<Record<string, string | undefined>>,
): string | undefined =>
  findChanged(img, rules, 'files', () => {
    const { attrs } = img
    const changed = Object.entries(files).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, value }],
    )
    img.attrs = [...attrs.filter(({ name }) => files[name] === undefined), ...changed]
    return { place: img, undo: () => Object.assign(img, { attrs }) }
  })

/** The rule that finds other elements after a change, which gives what is then in the place of the `<img>`. */
const findChanged = (
  img: Element,
  all: readonly PageRule[],
  asked: keyof PageRule['asks'],
  change: () => Change,
): string | undefined => {
  const { parentNode: parent } = img
  const rules = all.filter(({ asks }) => asks[asked])
  if (parent === null || rules.length === 0) return undefined
  const compare = <Result>(read: (place: Element) => readonly Result[]) => {
    const before = read(img)
    const { place, undo } = change()
    const after = read(place)
    undo()
    return before.map((result, index) => result !== after[index])
  }
  const changesOwn = compare(() => rules.map(({ matches }) => matches(img)))
  const changesNext = compare((place) =>
    rules.map(({ open }) =>
      open()
        .asksBefore.map((asks) => Number(asks(place)))
        .join(''),
    ),
  )
  const changesOthers = ({ isWide, open }: PageRule): boolean => {
    const { matches, listLikely, seenFar } = open()
    const changes = (some: readonly Element[]): boolean =>
      compare(() => some.map((element) => matches(element))).includes(true)
    const row = listLikely(parent)
    const at = row.indexOf(img)
    // A row may be long: the nearest first.
    const beside = [...row.slice(at + 1), ...row.slice(0, Math.max(at, 0))]
    const others = isWide ? [...listAround(parent), ...beside] : beside
    if (changes(others.slice(0, NEAREST))) return true
    const far = others.slice(NEAREST)
    if (row.length <= LONG) return changes(far)
    const ends = [parent.childNodes.find(isElement), parent.childNodes.findLast(isElement)].indexOf(img)
    const kind = `${asked} ${ends} ${img.attrs.find(({ name }) => name === 'class')?.value.replace(/\d+/g, '')}`
    const known = seenFar.get(row) ?? new Map<string, boolean>()
    seenFar.set(row, known.set(kind, known.get(kind) ?? changes(far)))
    return known.get(kind) === true
  }
  return rules.find(
    (rule, index) => changesOwn[index] || ((changesNext[index] || rule.isWide) && changesOthers(rule)),
  )?.text
}

const NEAREST = 16
/** In longer rows, those far away are asked once for each class (`wp-image-*`) and each end: `:has()` looks at all. */
const LONG = 100

/** Those that `:has()` may look into. */
const listAround = (parent: ParentNode): readonly Element[] => {
  const around: Element[] = []
  let each: ParentNode | null = parent
  for (; each && isElement(each); each = each.parentNode) around.push(each)
  return around
}

/** What is in the place of an `<img>` after a change, and how to take that back. */
interface Change {
  readonly place: Element
  readonly undo: () => void
}

/**
 * Where an `<img>` is shown by a slot of a custom element, as a selector: a `<picture>` has no slot, and
 * `::slotted(img)` in the element's own styles, which scripts may make, finds children alone.
 */
const findSlot = ({ attrs, parentNode }: Element): string | undefined => {
  const slot = attrs.find(({ name }) => name === 'slot')?.value
  if (slot) return `[slot="${slot}"]`
  return parentNode !== null && isElement(parentNode) && parentNode.tagName.includes('-')
    ? `${parentNode.tagName} > img`
    : undefined
}

/** Puts an `<img>` into a `<picture>`, as in a rewritten page. */
const wrap = (img: Element, parent: ParentNode): Change => {
  const { createElement, appendChild, insertBefore, detachNode } = defaultTreeAdapter
  const picture = createElement('picture', html.NS.HTML, [])
  insertBefore(parent, picture, img)
  detachNode(img)
  appendChild(picture, createElement('source', html.NS.HTML, [{ name: 'hidden', value: '' }]))
  appendChild(picture, img)
  const undo = (): void => {
    detachNode(img)
    insertBefore(parent, img, picture)
    detachNode(picture)
  }
  return { place: picture, undo }
}
