import { attributeOf, type PageElement, textOf } from './page-tags.ts'

/** CSS or a script of a page: its text, or its address. */
export type PageCode = { readonly kind: 'css' | 'script' } & (
  | { readonly text: string }
  | { readonly href: string }
)

/** The CSS and the scripts that an element holds or loads; also those of its attributes (`onclick`). */
export const listCodes = (element: PageElement): readonly PageCode[] => {
  const { name, attributes } = element
  const handlers = attributes
    .filter((each) => each.name.startsWith('on'))
    .map(({ value }): PageCode => ({ kind: 'script', text: value }))
  if (name === 'style') return [{ kind: 'css', text: textOf(element) }]
  const src = name === 'script' ? attributeOf(element, 'src')?.trim() : undefined
  if (src) return [{ kind: 'script', href: src }]
  if (name === 'script') return [{ kind: 'script', text: textOf(element) }]
  const href = attributeOf(element, 'href')?.trim()
  const isSheet = name === 'link' && /(?:^|\s)stylesheet(?:\s|$)/i.test(attributeOf(element, 'rel') ?? '')
  return isSheet && href ? [{ kind: 'css', href }] : handlers
}
