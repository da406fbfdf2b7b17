import { asProblem, type Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { findImages, type ImageTag, listAddresses } from '../page/find-images.ts'
import type { Images } from '../page/images.ts'
import { rewriteHtml, sizeOfTag, sizesOfTag, type TagEdit } from '../page/rewrite-html.ts'
import type { Candidate, SiteSources } from '../page/site-sources.ts'

/** The files of a built site; paths are relative to its root, with "/". */
export interface SiteFiles {
  /** Its pages, in order of path. */
  list(): AsyncIterable<string>
  read(path: string): Promise<Uint8Array>
  /** Puts a whole file in the place of another. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Undefined where there is no such file. */
  sizeOf(path: string): Promise<number | undefined>
}

/** A source that pages may name. */
export interface PageSource {
  /** Of the original; undefined where nobody can tell. */
  readonly sizeBytes?: number
  /** Undefined: it is there, and was not built as it is now. */
  readonly images?: Images
  /** Why nothing could be made of it, where a build has tried. */
  readonly failure?: string
  /** Bytes that a browser which shows the most compact format loads at most; undefined where nobody can tell. */
  largestBytes?(size: string): number | undefined
  /** Whether the size is made of this source. */
  isMade(size: string): boolean
}

export interface RewriteInput {
  readonly files: SiteFiles
  readonly sources: SiteSources
  /** Looks sources up; those that are not there are left out. */
  lookUp(sources: ReadonlySet<SourceKey>): Promise<ReadonlyMap<SourceKey, PageSource>>
  /** For pictures that ask for none. */
  readonly defaultSize: string
  /** Only find out what would change. */
  readonly isCheck: boolean
  readonly onProblem: (page: string, problem: Problem) => void
  readonly signal?: AbortSignal
}

/** Why pictures were left as they are. */
export interface LeftCounts {
  /** They have a `srcset`, or stand in a `<picture>`. */
  responsive: number
  off: number
  /** Not a source. */
  unknown: number
  /** A source that was not built as it is now. */
  unbuilt: number
  /** Their size is not made of this source. */
  unmatched: number
  /** The published file is another one than the source of that name. */
  different: number
  failed: number
}

/** A source of which there is nothing to show. */
export interface UnbuiltSource {
  readonly source: SourceKey
  /** Why, where a build has tried. */
  readonly failure?: string
}

export interface RewriteReport {
  readonly pages: number
  readonly changed: number
  readonly rewritten: number
  readonly left: Readonly<LeftCounts>
  /** Of the pictures whose bytes are known before and after: the originals, and the most that is loaded now. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** Some of the sources that were not built. */
  readonly unbuilt: readonly UnbuiltSource[]
}

const MOST_NAMED = 20

/** Rewrites every `<img>` of a site that shows a known source. Running it again changes nothing. */
export const rewriteSite = async (input: RewriteInput): Promise<RewriteReport> => {
  const known = await input.lookUp(await collectSources(input))
  const tally = {
    pages: 0,
    changed: 0,
    rewritten: 0,
    left: { responsive: 0, off: 0, unknown: 0, unbuilt: 0, unmatched: 0, different: 0, failed: 0 },
    bytesBefore: 0,
    bytesAfter: 0,
    unbuilt: new Map<SourceKey, UnbuiltSource>(),
  }
  for await (const page of input.files.list()) {
    input.signal?.throwIfAborted()
    tally.pages++
    if (await rewritePage(page, { input, known, tally })) tally.changed++
  }
  return { ...tally, unbuilt: [...tally.unbuilt.values()].slice(0, MOST_NAMED) }
}

const collectSources = async ({ files, sources, signal }: RewriteInput): Promise<ReadonlySet<SourceKey>> => {
  const wanted = new Set<SourceKey>()
  for await (const page of files.list()) {
    signal?.throwIfAborted()
    const { base, addresses } = listAddresses(decode(await files.read(page)).text)
    for (const src of addresses)
      for (const { source } of sources.candidates(src, page, base)) wanted.add(source)
  }
  return wanted
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Run {
  readonly input: RewriteInput
  readonly known: ReadonlyMap<SourceKey, PageSource>
  readonly tally: Mutable<Omit<RewriteReport, 'left' | 'unbuilt'>> & {
    readonly left: LeftCounts
    readonly unbuilt: Map<SourceKey, UnbuiltSource>
  }
}

/** Whether the page changes. */
const rewritePage = async (page: string, run: Run): Promise<boolean> => {
  const { files, isCheck } = run.input
  const { text, encode } = decode(await files.read(page))
  const { base, tags } = findImages(text)
  const edits: TagEdit[] = []
  for (const tag of tags) {
    const outcome = await decideTag(tag, { page, base }, run)
    if (typeof outcome === 'string') run.tally.left[outcome]++
    else edits.push(outcome)
  }
  run.tally.rewritten += edits.length
  if (edits.length > 0 && !isCheck) await files.write(page, encode(rewriteHtml(text, edits)))
  return edits.length > 0
}

const decideTag = async (
  tag: ImageTag,
  { page, base }: { readonly page: string; readonly base: string | undefined },
  run: Run,
): Promise<TagEdit | keyof LeftCounts> => {
  const { input, known, tally } = run
  if (tag.keptAs !== undefined) return tag.keptAs
  const candidate = input.sources.candidates(tag.src, page, base).find(({ source }) => known.has(source))
  const source = candidate && known.get(candidate.source)
  if (candidate === undefined || source === undefined) return 'unknown'
  if (await isAnotherFile(candidate, source, input.files)) return 'different'
  if (source.images === undefined) {
    if (tally.unbuilt.size < MOST_NAMED) tally.unbuilt.set(candidate.source, toUnbuilt(candidate, source))
    return 'unbuilt'
  }
  const size = sizeOfTag(tag) ?? input.defaultSize
  try {
    const sizes = sizesOfTag(tag)
    const picture = source.images.sources(candidate.source, size, {
      alt: '',
      ...(sizes !== undefined && { sizes }),
    })
    if (!source.isMade(size)) return 'unmatched'
    addSaving(source, size, tally)
    return { tag, picture }
  } catch (error) {
    input.onProblem(page, asProblem(error))
    return 'failed'
  }
}

const toUnbuilt = ({ source }: Candidate, { failure }: PageSource): UnbuiltSource => ({
  source,
  ...(failure !== undefined && { failure }),
})

/** What is published under that name is the original itself, or it is something else. */
const isAnotherFile = async (
  { sitePath }: Candidate,
  { sizeBytes }: PageSource,
  files: SiteFiles,
): Promise<boolean> => {
  if (sitePath === undefined || sizeBytes === undefined) return false
  const published = await files.sizeOf(sitePath)
  return published !== undefined && published !== sizeBytes
}

const addSaving = (source: PageSource, size: string, tally: Run['tally']): void => {
  const after = source.largestBytes?.(size)
  if (after === undefined || source.sizeBytes === undefined) return
  tally.bytesBefore += source.sizeBytes
  tally.bytesAfter += after
}

/**
 * A page's text and the way back to its bytes. A page that is no UTF-8 is read byte for byte as Latin-1: what is
 * put into it is ASCII, and everything else goes back as it came.
 */
const decode = (
  bytes: Uint8Array,
): { readonly text: string; readonly encode: (text: string) => Uint8Array } => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { text, encode: (edited) => new TextEncoder().encode(edited) }
  } catch {
    return {
      text: Buffer.from(bytes).toString('latin1'),
      encode: (edited) => Buffer.from(edited, 'latin1'),
    }
  }
}
