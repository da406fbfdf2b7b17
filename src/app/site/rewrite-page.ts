import { asProblem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { findBrokenRule, findFileRule } from '../../page/broken-rule.ts'
import { forbidsStyle, isForbidden } from '../../page/content-policy.ts'
import { createFindCoverHeight } from '../../page/cover-height.ts'
import { type ImageTag, readLength, type ShownFiles } from '../../page/image-tag.ts'
import type { PlacedPicture } from '../../page/page-pictures.ts'
import type { PageKind } from '../../page/page-tags.ts'
import type { Picture } from '../../page/picture-data.ts'
import { createFindRules } from '../../page/place-rules.ts'
import {
  listAddresses,
  type Mention,
  type NamedAddress,
  type PageParts,
  type PreloadTag,
  readPage,
} from '../../page/read-page.ts'
import { editPreload, editTag, sizeOfTag, type TextEdit, toAscii } from '../../page/rewrite-html.ts'
import type { PagePlace, SiteSources } from '../../page/site-sources.ts'
import type { LeftReason, PageEvent } from './page-event.ts'
import type { ReadPageRules } from './page-rules.ts'
import {
  type Found,
  findOriginals,
  findShown,
  findSource,
  type KnownSources,
  listMeant,
  type PublishedFile,
} from './page-source.ts'

/** What all pages of a site have in common. */
export interface RewriteRules extends KnownSources {
  /** The file that is published at a path below the site's root. */
  readonly look: (sitePath: string) => Promise<PublishedFile | undefined>
  readonly readPageRules: ReadPageRules
  /** The Content-Security-Policies in the site's headers. */
  readonly policies: readonly string[]
  /** The size of pictures that name none. */
  readonly defaultSize: string
  readonly tell: (event: PageEvent) => void
}

/**
 * The edits by which a picture of several formats replaces each `<img>` that shows a known source; preloads are changed
 * to match. In the edited page there is nothing to edit.
 */
export const rewritePage = async (
  { kind, place: page, parts }: ParsedPage,
  rules: RewriteRules,
): Promise<readonly TextEdit[]> => {
  const { images, preloads, mentions, codes } = parts
  const policies = [...parts.policies, ...rules.policies]
  const pageRules = await rules.readPageRules(images.length === 0 ? [] : codes, page)
  const surroundings = {
    page,
    policies,
    findRules: createFindRules(pageRules),
    findCoverHeight: createFindCoverHeight(pageRules),
    ...(forbidsStyle(policies) && { styleRule: "style-src without 'unsafe-inline'" }),
  }
  const shown = new Map<SourceKey, Picture>()
  const replaced = new Set<string>()
  const edits: TextEdit[] = []
  for (const tag of images) {
    const decision = await decideTag(tag, surroundings, rules)
    if (decision === undefined) continue
    if (!shown.has(decision.source)) shown.set(decision.source, decision.picture)
    edits.push(...editTag(tag, decision.picture, kind))
    for (const file of [...listOwn(tag), ...(tag.later ? [tag.src] : [])]) replaced.add(file)
  }
  for (const tag of preloads) {
    const changes = decidePreload(tag, { page, shown }, rules)
    edits.push(...changes)
    if (changes.length > 0) for (const file of listOwn(tag)) replaced.add(file)
  }
  for (const mention of mentions)
    if (!/^(?:srcset|data)$/.test(mention.by) || !replaced.has(mention.address))
      tellNamed(mention, page, rules)
  return kind.isAscii ? edits.map(toAscii) : edits
}

/** The files of a `srcset`. */
const listOwn = ({ files, densities }: ShownFiles): readonly string[] =>
  files ?? densities?.map(([file]) => file) ?? []

interface ParsedPage {
  readonly kind: PageKind
  readonly place: PagePlace
  readonly parts: PageParts
}

/** Reads a page, HTML or XHTML; a `<base>` element changes what its addresses are relative to. */
export const parsePage = (
  text: string,
  place: Pick<PagePlace, 'path' | 'folder'>,
  { isAscii = false }: Pick<PageKind, 'isAscii'> = {},
): ParsedPage => {
  const kind = { isXml: isXhtml(place.path, text), isAscii }
  const parts = readPage(text, kind)
  const { base, canonical } = parts
  return { kind, place: { ...place, base, canonical }, parts }
}

/** The sources that the addresses of a page may mean; they must be looked up before {@link rewritePage}. */
export const listPageSources = (
  { parts: { images, preloads, mentions }, place }: ParsedPage,
  sources: SiteSources,
): readonly SourceKey[] => {
  const addresses = [...images.map(({ src }) => src), ...preloads.map(({ src }) => src)]
  return listMeant([...addresses, ...mentions.map(({ address }) => address)], place, sources)
}

/** All addresses of pictures on a page, from the text alone, and what they are relative to: a third of the time. */
export const listPageAddresses = (
  text: string,
  path: string,
): { readonly addresses: readonly NamedAddress[]; readonly place: PagePlace } => {
  const { addresses, ...address } = listAddresses(text, { isXml: isXhtml(path, text) })
  return { addresses, place: { path, ...address } }
}

/** The sources that a page shows in an `<img>` that may be rewritten, with the sizes: what to build for the page. */
export const listNeeds = async (
  { parts: { images }, place }: ParsedPage,
  rules: RewriteRules,
): Promise<readonly { readonly source: SourceKey; readonly size: string }[]> => {
  const needs: { readonly source: SourceKey; readonly size: string }[] = []
  for (const tag of images) {
    const found = tag.keptAs === undefined ? findShown(tag, place, rules) : undefined
    const size = sizeOfTag(tag) ?? rules.defaultSize
    if (found?.known.isMade(size) && !(await isAnotherFile(found, rules)))
      needs.push({ source: found.candidate.source, size })
  }
  return needs
}

const isXhtml = (path: string, text: string): boolean =>
  /\.xhtml$/i.test(path) || /^\ufeff?<\?xml\s/.test(text)

interface Decided {
  readonly source: SourceKey
  readonly picture: PlacedPicture
}

/** What else of a page decides about a tag. */
interface Surroundings extends Pick<PageParts, 'policies'> {
  readonly page: PagePlace
  readonly findRules: ReturnType<typeof createFindRules>
  readonly findCoverHeight: ReturnType<typeof createFindCoverHeight>
  /** Present where a `style` in a tag, which a `<picture>` needs, is forbidden. */
  readonly styleRule?: string
}

/** The text that replaces a tag; undefined where the tag stays, and then it is told why. */
const decideTag = async (
  tag: ImageTag,
  { page, policies, findRules, findCoverHeight, styleRule }: Surroundings,
  rules: RewriteRules,
): Promise<Decided | undefined> => {
  const { tell } = rules
  const leave = (
    reason: LeftReason,
    more: { source?: SourceKey; failure?: string | undefined } = {},
  ): undefined => {
    tell({ kind: 'picture-left', page: page.path, address: tag.src, reason, ...more })
  }
  if (tag.keptAs !== undefined) return leave(tag.keptAs)
  const found = findShown(tag, page, rules)
  if (found === undefined) {
    if ((tag.files ?? tag.densities) !== undefined) return leave('responsive')
    const [original] = findOriginals(tag.src, page, rules)
    if (original) return leave('copy', { source: original.candidate.source })
    return leave(rules.sources.pathOf(tag.src, page) === undefined ? 'elsewhere' : 'unknown')
  }
  const { candidate, known, copyWidth } = found
  const { source } = candidate
  // A script would show one file, as wide as that is.
  if (tag.later && copyWidth !== undefined) return leave('copy', { source })
  if (await isAnotherFile(found, rules)) return leave('different', { source })
  const pageRules = findRules(tag.node)
  const script = pageRules.find(({ does, matches }) => does === 'set-source' && matches(tag.node))?.text
  const later = tag.later?.srcset ?? tag.later?.src
  if (later === undefined ? script !== undefined : tag.hydratedBy !== undefined)
    return leave('scripted', { source, failure: script })
  const size = sizeOfTag(tag) ?? rules.defaultSize
  if (known.isVector(size)) return leave('vector', { source })
  const isLeftOut = known.isIncluded === false && known.failure === undefined
  if (known.pictures === undefined && isLeftOut) return leave('left-out', { source })
  if (known.pictures === undefined) return leave('unbuilt', { source, failure: known.failure })
  try {
    const rule = later ? `img[${later}]` : (findBrokenRule(tag.node, pageRules) ?? tag.script ?? styleRule)
    const picture = known.pictures.inPlaceOf(tag, source, {
      size,
      isAlone: rule !== undefined || tag.hydratedBy !== undefined,
      copyWidth,
      cover: findCoverHeight(tag.node),
    })
    if (!known.isMade(size)) return leave('unmatched', { source })
    if (tag.later && !fitsLater(tag, picture, known.pictures.facts(source)?.width))
      return leave('scripted', { source })
    const { src, srcSet: srcset, sizes } = picture.img
    // What is fetched with `crossorigin` needs leave of another host.
    const demands = tag.attributes.has('crossorigin') ? [...policies, "img-src 'self'"] : policies
    if (isForbidden(src, { instead: tag.src, own: page.canonical }, demands))
      return leave('forbidden', { source })
    const styled = findFileRule(tag.node, pageRules, { src, srcset, sizes })
    if (styled !== undefined) return leave('styled', { source, failure: styled })
    const [before, after] = [
      copyWidth === undefined ? known.sizeBytes : undefined,
      known.largestBytes?.(size),
    ]
    tell({
      kind: 'picture-rewritten',
      page: page.path,
      source,
      size,
      rule,
      hydratedBy: tag.hydratedBy,
      ...(!picture.saysWidth && !later && { isUnsized: true }),
      ...(known.isBuilt?.(size) === false && { isIncomplete: true }),
      ...(before !== undefined && after !== undefined && { sizeBytes: { before, after } }),
    })
    return { source, picture }
  } catch (error) {
    tell({ kind: 'picture-failed', page: page.path, address: tag.src, problem: asProblem(error) })
    return undefined
  }
}

/** A script shows one file at its own width, where the tag says none: then it must be as wide as the original. */
const fitsLater = ({ files, attributes }: ImageTag, { img }: Picture, width = 0): boolean =>
  files !== undefined || img.width >= Math.min(width, readLength(attributes.get('width')?.value) ?? width)

/** Whether the file that is published under the source's name has other bytes than the original. */
const isAnotherFile = async (
  { candidate: { sitePath }, known }: Found,
  { look }: RewriteRules,
): Promise<boolean> => {
  const published = sitePath === undefined ? undefined : await look(sitePath)
  return published !== undefined && !(await known.isOriginal(published))
}

/** A preload is changed to the files of the picture that shows it; if no picture does, it stays, and this is told. */
const decidePreload = (
  tag: PreloadTag,
  { page, shown }: { readonly page: PagePlace; readonly shown: ReadonlyMap<SourceKey, Picture> },
  rules: RewriteRules,
): readonly TextEdit[] => {
  const source = findShown(tag, page, rules)?.candidate.source
  const picture = source && shown.get(source)
  if (picture !== undefined) return editPreload(tag, picture)
  if ((tag.files ?? tag.densities) === undefined) tellNamed({ by: 'preload', address: tag.src }, page, rules)
  return []
}

/** Tells of an address outside of an `<img>` that means an original. */
export const tellNamed = ({ by, address }: Mention, page: PagePlace, rules: RewriteRules): void => {
  const found = findSource(address, page, rules)
  // A drawing may be shown as it is anywhere, except in metadata: its readers want a raster picture.
  if (found === undefined || (by !== 'meta' && found.known.isVector(rules.defaultSize))) return
  // Nothing is made of it: a font, or what the configuration leaves out.
  if (found.known.isIncluded === false) return
  rules.tell({ kind: 'original-named', page: page.path, by, source: found.candidate.source })
}
