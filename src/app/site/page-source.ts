import { readCopy } from '../../core/resized-copy.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { ShownFiles } from '../../page/image-tag.ts'
import type { PagePictures } from '../../page/page-pictures.ts'
import type { PagePlace, SiteSources, SourceCandidate } from '../../page/site-sources.ts'
import type { Dense } from '../../page/srcset.ts'

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

/** The sources of a site, as far as they are known. */
export interface KnownSources {
  readonly sources: SiteSources
  /** Undefined where there is no such source. */
  readonly find: (source: SourceKey) => PageSource | undefined
}

/** The sources that addresses may mean, also by smaller copies. */
export const listMeant = (
  addresses: readonly string[],
  place: PagePlace,
  sources: SiteSources,
): readonly SourceKey[] =>
  addresses
    .flatMap((address) => [address, ...(readCopy(address)?.originals ?? [])])
    .flatMap((address) => sources.candidates(address, place).map(({ source }) => source))

/** A source that a page shows. */
export interface Found {
  readonly candidate: SourceCandidate
  readonly known: PageSource
}

/** A source that a tag shows, perhaps by smaller copies of a width in pixels of CSS. */
interface Shown extends Found {
  readonly copyWidth?: number | undefined
}

/** The source that a tag shows: the one that it names, or of which all its files are smaller copies, and uncropped. */
export const findShown = (
  { src, files, densities, isSized }: ShownFiles,
  page: PagePlace,
  rules: KnownSources,
): Shown | undefined => {
  if (files === undefined)
    return (
      (densities === undefined ? findSource(src, page, rules) : undefined) ??
      findAlike({ densities: densities ?? [[src, 1]], isSized }, page, rules)
    )
  // The files of one `srcset` show the same: a copy is not cropped if its original stands beside it.
  const listed = new Set(files.map((file) => findSource(file, page, rules)?.candidate.source))
  const [first = [], ...others] = [...new Set([src, ...files])].map((address) => {
    const own = findSource(address, page, rules)
    const originals = findOriginals(address, page, rules)
    const whole = originals.filter(({ candidate, isWhole }) => isWhole ?? listed.has(candidate.source))
    return [...(own === undefined ? [] : [own]), ...whole]
  })
  return first.find(({ candidate: { source } }) =>
    others.every((each) => each.some(({ candidate }) => candidate.source === source)),
  )
}

/**
 * The source of which files are copies, all of a width that is known; and as wide as one another by their densities, where
 * nothing else says how wide they are shown.
 */
const findAlike = (
  { densities, isSized }: { readonly densities: readonly Dense[]; readonly isSized: boolean },
  page: PagePlace,
  rules: KnownSources,
): Shown | undefined => {
  const [first = [], ...others] = densities.map(([file, density]) => {
    const own = findSource(file, page, rules)
    const whole = findOriginals(file, page, rules).filter(({ isWhole }) => isWhole)
    return [...(own === undefined ? [] : [{ ...own, width: widthOf(own) }]), ...whole].flatMap((each) =>
      each.width === undefined ? [] : [{ ...each, copyWidth: Math.round(each.width / density) }],
    )
  })
  return first.find(({ candidate: { source }, copyWidth }) =>
    others.every((each) =>
      each.some(
        (other) =>
          other.candidate.source === source && (isSized || Math.abs(other.copyWidth - copyWidth) <= 1),
      ),
    ),
  )
}

const widthOf = ({ candidate, known }: Found): number | undefined =>
  known.pictures?.facts(candidate.source)?.width

/** A source of which an address may be a smaller copy, and whether that shows all of it; undefined: not known. */
interface Original extends Found {
  readonly isWhole: boolean | undefined
  /** How wide the copy is, where that is known. */
  readonly width: number | undefined
}

/** The sources of which an address may be a smaller copy. */
export const findOriginals = (address: string, page: PagePlace, rules: KnownSources): readonly Original[] => {
  const copy = readCopy(address)
  return (copy?.originals ?? []).flatMap((original) => {
    const found = findSource(original, page, rules)
    const facts = found?.known.pictures?.facts(found.candidate.source)
    if (found === undefined) return []
    const width = copy?.width && Math.min(copy.width, facts?.width ?? copy.width)
    return [{ ...found, width, isWhole: facts === undefined || copy?.isWhole(facts) }]
  })
}

/** The source that an address means; undefined where there is none of that name. */
export const findSource = (
  address: string,
  page: PagePlace,
  { sources, find }: KnownSources,
): Found | undefined => {
  for (const candidate of sources.candidates(address, page)) {
    const known = find(candidate.source)
    if (known !== undefined) return { candidate, known }
  }
  return undefined
}
