import type { DefaultTreeAdapterTypes } from 'parse5'
import { type Declared, readDeclared } from './css-rules.ts'
import type { PageRule } from './place-rules.ts'

type Element = DefaultTreeAdapterTypes.Element

/** A height in pixels of CSS, or in hundredths of the window's. */
export interface BoxHeight {
  readonly value: number
  readonly unit: 'px' | 'vh'
}

/**
 * How high the box is that a picture covers (`object-fit: cover`), where it is cropped at the sides: then more of it is
 * needed than the box is wide. Undefined where it covers none, or CSS does not say how high that is. Of several rules
 * the last counts.
 */
export const findCoverHeight = (img: Element, rules: readonly PageRule[]): BoxHeight | undefined => {
  const telling = rules.filter(({ declares }) => declares !== undefined)
  const read = (element: Element, what: keyof Declared): string | undefined => {
    const styles = attributeOf(element, 'style')
      .split(';')
      .flatMap((each) => readDeclared(each)?.[what] ?? [])
    const rule = telling.findLast(
      ({ declares, matches }) => declares?.[what] !== undefined && matches(element),
    )
    return styles.at(-1) ?? rule?.declares?.[what]
  }
  if (read(img, 'fit') !== 'cover') return undefined
  const own = read(img, 'height') ?? attributeOf(img, 'height')
  let height: string | undefined = /^\d+$/.test(own) ? `${own}px` : own
  let parent = img.parentNode
  for (; height === '100%' && parent && 'tagName' in parent; parent = parent.parentNode)
    height = read(parent, 'height')
  const [, number, unit] =
    /^(?:calc\(\s*)?([\d.]+)(px|rem|[sdl]?vh)(?:\s+-\s[^()]*\))?$/.exec(height ?? '') ?? []
  if (unit === undefined) return undefined
  const value = Number(number) * (unit === 'rem' ? 16 : 1)
  return value > 0 ? { value, unit: unit.endsWith('vh') ? 'vh' : 'px' } : undefined
}

const attributeOf = ({ attrs }: Element, wanted: string): string =>
  attrs.find(({ name }) => name === wanted)?.value.trim() ?? ''
