/**
 * A plan over generated listings and ledger: how fast, and in how much memory.
 *
 *     npm run bench:plan -- [sources] [focuses]   default 1,000,000, of 15 results each
 *
 * With `focuses`, also 0, all sizes are crops, and so many sources have an override with a focus of their own, which is
 * in their keys. The listings are made as they are read, signatures included; a pass that does only that is measured
 * first and subtracted. Prints one JSON object.
 */

import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { planSources } from '../../src/app/batch/plan.ts'
import { countPlan, noCounts } from '../../src/app/batch/plan-counts.ts'
import { createLedger } from '../../src/app/ledger/ledger.ts'
import { openPictureOverrides } from '../../src/app/picture-overrides.ts'
import { createResults } from '../../src/app/results.ts'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { compileMatch } from '../../src/config/match.ts'
import { parseOverrides } from '../../src/config/overrides.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { toMark } from '../../src/core/mark.ts'
import { parseSourceKey } from '../../src/core/source-key.ts'
import { createExpectation } from '../../src/plan/expected.ts'
import type { ListedSource } from '../../src/plan/group.ts'
import { encodePart } from '../../src/plan/ledger-part.ts'
import { createEncoding } from '../../src/plan/recipe.ts'
import { openFolderStore } from '../../src/store/folder.ts'
import type { StoredObject, WritableStore } from '../../src/store/port.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import {
  createEntries,
  etagOf,
  FORMATS,
  RESULTS_PER_SOURCE,
  resultKeys,
  SITE,
  SOURCE_ETAG,
  sizeOf,
  sourceName,
  type TransformOf,
  WIDTHS,
} from './generated-site.ts'

const [SOURCES = 1_000_000, FOCUSES] = process.argv.slice(2, 4).map(Number)
/** Where only the ledger is to be written: in a process of its own, whose memory is not counted. */
const LEDGER = process.argv[4]
const isCropped = FOCUSES !== undefined && !Number.isNaN(FOCUSES)
const sizes: ConfigInput['sizes'] = isCropped
  ? Object.fromEntries(
      WIDTHS.map(Number.parseFloat).map((side) => [
        `crop${side}`,
        { width: side, height: side, fit: 'cover' },
      ]),
    )
  : SITE.sizes
/** In per mille; never a point that has a name. */
const focusOf = (i: number) => [1 + ((i * 7919) % 499), 1 + ((i * 104_729) % 499)] as const
const transformOf: TransformOf = (i, width) => {
  if (!isCropped) return `${width}.q80`
  const side = Number.parseFloat(width)
  return `${side}x${side}.cover${i < FOCUSES ? `.focus-${focusOf(i).join('-')}` : ''}.q80`
}

const config = resolveConfig(
  { ...SITE, source: 's3://originals/', output: 's3://results/', sizes },
  { root: '/' },
)

async function* listSources(): AsyncGenerator<ListedSource> {
  for (let i = 0; i < SOURCES; i++) {
    const key = parseSourceKey(sourceName(i))
    if (key === undefined) throw new Error('no key')
    const fingerprint = etagOf(i, SOURCE_ETAG)
    const mark = toMark(fingerprint)
    yield { key, sizeBytes: 3_000_000, modifiedAt: 0, mark, fingerprint, isIncluded: true }
  }
}

/** In pages, as S3 answers. */
async function* listPages(): AsyncGenerator<readonly StoredObject[]> {
  let page: StoredObject[] = []
  for (let i = 0; i < SOURCES; i++) {
    let j = 0
    for (const key of resultKeys(i, transformOf)) {
      page.push({ key, sizeBytes: sizeOf(i, j), modifiedAt: 0, mark: toMark(etagOf(i, j++)) })
      if (page.length < 1000) continue
      yield page
      page = []
    }
  }
  yield page
}

const encoding = createEncoding(config.encoders, config)
const results = createResults({
  store: { ...openMemoryStore(), listPages },
  keyring: createKeyring(config.secrets),
  cacheControl: config.cacheControl,
})
// Once for each, as the program does.
const headers = new Map(FORMATS.map((format) => [format, results.headersOf(format)]))
const toEntry = createEntries(results.headersOf, transformOf)

