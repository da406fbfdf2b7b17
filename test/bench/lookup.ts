/**
 * What it costs to look sources up in the ledger of a large site: requests and bytes, with the ledger merged as its
 * writers leave it, and in parts that nobody has merged.
 *
 *     npm run bench:lookup -- [--sources 1000000] [--parts 2000]
 *
 * Prints one JSON object.
 */
import { parseArgs } from 'node:util'
import { createLedger } from '../../src/app/ledger/ledger.ts'
import { writePart } from '../../src/app/ledger/merge.ts'
import type { LedgerOptions } from '../../src/app/ledger/names.ts'
import type { LedgerEntry } from '../../src/plan/ledger-entry.ts'
import { type SourceSpan, spansOfRange, spansOfSources } from '../../src/plan/source-span.ts'
import { asCountingStore } from '../support/counting-store.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { createEntries, sourceName } from './generated-site.ts'

const { values } = parseArgs({
  options: {
    sources: { type: 'string', default: '1000000' },
    parts: { type: 'string', default: '2000' },
  },
})
const SOURCES = Number(values.sources)
const toEntry = createEntries(() => 'headers')

const openStore = () => {
  const store = asCountingStore(openMemoryStore())
  let ids = 0
  let now = 1_700_000_000_000
  const options: LedgerOptions = {
    store,
    prefix: '.imgsizes/',
    now: () => ++now,
    newId: () => String(ids++),
    tell: () => {},
  }
  return { store, options }
}

type Site = ReturnType<typeof openStore>

const lookUp = async ({ store, options }: Site, spans: readonly SourceSpan[]) => {
  store.reset()
  let entries = 0
  const snapshot = await createLedger(options).open()
  for await (const _ of snapshot.entries(spans)) entries++
  const { list, read, bytes } = store.requests
  return { entries, lists: list, reads: read, bytes }
}

const measure = async (site: Site) => {
  const middle = sourceName(SOURCES >> 1)
  const many = Array.from({ length: 100 }, (_, i) => sourceName(Math.floor((i * SOURCES) / 100)))
  const prefix = middle.slice(0, middle.lastIndexOf('/') + 1)
  const files = []
  for await (const { sizeBytes } of site.store.list({ prefix: '.imgsizes/ledger/' })) files.push(sizeBytes)
  return {
    files: files.length,
    megabytes: Math.round(files.reduce((sum, size) => sum + size, 0) / 1e6),
    one: await lookUp(site, spansOfSources([middle])),
    hundred: await lookUp(site, spansOfSources(many)),
    folder: await lookUp(site, spansOfRange({ prefix })),
  }
}

/** As builds leave it: each part is written by a recorder, which merges as it goes. */
const writeMerged = async (): Promise<Site> => {
  const site = openStore()
  const recorder = createLedger(site.options).record()
  for (let i = 0; i < SOURCES; i++) await recorder.add(toEntry(i))
  await recorder.flush()
  return site
}

/** Parts that were written by as many writers, each of which came by everything, and that nobody has merged. */
const writeParts = async (parts: number): Promise<Site> => {
  const site = openStore()
  for (let part = 0; part < parts; part++) {
    const entries: LedgerEntry[] = []
    for (let i = part; i < SOURCES; i += parts) entries.push(toEntry(i))
    await writePart(site.options, entries)
  }
  return site
}

const merged = await measure(await writeMerged())
const unmerged = await measure(await writeParts(Number(values.parts)))
console.log(JSON.stringify({ sources: SOURCES, merged, unmerged }, null, 2))
