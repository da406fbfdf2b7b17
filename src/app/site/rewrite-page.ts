import { asProblem } from '../../core/problem.ts'
import { findOriginal } from '../../core/resized-copy.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { isForbidden } from '../../page/content-policy.ts'
import type { PagePictures, PlacedPicture } from '../../page/page-pictures.ts'
import type { PageKind } from '../../page/page-tags.ts'
import type { Picture } from '../../page/picture-data.ts'
import { findBrokenRule, findFileRule, type PageRule } from '../../page/place-rules.ts'
import {
  type ImageTag,
  listAddresses,
  type Mention,
  type NamedAddress,
  type PageParts,
  type PreloadTag,
  readPage,
} from '../../page/read-page.ts'
import { editPreload, editTag, sizeOfTag, type TextEdit, toAscii } from '../../page/rewrite-html.ts'
import type { PagePlace, SiteSources, SourceCandidate } from '../../page/site-sources.ts'
import type { LeftReason, PageEvent } from './page-event.ts'
import type { ReadPageRules } from './page-rules.ts'

/** A file as a site publishes it. */
export interface PublishedFile {
  readonly sizeBytes: number
  /** Hashes of its bytes, in lower-case hex. */
  digest(): Promise<{ readonly sha256: string; readonly md5: string }>
}

/** A source that pages may name. */
export interface PageSource {
  /** Size of the original; undefined where unknown. */
  readonly sizeBytes?: number
  /** Whether a build makes it; undefined: yes. */
  readonly isIncluded?: boolean
  /** Undefined where the source exists, but was not built as it is now. */
  readonly pictures?: PagePictures
  /** Why a build that tried could make nothing of it. */
  readonly failure?: string | undefined
  /** The most bytes that a browser with support for the most compact format loads; undefined where unknown. */
  largestBytes?(size: string): number | undefined
  /** Whether a build has made all files of a size; undefined where unknown. */
  isBuilt?(size: string): boolean
  isMade(size: string): boolean
  /** Whether the source is a drawing, and this size keeps it one. */
  isVector(size: string): boolean
  /** Whether a published file is the original; true where unknown. */
  isOriginal(file: PublishedFile): Promise<boolean>
}

/** What all pages of a site have in common. */
export interface RewriteRules {
  readonly sources: SiteSources
  /** Undefined where there is no such source. */
  readonly find: (source: SourceKey) => PageSource | undefined
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
  const shown = new Map<SourceKey, Picture>()
  const edits: TextEdit[] = []
  for (const tag of images) {
    const decision = await decideTag(tag, { page, pageRules, policies }, rules)
    if (decision === undefined) continue
    if (!shown.has(decision.source)) shown.set(decision.source, decision.picture)
    edits.push(...editTag(tag, decision.picture, kind))
  }
  for (const tag of preloads) edits.push(...decidePreload(tag, { page, shown }, rules))
  for (const mention of mentions) tellNamed(mention, page, rules)
  return kind.isAscii ? edits.map(toAscii) : edits
}

/** A page that has been read. */
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
  const addresses = [...images.map(({ src }) => src), ...preloads.map(({ href }) => href)]
  return toSources([...addresses, ...mentions.map(({ address }) => address)], place, sources)
}

/** All addresses of pictures on a page, from the text alone, and what they are relative to: a third of the time. */
export const listPageAddresses = (
  text: string,
  path: string,
): { readonly addresses: readonly NamedAddress[]; readonly place: PagePlace } => {
  const { addresses, ...address } = listAddresses(text, { isXml: isXhtml(path, text) })
  return { addresses, place: { path, ...address } }
}

/** Also of originals that are shown by smaller copies. */
export const toSources = (
  addresses: readonly string[],
  place: PagePlace,
  sources: SiteSources,
): readonly SourceKey[] =>
  addresses
    .flatMap((address) => [address, findOriginal(address) ?? []].flat())
    .flatMap((address) => sources.candidates(address, place).map(({ source }) => source))

