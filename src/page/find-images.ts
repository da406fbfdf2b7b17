import { type DefaultTreeAdapterMap, type DefaultTreeAdapterTypes, type ParserOptions, parse } from 'parse5'

/** An attribute of a tag: its value, and where it stands in the text. */
export interface TagAttribute {
  readonly value: string
  readonly start: number
  readonly end: number
}

/** An `<img>` with a `src`. Offsets are into the page's text. */
export interface ImageTag {
  readonly start: number
  readonly end: number
  readonly attributes: ReadonlyMap<string, TagAttribute>
  readonly src: string
  /** Why it stays as it is; undefined where it may be rewritten. */
  readonly keptAs?: 'responsive' | 'off'
}

/** The pictures of a page. */
export interface PageImages {
  /** The `href` of its first `<base>`. */
  readonly base?: string
  /** In order of the text. */
  readonly tags: readonly ImageTag[]
}

/** Finds every `<img>` of a page that says where it is, inside templates, too. */
export const findImages = (html: string): PageImages => {
  const tags = new Map<number, ImageTag>()
  const base = walk(html, { sourceCodeLocationInfo: true }, (element, isInPicture) => {
    const tag = toTag(element, html, isInPicture)
    if (tag !== undefined) tags.set(tag.start, tag)
  })
  return {
    ...(base !== undefined && { base }),
    tags: [...tags.values()].sort((a, b) => a.start - b.start),
  }
}

/** The addresses of every `<img>` of a page, and its `<base>`: what {@link findImages} finds, at a third of the time. */
export const listAddresses = (
  html: string,
): { readonly base?: string; readonly addresses: readonly string[] } => {
  const addresses: string[] = []
  const base = walk(html, {}, ({ attrs }) => {
    const src = attrs.find(({ name }) => name === 'src')?.value.trim()
    if (src !== undefined && src !== '') addresses.push(src)
  })
  return { ...(base !== undefined && { base }), addresses }
}

/** Calls `onImage` for every `<img>`, and gives the `href` of the first `<base>`. */
const walk = (
  html: string,
  options: ParserOptions<DefaultTreeAdapterMap>,
  onImage: (element: DefaultTreeAdapterTypes.Element, isInPicture: boolean) => void,
): string | undefined => {
  if (!/<img/i.test(html)) return undefined
  let base: string | undefined
  const visit = (node: DefaultTreeAdapterTypes.Node, isInPicture: boolean): void => {
    const tagName = 'tagName' in node ? node.tagName : ''
    if (tagName === 'base' && 'attrs' in node) base ??= node.attrs.find(({ name }) => name === 'href')?.value
    if (tagName === 'img' && 'attrs' in node) onImage(node, isInPicture)
    for (const child of childrenOf(node)) visit(child, isInPicture || tagName === 'picture')
  }
  visit(parse(html, options), false)
  return base
}

const childrenOf = (node: DefaultTreeAdapterTypes.Node): readonly DefaultTreeAdapterTypes.Node[] => {
  if ('content' in node) return node.content.childNodes
  return 'childNodes' in node ? node.childNodes : []
}

/** `data-imgsizes` says which size, or that a picture is to be left alone. */
export const SIZE_ATTRIBUTE = 'data-imgsizes'

const toTag = (
  { attrs, sourceCodeLocation }: DefaultTreeAdapterTypes.Element,
  html: string,
  isInPicture: boolean,
): ImageTag | undefined => {
  const places = sourceCodeLocation?.attrs
  if (!sourceCodeLocation || places === undefined) return undefined
  const { startOffset: start, endOffset: end } = sourceCodeLocation
  // The parser makes an img of `<image>`, and of what else may come.
  if (!/^<img[\s/>]/i.test(html.slice(start, start + 5))) return undefined
  const attributes = new Map<string, TagAttribute>()
  for (const { name, value } of attrs) {
    const place = places[name]
    if (place !== undefined) attributes.set(name, { value, start: place.startOffset, end: place.endOffset })
  }
  const src = attributes.get('src')?.value.trim()
  if (src === undefined || src === '') return undefined
  const isResponsive = isInPicture || attributes.has('srcset')
  const isOff = attributes.get(SIZE_ATTRIBUTE)?.value === 'off'
  return {
    start,
    end,
    attributes,
    src,
    ...(isResponsive ? { keptAs: 'responsive' } : isOff && { keptAs: 'off' }),
  }
}
