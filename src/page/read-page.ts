import { html } from 'parse5'
import { listCssUrls } from './css-urls.ts'
import { createFindScript, frameworkOfScript, needsScript } from './hydration.ts'
import { type ImageTag, type ShownFiles, toImage } from './image-tag.ts'
import { listCodes, type PageCode } from './page-code.ts'
import {
  attributeOf,
  type PageElement,
  type PageKind,
  type PageTag,
  readElements,
  tagOf,
  textOf,
} from './page-tags.ts'
import { listCandidates, listDensities, listFiles } from './srcset.ts'

/** A `<link>` that preloads a picture. */
export interface PreloadTag extends PageTag, ShownFiles {}

/** How a page names a picture, other than by an `<img>` that may be rewritten. */
export type NamedBy = 'srcset' | 'data' | 'meta' | 'icon' | 'poster' | 'css' | 'preload' | 'element'

/** A picture that a page names in such a way. */
export interface Mention {
  readonly by: NamedBy
  readonly address: string
}

/** What a page says of its address. */
export interface PageAddress {
  /** The `href` of its `<base>`. */
  readonly base?: string | undefined
  /** Its own address, by its canonical link or its `og:url`. */
  readonly canonical?: string | undefined
}

/** What a page says of pictures. */
export interface PageParts extends PageAddress {
  readonly images: readonly ImageTag[]
  readonly preloads: readonly PreloadTag[]
  readonly mentions: readonly Mention[]
  readonly codes: readonly PageCode[]
  /** Its Content-Security-Policies. */
  readonly policies: readonly string[]
}

/** All pictures of a page, in the order of the text. */
export const readPage = (html: string, kind: PageKind = {}): PageParts => {
  const images = new Map<number, ImageTag>()
  const preloads: PreloadTag[] = []
  const mentions: Mention[] = []
  const codes: PageCode[] = []
  const policies: string[] = []
  let framework: string | undefined
  let loadsScript = false
  const address = walk(html, { ...kind, hasOffsets: true }, (element) => {
    if (element.name === 'script') {
      framework ??= frameworkOfScript(textOf(element))
      loadsScript ||= loads(element)
    }
    // One by one: an element may have more than a call takes.
    for (const mention of listMentions(element)) mentions.push(mention)
    for (const code of listCodes(element)) codes.push(code)
    if (attributeOf(element, 'http-equiv')?.trim().toLowerCase() === 'content-security-policy')
      policies.push(attributeOf(element, 'content') ?? '')
    const preload = toPreload(element)
    const tag = element.name === 'img' || preload !== undefined ? tagOf(element, html) : undefined
    if (tag && preload !== undefined) preloads.push({ ...tag, ...preload })
    const image = tag && toImage(element, tag)
    if (image !== undefined) images.set(image.start, image)
  })
  const findScript = createFindScript(loadsScript)
  return {
    ...address,
    images: [...images.values()]
      .map((image) => ({
        ...image,
        script: findScript(image.node),
        hydratedBy:
          framework ?? (loadsScript || !needsScript(image.hydratedBy) ? image.hydratedBy : undefined),
      }))
      .sort((a, b) => a.start - b.start),
    preloads,
    mentions,
    codes,
    policies,
  }
}

/** An address of a picture, and how a page names it. */
export interface NamedAddress {
  readonly by: NamedBy | 'img'
  readonly address: string
}

/** Whether it is a file's script, or a module, as bundlers write them into pages. */
const loads = (script: PageElement): boolean =>
  attributeOf(script, 'src') !== undefined || attributeOf(script, 'type')?.trim().toLowerCase() === 'module'

/** Every address that {@link readPage} finds, in a third of the time. */
export const listAddresses = (
  html: string,
  kind: PageKind = {},
): PageAddress & { readonly addresses: readonly NamedAddress[] } => {
  const addresses: NamedAddress[] = []
  const address = walk(html, kind, (element) => {
    const own = element.name === 'img' ? attributeOf(element, 'src')?.trim() : toPreload(element)?.src
    if (own) addresses.push({ by: 'img', address: own })
    for (const mention of listMentions(element)) addresses.push(mention)
  })
  return { ...address, addresses }
}

