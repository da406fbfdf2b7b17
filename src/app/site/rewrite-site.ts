import { asProblem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { listCssUrls } from '../../page/read-page.ts'
import type { PagePlace, SiteSources } from '../../page/site-sources.ts'
import { claimKey } from '../../url/keyring.ts'
import { createReadPlaceRules } from './page-styles.ts'
import {
  listPageAddresses,
  type PageSource,
  type PublishedFile,
  parsePage,
  type RewriteRules,
  rewritePage,
  tellNamed,
} from './rewrite-page.ts'

/** The files of a built site; paths are relative to its root, with "/". */
export interface SiteFiles {
  /** Paths of its pages, sorted. */
  list(): AsyncIterable<string>
  /** Paths of its style sheets. */
  listStyles(): AsyncIterable<string>
  /** Problem `file-unreadable`. */
  read(path: string): Promise<Uint8Array>
  /** Replaces a whole file. Problem `file-not-written`. */
  write(path: string, bytes: Uint8Array): Promise<void>
  look(path: string): Promise<PublishedFile | undefined>
}

/** A site, and the rules of its rewriting. */
export interface RewriteInput extends Omit<RewriteRules, 'find' | 'look' | 'readPlaceRules'> {
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
  const readPlaceRules = createReadPlaceRules(sources, async (path) => {
    const bytes = await readBelow(path, files)
    return bytes && decode(bytes).text
  })
  const rules: RewriteRules = {
    ...input,
    sources,
    readPlaceRules,
    look: files.look,
    find: (source) => known.get(source),
  }
  for await (const page of files.list()) {
    signal?.throwIfAborted()
    await tryPage(page, input, async () => {
      const { text, encode, isAscii } = decode(await files.read(page))
      const edited = await rewritePage(parsePage(text, { path: page }, { isAscii }), rules)
      const isChanged = edited !== text
      if (isChanged && !input.isCheck) await files.write(page, encode(edited))
      tell({ kind: 'page-done', page, isChanged })
    })
  }
  for await (const path of files.listStyles()) {
    signal?.throwIfAborted()
    await tryPage(path, input, async () => {
      for (const address of listCssUrls(decode(await files.read(path)).text))
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
    const { addresses, place } = list(decode(bytes).text, path)
    for (const { by, address } of addresses) {
      const found = sources.candidates(address, place).map(({ source }) => source)
      for (const source of found) wanted.add(source)
      // A rewritten page names each picture's results there, many more files than it shows. Results may be copies of
      // originals, too.
      const sitePath = by === 'srcset' ? undefined : sources.pathOf(address, place)
      if (sitePath !== undefined && claimKey(sitePath) === undefined) byPath.set(sitePath, found)
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

/** A page's text, and the way back to its bytes. */
interface Decoded {
  readonly text: string
  readonly encode: (text: string) => Uint8Array
  /** Whether the encoding is not known, so that only ASCII may be inserted. */
  readonly isAscii: boolean
}

/**
 * A page is UTF-16 if it begins with such a byte order mark, as in browsers, or with such a "<". One that is not UTF-8
 * either is read byte by byte as Latin-1, so that all its bytes stay as they were.
 */
const decode = (bytes: Uint8Array): Decoded => {
  const [first = 0, second = 0] = bytes
  const mark = (first << 8) | second
  if (UTF16_STARTS.has(mark) && bytes.length % 2 === 0)
    return decodeUtf16(bytes, UTF16_STARTS.get(mark) === 'big')
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { text, encode: (edited) => new TextEncoder().encode(edited), isAscii: isAsciiOfAny(text) }
  } catch {
    const text = Buffer.from(bytes).toString('latin1')
    return { text, encode: (edited) => Buffer.from(edited, 'latin1'), isAscii: true }
  }
}

/** Whether a page has only ASCII and does not say that it is UTF-8: browsers may read it in another encoding. */
const isAsciiOfAny = (text: string): boolean =>
  !/[^\0-\x7f]/.test(text) && !/\b(?:charset|encoding)\s*=\s*["']?utf-8/i.test(text)

/** The first two bytes of UTF-16, and which end comes first. */
const UTF16_STARTS: ReadonlyMap<number, 'little' | 'big'> = new Map([
  [0xfffe, 'little'],
  [0x3c00, 'little'],
  [0xfeff, 'big'],
  [0x003c, 'big'],
])

const decodeUtf16 = (bytes: Uint8Array, isBigEndian: boolean): Decoded => {
  const inOrder = (each: Buffer): Buffer => (isBigEndian ? each.swap16() : each)
  return {
    text: inOrder(Buffer.from(bytes)).toString('utf16le'),
    encode: (edited) => inOrder(Buffer.from(edited, 'utf16le')),
    isAscii: false,
  }
}
