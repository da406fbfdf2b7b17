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
  /** The framework that renders it again in the browser, as it or the elements around it show. */
  readonly hydratedBy: string | undefined
  /** The text inside a `<style>` or a `<script>`; else "". */
  readonly text: string
  /** Its place among other elements. */
  readonly node: DefaultTreeAdapterTypes.Element
  /** Its start tag; undefined where the text has none, and where offsets were not asked for. */
  readonly tag?: PageTag | undefined
}

/** `hasOffsets`: elements come with their tags, which takes three times as long. */
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
  const left: { readonly node: DefaultTreeAdapterTypes.Node; readonly around: Around }[] = [
    { node: root, around: { isInPicture: false, hydratedBy: undefined } },
  ]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { node } = next
    let { around } = next
    const children = childrenOf(node)
    if ('tagName' in node) {
      around = { ...around, hydratedBy: frameworkOf(node, children) ?? around.hydratedBy }
      yield toElement(node, around, html)
      around = { ...around, isInPicture: around.isInPicture || node.tagName === 'picture' }
    }
    for (const child of children.toReversed()) left.push({ node: child, around })
  }
}

/** What the elements around an element say of it. */
type Around = Pick<PageElement, 'isInPicture' | 'hydratedBy'>

/**
 * Changes XHTML so that the HTML parser finds its tags in the same places: `<script/>` and CDATA do not end there for
 * it. In a comment, CDATA is only text.
 */
const toReadable = (text: string): string =>
  text
    .replace(/<!--.*?(?:-->|$)|<!\[CDATA\[.*?(?:\]\]>|$)/gs, (all) =>
      all[2] === '-' ? all : ' '.repeat(all.length),
    )
    .replace(
      /<(script|style|title|textarea|iframe|noscript|template)(\s[^<>]*)?\/>/gi,
      (all) => `<x${all.slice(2)}`,
    )

const childrenOf = (node: DefaultTreeAdapterTypes.Node): readonly DefaultTreeAdapterTypes.Node[] => {
  if ('content' in node) return node.content.childNodes
  return 'childNodes' in node ? node.childNodes : []
}

const toElement = (element: DefaultTreeAdapterTypes.Element, around: Around, html: string): PageElement => {
  const { tagName: name, attrs, childNodes } = element
  const tag = toTag(element, html)
  return {
    name,
    ...around,
    attributes: attrs,
    node: element,
    text: HAS_TEXT.has(name) ? childNodes.map((each) => ('value' in each ? each.value : '')).join('') : '',
    tag,
  }
}

const HAS_TEXT: ReadonlySet<string> = new Set(['style', 'script'])

const toTag = (
  { tagName, attrs, sourceCodeLocation }: DefaultTreeAdapterTypes.Element,
  html: string,
): PageTag | undefined => {
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