/** Pages without any of these name no picture, and are not parsed. */
const NAMES_PICTURE =
  /<(?:img|image|input|object|embed|amp-img)|url\(|image-set\(|poster=|background=|srcdoc=|data-|["':=]image|icon|startup-image|pre(?:load|fetch)|ld\+json/i

/** Calls `visit` for every element, and returns what the first ones of their kind say of the page's address. */
const walk = (
  html: string,
  options: Parameters<typeof readElements>[1],
  visit: (element: PageElement) => void,
): PageAddress => {
  if (!NAMES_PICTURE.test(html)) return {}
  let base: string | undefined
  let canonical: string | undefined
  for (const element of readElements(html, options)) {
    if (element.name === 'base' && isOfDocument(element)) base ??= attributeOf(element, 'href')
    canonical ??= canonicalOf(element)
    visit(element)
  }
  return { base, canonical }
}

const canonicalOf = (element: PageElement): string | undefined => {
  if (element.name === 'meta' && attributeOf(element, 'property')?.toLowerCase() === 'og:url')
    return attributeOf(element, 'content')
  const isLink = element.name === 'link' && attributeOf(element, 'rel')?.trim().toLowerCase() === 'canonical'
  return isLink ? attributeOf(element, 'href') : undefined
}

/** A `<base>` in a `<template>` or in SVG has no effect. */
const isOfDocument = ({ node }: PageElement): boolean => {
  let root: PageElement['node']['parentNode'] = node
  while (root !== null && 'parentNode' in root) root = root.parentNode
  return root?.nodeName === '#document' && node.namespaceURI === html.NS.HTML
}

/**
 * What a `<link>` preloads or prefetches. With several files a prefetch has no effect, and needs none: the page itself
 * shows the picture.
 */
const toPreload = (element: PageElement): ShownFiles | undefined => {
  if (element.name !== 'link') return undefined
  const isPreload = /(?:^|\s)pre(?:load|fetch)(?:\s|$)/i.test(attributeOf(element, 'rel') ?? '')
  if (!isPreload || attributeOf(element, 'as')?.toLowerCase() !== 'image') return undefined
  const srcset = attributeOf(element, 'imagesrcset')
  const files = listFiles(srcset)
  const densities = files || srcset === undefined ? undefined : listDensities(srcset)
  const src =
    srcset === undefined ? attributeOf(element, 'href')?.trim() : (files?.[0] ?? densities?.[0]?.[0])
  return src === undefined ? undefined : { src, files, densities, isSized: true }
}

const listMentions = (element: PageElement): readonly Mention[] => {
  const { name: tagName, attributes } = element
  const mentions = attributes.flatMap(({ name, value }): readonly Mention[] => {
    if (name === 'style') return listCssUrls(value).map((address) => ({ by: 'css', address }))
    if (name === 'srcset' || name === 'imagesrcset')
      return listCandidates(value).map((address) => ({ by: 'srcset', address }))
    if (name === 'poster') return [{ by: 'poster', address: value.trim() }]
    if (name === 'content' && tagName === 'meta' && isShareImage(element))
      return [{ by: 'meta', address: withoutHost(value.trim()) }]
    if (name.startsWith('data-') && LOOKS_LIKE_PICTURE.test(value))
      return listCandidates(value).map((address) => ({ by: 'data', address }))
    if (name === 'srcdoc')
      return listAddresses(value).addresses.map(({ address }) => ({ by: 'element', address }))
    if (name === 'href' && tagName === 'link') return listLinked(element, value.trim())
    return showsByItself(element, name) ? [{ by: 'element', address: value.trim() }] : []
  })
  if (tagName === 'style')
    return [...mentions, ...listCssUrls(textOf(element)).map((address): Mention => ({ by: 'css', address }))]
  return isLinkedData(element) ? [...mentions, ...listLinkedData(textOf(element))] : mentions
}

/** Whether a script is JSON-LD. */
const isLinkedData = (element: PageElement): boolean =>
  element.name === 'script' && /^\s*application\/ld\+json\s*(?:;|$)/i.test(attributeOf(element, 'type') ?? '')

/** The pictures that JSON-LD names, whatever for; none where it is not JSON. */
const listLinkedData = (text: string): readonly Mention[] => {
  const mentions: Mention[] = []
  try {
    JSON.parse(text, (_, value: unknown) => {
      if (typeof value === 'string' && LOOKS_LIKE_PICTURE.test(value))
        mentions.push({ by: 'meta', address: withoutHost(value.trim()) })
      return value
    })
  } catch {
    return [] // it only throws for what search engines do not read either
  }
  return mentions
}

/** The picture that a `<link>` names as an icon, for sharing or for a later page; other links load none. */
const listLinked = (element: PageElement, address: string): readonly Mention[] => {
  const rel = attributeOf(element, 'rel') ?? ''
  if (!LOOKS_LIKE_PICTURE.test(address) || toPreload(element) !== undefined) return []
  if (/icon|startup-image/i.test(rel)) return [{ by: 'icon', address }]
  if (/(?:^|\s)image_src(?:\s|$)/i.test(rel)) return [{ by: 'meta', address: withoutHost(address) }]
  return /(?:^|\s)prefetch(?:\s|$)/i.test(rel) ? [{ by: 'preload', address }] : []
}

const LOOKS_LIKE_PICTURE = /\.(?:jpe?g|jfif|jpe|png|webp|avif|gif|tiff?|svg)(?:[?#\s,]|$)/i

/** Whether an attribute holds the picture of an element other than `<img>`. */
const showsByItself = (element: PageElement, attribute: string): boolean => {
  if (attribute === 'background') return true
  switch (element.name) {
    case 'input':
      return attribute === 'src' && attributeOf(element, 'type')?.toLowerCase() === 'image'
    case 'embed':
    case 'amp-img':
      return attribute === 'src'
    case 'object':
      return attribute === 'data'
    // Of SVG; the HTML parser gives both `xlink:href` and `href` the same name.
    case 'image':
      return attribute === 'href'
    default:
      return false
  }
}

const isShareImage = (element: PageElement): boolean =>
  /^(?:(?:og|twitter):)?image(?::(?:url|secure_url|src))?$/i.test(
    attributeOf(element, 'property') ??
      attributeOf(element, 'name') ??
      attributeOf(element, 'itemprop') ??
      '',
  )

/** Pictures for sharing are named with the site's own host, which is not known here, so it is removed. */
const withoutHost = (address: string): string => (URL.canParse(address) ? new URL(address).pathname : address)
