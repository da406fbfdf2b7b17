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
  return name === 'link' && href && isSheet(element) ? [{ kind: 'css', href }] : handlers
}

/** Whether a link is a style sheet, or one that is preloaded: a handler makes it one (`onload="this.rel='stylesheet'"`). */
const isSheet = (link: PageElement): boolean => {
  const rel = attributeOf(link, 'rel') ?? ''
  return (
    /(?:^|\s)stylesheet(?:\s|$)/i.test(rel) ||
    (/(?:^|\s)preload(?:\s|$)/i.test(rel) && attributeOf(link, 'as')?.trim().toLowerCase() === 'style')
  )
}
