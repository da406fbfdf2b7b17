import pLimit from 'p-limit'
import type { PartSummary } from '../../plan/part-header.ts'
import {
  CLAIM_ENDING,
  isManifestName,
  isPartName,
  type LedgerOptions,
  ledgerFolder,
  timeOfName,
  toWholeName,
} from './names.ts'
import { type KnownParts, type LedgerPart, type OpenedFile, openFile, PartGone } from './parts.ts'

/** The files of a ledger at one moment. */
export interface Standing {
  /** The parts that count, by run: those of one run are in order; a part that was never merged is a run by itself. */
  readonly runs: readonly (readonly LedgerPart[])[]
  readonly manifests: readonly string[]
  /** Files that still exist but do not count any more, and since when. */
  readonly replaced: ReadonlyMap<string, number>
  /** Names of claims, and when, by the store's clock, the merge of what they claim began. */
  readonly claims: ReadonlyMap<string, number>
}

const HEADERS_AT_ONCE = 32
/** How often to list: a merge may delete files meanwhile, but each time fewer are left to find out about. */
const LISTINGS = 5

/** How parts are read. */
export interface PartReading {
  /** Called where a part cannot be read; throws what is no Problem ({@link PartGone}), and where the part is essential. */
  readonly onUnread: (name: string, error: unknown) => void
  readonly signal?: AbortSignal | undefined
}

/** Finds the files that count now. */
export const findStanding = async (
  options: LedgerOptions,
  known: KnownParts,
  reading: PartReading,
): Promise<Standing> => {
  for (let listing = 1; ; listing++)
    try {
      return await findOnce(options, known, reading)
    } catch (error) {
      if (!(error instanceof PartGone) || listing === LISTINGS) throw error
    }
}

const findOnce = async (
  options: LedgerOptions,
  known: KnownParts,
  { onUnread, signal }: PartReading,
): Promise<Standing> => {
  const { sizes, claims } = await listNames(options, signal)
  for (const name of known.keys()) if (!sizes.has(name)) known.delete(name)
  const open = async (name: string): Promise<OpenedFile | undefined> => {
    try {
      const part = { name, sizeBytes: sizes.get(name) ?? 0 }
      const opened = known.get(name) ?? (await openFile(options.store, part, signal))
      known.set(name, opened)
      return opened
    } catch (error) {
      onUnread(name, error)
      return undefined
    }
  }
  const replaced = new Map<string, number>()
  const runs: LedgerPart[][] = []
  const merged = new Set<string>()
  const manifests = [...sizes.keys()].filter(isManifestName)
  // The newest first: it replaces earlier ones, which then need not be read.
  for (const name of manifests.toReversed()) {
    const manifest = replaced.has(name) ? undefined : await open(name)
    if (manifest === undefined) continue
    const { replaces, since = [], runs: named = [] } = manifest.header
    for (const [i, bare] of replaces.entries()) {
      const each = toWholeName(options, bare)
      if (sizes.has(each)) replaced.set(each, since[i] ?? timeOfName(options, name))
    }
    for (const run of named) {
      const parts = run
        .map((part) => toPart(toWholeName(options, part.name), part, sizes))
        .filter(({ name }) => sizes.has(name) && !merged.has(name))
      for (const { name } of parts) merged.add(name)
      runs.push(parts)
    }
  }
  const others = [...sizes.keys()].filter((name) => !isManifestName(name) && !merged.has(name))
  const opened = await pLimit(HEADERS_AT_ONCE).map(
    others.filter((name) => !replaced.has(name)),
    open,
  )
  const counting = [...runs, ...opened.flatMap((each) => (each?.part ? [[each.part]] : []))]
    .map((run) => run.filter(({ name }) => !replaced.has(name)))
    .filter((run) => run.length > 0)
  return { runs: counting, manifests: manifests.filter((name) => !replaced.has(name)), replaced, claims }
}

const listNames = async (options: LedgerOptions, signal: AbortSignal | undefined) => {
  const sizes = new Map<string, number>()
  const claims = new Map<string, number>()
  const listing = options.store.list({ prefix: ledgerFolder(options), signal })
  for await (const { key, sizeBytes, modifiedAt } of listing)
    if (isPartName(key)) sizes.set(key, sizeBytes)
    else if (key.endsWith(CLAIM_ENDING)) claims.set(key, modifiedAt)
  return { sizes, claims }
}

const toPart = (
  name: string,
  { first, last, headerBytes, hasAliases }: PartSummary,
  sizes: ReadonlyMap<string, number>,
): LedgerPart => ({
  name,
  sizeBytes: sizes.get(name) ?? 0,
  hasAliases,
  isUnfinished: false,
  range: { first, last },
  headerBytes,
})
