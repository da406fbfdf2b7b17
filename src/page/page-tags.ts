import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { frameworkOf } from './hydration.ts'

interface TagAttribute {
  readonly value: string
  readonly start: number
  readonly end: number
}

/** A start tag of a page. Offsets are into the page's text. */
export interface PageTag {
  readonly start: number
  readonly end: number
  readonly attributes: ReadonlyMap<string, TagAttribute>
}

/** How a page is written. */
export interface PageKind {
  /** Whether it is XHTML, where every tag is closed. */
  readonly isXml?: boolean
  /** Whether only ASCII may be inserted, because its encoding is not known. */
  readonly isAscii?: boolean
}

/** An element, as the parser sees it. */
export interface PageElement {
  readonly name: string
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  readonly isInPicture: boolean
  /** Whether it is in a slide, which has a size of its own, and is then scaled to the window's. */
  readonly isInDeck: boolean
  /** The framework that renders it again in the browser, as it or the elements around it show. */
  readonly hydratedBy: string | undefined
  /** Its place among other elements. */
  readonly node: DefaultTreeAdapterTypes.Element
}

/** `hasOffsets`: elements know where their tags are, which takes three times as long. */
interface ReadTagsOptions extends PageKind {
  readonly hasOffsets?: boolean
}

/**
 * Every element of a page as a browser without scripts reads it, in the order of the text; those in
 * `<template>` and `<noscript>`, too. It uses a list, not recursion, because a page may be nested deeper than the
 * stack.
 */
export function* readElements(
  html: string,
  { isXml = false, hasOffsets = false }: ReadTagsOptions,
): Generator<PageElement> {
  const readable = isXml ? toReadable(html) : html
  const root = parse(readable, { scriptingEnabled: false, sourceCodeLocationInfo: hasOffsets })
  const left: Placed[] = []
  pushElements(left, childrenOf(root), { isInPicture: false, isInDeck: false, hydratedBy: undefined })
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { node, around } = next
    const children = childrenOf(node)
    const hydratedBy = frameworkOf(node, children) ?? around.hydratedBy
    yield { name: node.tagName, attributes: node.attrs, ...around, hydratedBy, node }
    pushElements(left, children, {
      isInPicture: around.isInPicture || node.tagName === 'picture',
      isInDeck: around.isInDeck || isDeck(node),
      hydratedBy,
    })
  }
}

/** An element that is still to be read. */
interface Placed {
  readonly node: DefaultTreeAdapterTypes.Element
  readonly around: Around
}

/** Whether it holds the slides of Marp, which lie in SVG, of impress.js, Shower or reveal.js. */
const isDeck = ({ tagName, attrs, parentNode }: DefaultTreeAdapterTypes.Element): boolean =>
  tagName === 'foreignObject' ||
  attrs.some(({ name, value }) => name === 'id' && value === 'impress') ||
  hasClass(attrs, SHOWER) ||
  (hasClass(attrs, SLIDES) &&
    parentNode !== null &&
    'attrs' in parentNode &&
    hasClass(parentNode.attrs, REVEAL))

const hasClass = (attrs: DefaultTreeAdapterTypes.Element['attrs'], wanted: RegExp): boolean =>
  attrs.some(({ name, value }) => name === 'class' && wanted.test(value))

const [SHOWER, SLIDES, REVEAL] = [
  /(?:^|\s)shower(?:\s|$)/,
  /(?:^|\s)slides(?:\s|$)/,
  /(?:^|\s)reveal(?:\s|$)/,
]

/** Adds those of the children that are elements, the first one last. */
const pushElements = (
  left: Placed[],
  children: readonly DefaultTreeAdapterTypes.Node[],
  around: Around,
): void => {
  for (let index = children.length - 1; index >= 0; index--) {
    const node = children[index]
    if (node !== undefined && 'tagName' in node) left.push({ node, around })
  }
}

/** An attribute's value; undefined where the element has none of that name. */
export const attributeOf = ({ attributes }: PageElement, wanted: string): string | undefined =>
  attributes.find(({ name }) => name === wanted)?.value

/** The text inside a `<style>` or a `<script>`. */
export const textOf = ({ node }: PageElement): string =>
  node.childNodes.map((each) => ('value' in each ? each.value : '')).join('')

/** What the elements around an element say of it. */
type Around = Pick<PageElement, 'isInPicture' | 'isInDeck' | 'hydratedBy'>

/**
 * Changes XHTML so that the HTML parser finds its tags in the same places: `<script/>` and CDATA do not end there for
 * it; in a `<style>`, CDATA is CSS. In a comment, it is only text.
 */
const toReadable = (text: string): string =>
  text
    .replace(/<!--.*?(?:-->|$)|<!\[CDATA\[.*?(?:\]\]>|$)/gs, (all) =>
      all[2] === '-' ? all : all.replace(/^<!\[CDATA\[|\]\]>$|</g, ({ length }) => ' '.repeat(length)),
    )
    .replace(
      /<(script|style|title|textarea|iframe|noscript|template)(\s[^<>]*)?\/>/gi,
      (all) => `<x${all.slice(2)}`,
    )

const childrenOf = (node: DefaultTreeAdapterTypes.Node): readonly DefaultTreeAdapterTypes.Node[] => {
  if ('content' in node) return node.content.childNodes
  return 'childNodes' in node ? node.childNodes : []
}

/** The start tag of an element; undefined where the text has none, and where offsets were not asked for. */
export const tagOf = ({ node }: PageElement, html: string): PageTag | undefined => {
  const { tagName, attrs, sourceCodeLocation } = node
  if (!sourceCodeLocation) return undefined
  const { startOffset: start, startTag, attrs: places = {} } = sourceCodeLocation
  const end = startTag?.endOffset ?? sourceCodeLocation.endOffset
  // The parser changes `<image>` to img, and perhaps more in the future.
  if (html.slice(start, start + tagName.length + 1).toLowerCase() !== `<${tagName}`) return undefined
  const attributes = new Map<string, TagAttribute>()
  for (const { name, value } of attrs) {
    const place = places[name]
    if (place !== undefined) attributes.set(name, { value, start: place.startOffset, end: place.endOffset })
  }
  return { start, end: findEndTag(html, tagName, end), attributes }
}

/** XML also writes `<img></img>`: to the end of such an end tag. HTML ignores it. */
const findEndTag = (html: string, tagName: string, end: number): number => {
  const [endTag = ''] = /^\s*<\/img\s*>/i.exec(tagName === 'img' ? html.slice(end, end + 100) : '') ?? []
  return end + endTag.length
}
