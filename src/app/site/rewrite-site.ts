import { asProblem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { listCssUrls } from '../../page/css-urls.ts'
import type { PagePlace, SiteSources } from '../../page/site-sources.ts'
import { claimKey } from '../../url/keyring.ts'
import { createReadPageRules, readHeaderPolicies } from './page-rules.ts'
import { listMeant, type PageSource, type PublishedFile } from './page-source.ts'
import { decodePage } from './page-text.ts'
import { listPageAddresses, parsePage, type RewriteRules, rewritePage, tellNamed } from './rewrite-page.ts'

/** The files of a built site; paths are relative to its root, with "/". */
export interface SiteFiles {
  /** Paths of its pages, sorted. */
  list(): AsyncIterable<string>
  listStyles(): AsyncIterable<string>
  /** Problem `file-unreadable`. */
  read(path: string): Promise<Uint8Array>
  /** Replaces a whole file. Problem `file-not-written`. */
  write(path: string, bytes: Uint8Array): Promise<void>
  look(path: string): Promise<PublishedFile | undefined>
}

/** A site, and the rules of its rewriting. */
export interface RewriteInput extends Omit<RewriteRules, 'find' | 'look' | 'readPageRules' | 'policies'> {
  readonly files: SiteFiles
  /** Looks up sources; those that do not exist are left out. */
  lookUp(sources: ReadonlySet<SourceKey>): Promise<ReadonlyMap<SourceKey, PageSource>>
  /** The sources of which files of these sizes may be copies under other names; {@link PageSource.isOriginal} decides. */
  readonly listOfSizes?: ((sizes: ReadonlySet<number>) => Promise<SourcesBySize>) | undefined
  /** Only finds out what would change. */
  readonly isCheck: boolean
  readonly signal?: AbortSignal | undefined
}

/** Sources by their originals' sizes in bytes. */
export type SourcesBySize = ReadonlyMap<number, readonly SourceKey[]>

/** Rewrites every `<img>` of a site that shows a known source. Running it again changes nothing. */
export const rewriteSite = async (input: RewriteInput): Promise<void> => {
  const { files, signal, tell } = input
  const names = await collectNames(input)
  const known = new Map(await input.lookUp(names.wanted))
  const sources = withCopies(input.sources, await findCopies(names, known, input))
  const read = async (path: string) => {
    const bytes = await readBelow(path, files)
    return bytes && decodePage(bytes).text
  }
  const rules: RewriteRules = {
    ...input,
    sources,
    readPageRules: createReadPageRules(sources, read),
    policies: await readHeaderPolicies(read),
    look: files.look,
    find: (source) => known.get(source),
  }
  for await (const page of files.list()) {
    signal?.throwIfAborted()
    await tryPage(page, input, async () => {
      const { text, encode, isAscii } = decodePage(await files.read(page))
      const edits = await rewritePage(parsePage(text, { path: page }, { isAscii }), rules)
      const isChanged = edits.length > 0
      if (isChanged && !input.isCheck) await files.write(page, encode(edits))
      tell({ kind: 'page-done', page, isChanged })
    })
  }
  for await (const path of files.listStyles()) {
    signal?.throwIfAborted()
    await tryPage(path, input, async () => {
      for (const address of listCssUrls(decodePage(await files.read(path)).text))
        tellNamed({ by: 'css', address }, { path }, rules)
    })
  }
}

/** A file of the site; where its host shows the site below `/docs/`, pages may say that before the file's path. */
const readBelow = async (path: string, files: SiteFiles): Promise<Uint8Array | undefined> => {
  const bytes = await files.read(path).catch(() => undefined)
  const inner = /\/(.*)/.exec(path)?.[1]
  return bytes ?? (inner === undefined ? undefined : readBelow(inner, files))
}

/** If a page cannot be read or written, this is told, and the others go on. */
const tryPage = async (page: string, { tell }: RewriteInput, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    tell({ kind: 'page-failed', page, problem: asProblem(error) })
  }
}

/** What pages may mean by the addresses of pictures. */
interface Names {
  readonly wanted: ReadonlySet<SourceKey>
  /** The same by the path below the site's root. */
  readonly byPath: ReadonlyMap<string, readonly SourceKey[]>
}

/** Files that cannot be read are told later, when they are rewritten. */
const collectNames = async ({ files, sources, signal }: RewriteInput): Promise<Names> => {
  const wanted = new Set<SourceKey>()
  const byPath = new Map<string, readonly SourceKey[]>()
  const collect = async (path: string, list: (text: string, path: string) => Addresses): Promise<void> => {
    signal?.throwIfAborted()
    const bytes = await files.read(path).catch(() => undefined)
    if (bytes === undefined) return
    const { addresses, place } = list(decodePage(bytes).text, path)
    for (const { by, address } of addresses) {
      for (const source of listMeant([address], place, sources)) wanted.add(source)
      // A rewritten page names each picture's results there, many more files than it shows. Results may be copies of
      // originals, too.
      const sitePath = by === 'srcset' ? undefined : sources.pathOf(address, place)
      if (sitePath !== undefined && claimKey(sitePath) === undefined)
        byPath.set(
          sitePath,
          sources.candidates(address, place).map(({ source }) => source),
        )
    }
  }
  for await (const page of files.list()) await collect(page, listPageAddresses)
  for await (const path of files.listStyles())
    await collect(path, (css) => ({
      addresses: listCssUrls(css).map((address) => ({ by: 'css', address })),
      place: { path },
    }))
  return { wanted, byPath }
}

type Addresses = ReturnType<typeof listPageAddresses>

/** Bundlers publish pictures under other names: the originals of those files, which are added to `known`. */
const findCopies = async (
  { byPath }: Names,
  known: Map<SourceKey, PageSource>,
  { files, lookUp, listOfSizes, signal }: RewriteInput,
): Promise<ReadonlyMap<string, SourceKey>> => {
  const unknown: { readonly path: string; readonly file: PublishedFile }[] = []
  for (const [path, sources] of byPath) {
    signal?.throwIfAborted()
    const file = sources.some((source) => known.has(source)) ? undefined : await files.look(path)
    if (file !== undefined) unknown.push({ path, file })
  }
  const sizes = new Set(unknown.map(({ file }) => file.sizeBytes))
  const likely: SourcesBySize = (sizes.size > 0 ? await listOfSizes?.(sizes) : undefined) ?? new Map()
  const found = await lookUp(new Set([...likely.values()].flat()))
  const copies = new Map<string, SourceKey>()
  for (const { path, file } of unknown)
    for (const source of likely.get(file.sizeBytes) ?? []) {
      const original = found.get(source)
      if (original === undefined || !(await original.isOriginal(file))) continue
      copies.set(path, source)
      known.set(source, original)
      break
    }
  return copies
}

const withCopies = (sources: SiteSources, copies: ReadonlyMap<string, SourceKey>): SiteSources => ({
  ...sources,
  candidates: (address: string, page: PagePlace) => {
    const sitePath = sources.pathOf(address, page)
    const source = sitePath === undefined ? undefined : copies.get(sitePath)
    return [...sources.candidates(address, page), ...(source === undefined ? [] : [{ source }])]
  },
})