/** The sources that a page shows in an `<img>` that may be rewritten, with the sizes: what to build for the page. */
export const listNeeds = async (
  { parts: { images }, place }: ParsedPage,
  rules: RewriteRules,
): Promise<readonly { readonly source: SourceKey; readonly size: string }[]> => {
  const needs: { readonly source: SourceKey; readonly size: string }[] = []
  for (const tag of images) {
    const found = tag.keptAs === undefined ? findSource(tag.src, place, rules) : undefined
    const size = sizeOfTag(tag) ?? rules.defaultSize
    if (found?.known.isMade(size) && !(await isAnotherFile(found, rules)))
      needs.push({ source: found.candidate.source, size })
  }
  return needs
}

/** Whether a page is XHTML, by its name or its first lines. */
const isXhtml = (path: string, text: string): boolean =>
  /\.xhtml$/i.test(path) || /^\ufeff?<\?xml\s/.test(text)

interface Decided {
  readonly source: SourceKey
  readonly picture: PlacedPicture
}

/** What else of a page decides about a tag. */
interface Surroundings extends Pick<PageParts, 'policies'> {
  readonly page: PagePlace
  readonly pageRules: readonly PageRule[]
}

/** The text that replaces a tag; undefined where the tag stays, and then it is told why. */
const decideTag = async (
  tag: ImageTag,
  { page, policies, pageRules }: Surroundings,
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
  const found = findSource(tag.src, page, rules)
  if (found === undefined) {
    const original = findOriginal(tag.src)
    const source = original && findSource(original, page, rules)?.candidate.source
    if (source) return leave('copy', { source })
    return leave(rules.sources.pathOf(tag.src, page) === undefined ? 'elsewhere' : 'unknown')
  }
  const { candidate, known } = found
  const { source } = candidate
  if (await isAnotherFile(found, rules)) return leave('different', { source })
  const script = pageRules.find(({ does, matches }) => does === 'set-source' && matches(tag.node))?.text
  if (script !== undefined) return leave('scripted', { source, failure: script })
  const size = sizeOfTag(tag) ?? rules.defaultSize
  if (known.isVector(size)) return leave('vector', { source })
  const isLeftOut = known.isIncluded === false && known.failure === undefined
  if (known.pictures === undefined && isLeftOut) return leave('left-out', { source })
  if (known.pictures === undefined) return leave('unbuilt', { source, failure: known.failure })
  try {
    const rule = findBrokenRule(tag.node, pageRules) ?? tag.script
    const picture = known.pictures.inPlaceOf(tag, source, {
      size,
      isAlone: rule !== undefined || tag.hydratedBy !== undefined,
    })
    if (!known.isMade(size)) return leave('unmatched', { source })
    const { src, srcSet: srcset, sizes } = picture.img
    // What is fetched with `crossorigin` needs leave of another host.
    const demands = tag.attributes.has('crossorigin') ? [...policies, "img-src 'self'"] : policies
    if (isForbidden(src, { instead: tag.src, own: page.canonical }, demands))
      return leave('forbidden', { source })
    const styled = findFileRule(tag.node, pageRules, { src, srcset, sizes })
    if (styled !== undefined) return leave('styled', { source, failure: styled })
    const [before, after] = [known.sizeBytes, known.largestBytes?.(size)]
    tell({
      kind: 'picture-rewritten',
      page: page.path,
      source,
      size,
      rule,
      hydratedBy: tag.hydratedBy,
      ...(!picture.saysWidth && { isUnsized: true }),
      ...(known.isBuilt?.(size) === false && { isIncomplete: true }),
      ...(before !== undefined && after !== undefined && { sizeBytes: { before, after } }),
    })
    return { source, picture }
  } catch (error) {
    tell({ kind: 'picture-failed', page: page.path, address: tag.src, problem: asProblem(error) })
    return undefined
  }
}

interface Found {
  readonly candidate: SourceCandidate
  readonly known: PageSource
}

const findSource = (
  address: string,
  page: PagePlace,
  { sources, find }: Pick<RewriteRules, 'sources' | 'find'>,
): Found | undefined => {
  for (const candidate of sources.candidates(address, page)) {
    const known = find(candidate.source)
    if (known !== undefined) return { candidate, known }
  }
  return undefined
}

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
  const source = findSource(tag.href, page, rules)?.candidate.source
  const picture = source && shown.get(source)
  if (picture !== undefined) return editPreload(tag, picture)
  tellNamed({ by: 'preload', address: tag.href }, page, rules)
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
