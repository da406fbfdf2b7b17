import type { DefaultTreeAdapterTypes } from 'parse5'
import { type Declared, readDeclared } from './css-rules.ts'
import { createFindRules, type PageRule } from './place-rules.ts'

type Element = DefaultTreeAdapterTypes.Element

/** A height in pixels of CSS, in hundredths of the window's, or by the width, which is so many times as much. */
export interface BoxHeight {
  readonly value: number
  readonly unit: 'px' | 'vh' | 'ratio'
}

/**
 * Gives how high the box is that a picture covers (`object-fit: cover`), where it is cropped at the sides: then more of it
 * is needed than the box is wide. Undefined where it covers none, or CSS does not say how high that is. What is around
 * many pictures is read once.
 */
export const createFindCoverHeight = (
  rules: readonly PageRule[],
): ((img: Element) => BoxHeight | undefined) => {
  const findRules = createFindRules(
    rules.filter(({ declares }) => declares !== undefined).sort((a, b) => a.weight - b.weight),
  )
  const known = new Map<Element, Declared>()
  return (img) =>
    findCoverHeight(img, (element) => {
      const said = known.get(element) ?? readBox(element, findRules(element))
      known.set(element, said)
      return said
    })
}

/** What the last of some rules, the weakest first, and then its own style say of an element's box. */
const readBox = (element: Element, rules: readonly PageRule[]): Declared => {
  const said = rules.flatMap(({ declares, matches }) => (declares && matches(element) ? [declares] : []))
  const own = attributeOf(element, 'style')
    .split(';')
    .flatMap((each) => readDeclared(each) ?? [])
  return [...said, ...own].reduce((all, each) => Object.assign(all, each), {})
}

const findCoverHeight = (img: Element, readBoxOf: (element: Element) => Declared): BoxHeight | undefined => {
  const read = (element: Element, what: keyof Declared): string | undefined => readBoxOf(element)[what]
  if (read(img, 'fit') !== 'cover') return undefined
  const own = read(img, 'height') ?? attributeOf(img, 'height')
  const [, wide, high = '1'] = /^([\d.]+)(?:\s*\/\s*([\d.]+))?$/.exec(read(img, 'ratio') ?? '') ?? []
  if (wide !== undefined && /^(?:auto)?$/.test(own)) return toHeight(Number(wide) / Number(high), 'ratio')
  let height: string | undefined = /^\d+$/.test(own) ? `${own}px` : own
  let parent = img.parentNode
  for (let up = 0; up < MOST_BOXES && height === '100%' && parent && 'tagName' in parent; up++) {
    height = read(parent, 'height')
    parent = parent.parentNode
  }
  const [, number, unit] =
    /^(?:calc\(\s*)?([\d.]+)(px|rem|[sdl]?vh)(?:\s+-\s[^()]*\))?$/.exec(height ?? '') ?? []
  return toHeight(Number(number) * (unit === 'rem' ? 16 : 1), unit?.endsWith('vh') ? 'vh' : 'px')
}

/** Boxes within boxes of the same height: more of them than any page has, and few enough for one of many pictures. */
const MOST_BOXES = 20

const toHeight = (value: number, unit: BoxHeight['unit']): BoxHeight | undefined =>
  value > 0 && value < Number.POSITIVE_INFINITY ? { value, unit } : undefined

const attributeOf = ({ attrs }: Element, wanted: string): string =>
  attrs.find(({ name }) => name === wanted)?.value.trim() ?? ''