/** In parts as large as those of a merge. */
const writeLedger = async (store: WritableStore): Promise<number> => {
  const headers = { contentType: 'application/gzip', cacheControl: '', metadata: {} }
  let sizeBytes = 0
  for (let start = 0; start < SOURCES; start += 20_000) {
    const entries = Array.from({ length: Math.min(20_000, SOURCES - start) }, (_, k) => toEntry(start + k))
    const { bytes } = await encodePart(entries, { replaces: [] })
    sizeBytes += bytes.length
    await store.put(`ledger/000000000-${String(start).padStart(9, '0')}.ndjson.gz`, bytes, { headers })
  }
  return sizeBytes
}

const measure = async <T>(
  work: () => Promise<T>,
): Promise<{ value: T; cpuSeconds: number; peakRss: number }> => {
  const before = process.cpuUsage()
  let peakRss = 0
  const timer = setInterval(() => {
    peakRss = Math.max(peakRss, process.memoryUsage.rss())
  }, 50)
  const value = await work()
  clearInterval(timer)
  const used = process.cpuUsage(before)
  return {
    value,
    cpuSeconds: (used.user + used.system) / 1e6,
    peakRss: Math.max(peakRss, process.memoryUsage.rss()),
  }
}

const writeOverrides = (): string =>
  JSON.stringify(
    Object.fromEntries(
      Array.from({ length: FOCUSES ?? 0 }, (_, i) => [
        sourceName(i),
        { alt: `number ${i}`, focus: focusOf(i) },
      ]),
    ),
  )

if (LEDGER !== undefined) {
  console.log(await writeLedger(openFolderStore({ path: LEDGER })))
  process.exit()
}
const folder = await mkdtemp(join(tmpdir(), 'imgsizes-bench-'))
try {
  const store = openFolderStore({ path: folder })
  const args = [import.meta.filename, String(SOURCES), String(FOCUSES), folder]
  const ledgerBytes = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  const ledger = createLedger({ store, prefix: '', now: Date.now, newId: randomUUID, tell: () => {} })
  const text = writeOverrides()
  globalThis.gc?.()
  const reading = await measure(async () => {
    const file = parseOverrides(text, { file: 'overrides', sizes: Object.keys(sizes ?? {}) })
    return openPictureOverrides({ readFile: async () => file })
  })
  const listing = await measure(async () => {
    let count = 0
    for await (const _ of listSources()) count++
    for await (const page of listPages()) count += page.length
    return count
  })
  const planning = await measure(async () => {
    const counts = noCounts()
    const plans = planSources({
      originals: {
        roots: [{ prefix: '', isListable: true, place: 'generated', showsHidden: true }],
        list: () => listSources(),
        findAtOrBelow: async () => undefined,
        find: async () => undefined,
        read: async () => undefined,
        mayBe: () => true,
        readSidecar: async () => undefined,
        sourceOfSidecar: () => undefined,
        marksOf: () => 'content',
      },
      results,
      snapshot: await ledger.open(),
      expectation: createExpectation({ ...config, toMatcher: compileMatch }),
      revision: '',
      rules: {
        encoding,
        headersOf: (format) => headers.get(format) ?? '',
        isRetired: () => false,
        attempt: '',
        force: false,
        retryFailed: false,
        isNarrowed: false,
        rerenderOtherEncoders: false,
      },
      selection: {},
      foreignCounts: { foreign: 0 },
      overrides: reading.value,
      tell: () => {},
    })
    for await (const plan of plans) countPlan(counts, plan)
    return counts
  })
  const keys = SOURCES * RESULTS_PER_SOURCE
  const cpuSeconds = planning.cpuSeconds - listing.cpuSeconds
  console.log(
    JSON.stringify({
      sources: SOURCES,
      overrides: FOCUSES ?? 0,
      overridesCpuSeconds: Number(reading.cpuSeconds.toFixed(1)),
      keys,
      present: planning.value.present,
      ledgerMegabytes: Math.round(ledgerBytes / 1e6),
      ledgerBytesPerSource: Math.round(ledgerBytes / SOURCES),
      planCpuSeconds: Number(planning.cpuSeconds.toFixed(1)),
      listingCpuSeconds: Number(listing.cpuSeconds.toFixed(1)),
      keysPerSecond: Math.round(keys / cpuSeconds),
      keysPerSecondWithListing: Math.round(keys / planning.cpuSeconds),
      peakRssMegabytes: Math.round(planning.peakRss / 1e6),
    }),
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}
