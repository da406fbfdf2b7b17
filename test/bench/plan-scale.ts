/**
 * A plan over generated listings and ledger: how fast, and in how much memory.
 *
 *     npm run bench:plan -- [sources] [overrides] [globs] [free globs] [focuses]   default 1,000,000, of 15 results each
 *
 * Overrides have the name of a source, globs a folder before them, free globs none; they change no key. With `focuses`,
 * also 0, all sizes are crops, and so many sources have an override with a focus of their own, which is in their keys.
 *
 * The listings are made as they are read, signatures included; a pass that does only that is measured first and
 * subtracted. Prints one JSON object.
 */

import { createHash, createHmac, randomUUID } from 'node:crypto'
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
import type { Format } from '../../src/core/format.ts'
import { toMark } from '../../src/core/mark.ts'
import { parseSourceKey } from '../../src/core/source-key.ts'
import { createExpectation } from '../../src/plan/expected.ts'
import type { ListedSource } from '../../src/plan/group.ts'
import { emptyEntry, type LedgerEntry, toTag } from '../../src/plan/ledger-entry.ts'
import { encodePart } from '../../src/plan/ledger-part.ts'
import { createEncoding } from '../../src/plan/recipe.ts'
import { openFolderStore } from '../../src/store/folder.ts'
import type { StoredObject, WritableStore } from '../../src/store/port.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { openMemoryStore } from '../support/memory-store.ts'

const [SOURCES = 1_000_000, OVERRIDES = 0, GLOBS = 0, FREE_GLOBS = 0, FOCUSES] = process.argv
  .slice(2)
  .map(Number)
const SECRET = 'correct-horse-battery-staple'
const FORMATS: readonly Format[] = ['avif', 'jpg', 'webp'] // in byte order
const WIDTHS = [1280, 1920, 320, 640, 960] // in byte order
const sizes: ConfigInput['sizes'] =
  FOCUSES === undefined
    ? { content: { widths: WIDTHS } }
    : Object.fromEntries(WIDTHS.map((side) => [`crop${side}`, { width: side, height: side, fit: 'cover' }]))
/** In per mille; never a point that has a name. */
const focusOf = (i: number) => [1 + ((i * 7919) % 499), 1 + ((i * 104_729) % 499)] as const
const transformOf = (i: number, width: number): string => {
  if (FOCUSES === undefined) return `${width}w.q80`
  return `${width}x${width}.cover${i < FOCUSES ? `.focus-${focusOf(i).join('-')}` : ''}.q80`
}

const config = resolveConfig(
  {
    source: 's3://originals/',
    output: 's3://results/',
    secret: SECRET,
    sizes,
  },
  { root: '/' },
)
const keyring = createKeyring(config.secrets)
const sourceName = (i: number): string =>
  `photos/${String(Math.floor(i / 1000)).padStart(5, '0')}/IMG_${String(i).padStart(7, '0')}.jpg`
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
// Cheap stand-ins for MD5s of real bytes: as incompressible, and made again alike by listing and ledger.
const etagOf = (i: number, j: number): string => md5(`${i} ${j}`)
const sizeOf = (i: number, j: number): number => 5_000 + ((i * 7919 + j * 104_729) % 90_000)

async function* listSources(): AsyncGenerator<ListedSource> {
  for (let i = 0; i < SOURCES; i++) {
    const key = parseSourceKey(sourceName(i))
    if (key === undefined) throw new Error('no key')
    const fingerprint = md5(`source ${i}`)
    const mark = toMark(fingerprint)
    yield { key, sizeBytes: 3_000_000, modifiedAt: 0, mark, fingerprint, isIncluded: true }
  }
}

/** In pages, as S3 answers. */
async function* listPages(): AsyncGenerator<readonly StoredObject[]> {
  let page: StoredObject[] = []
  for (let i = 0; i < SOURCES; i++) {
    const source = sourceName(i)
    for (const [w, width] of WIDTHS.entries()) {
      const transform = transformOf(i, width)
      const signature = createHmac('sha256', SECRET)
        .update(`${source}/${transform}`)
        .digest('base64url')
        .slice(0, 16)
      for (let f = 0; f < FORMATS.length; f++) {
        const j = w * FORMATS.length + f
        page.push({
          key: `${source}/${transform}.${signature}.${FORMATS[f]}`,
          sizeBytes: sizeOf(i, j),
          modifiedAt: 0,
          mark: toMark(etagOf(i, j)),
        })
        if (page.length === 1000) {
          yield page
          page = []
        }
      }
    }
  }
  yield page
}

const encoding = createEncoding(config.encoders, config)
const results = createResults({
  store: { ...openMemoryStore(), listPages },
  keyring,
  cacheControl: config.cacheControl,
})
const headers = new Map(FORMATS.map((format) => [format, results.headersOf(format)]))

const toEntry = (i: number): LedgerEntry => ({
  ...emptyEntry(sourceName(i)),
  facts: [{ fingerprint: md5(`source ${i}`), width: 6000, height: 4000, mediaFormat: 'jpeg' }],
  results: WIDTHS.flatMap((width, w) =>
    FORMATS.map((format, f) => ({
      transform: transformOf(i, width),
      format,
      fingerprint: md5(`source ${i}`),
      recipe: encoding.recipeOf(format, '', {}),
      encoder: 'libvips 8.18',
      headers: headers.get(format) ?? '',
      maker: 'build' as const,
      etag: toTag(etagOf(i, w * FORMATS.length + f)),
      sizeBytes: sizeOf(i, w * FORMATS.length + f),
    })),
  ),
})

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
    Object.fromEntries([
      ...Array.from({ length: FREE_GLOBS }, (_, i) => [`**/*-of-kind-${i}.jpg`, { alt: `kind ${i}` }]),
      ...Array.from({ length: GLOBS }, (_, i) => [
        `photos/${String(i).padStart(5, '0')}/**`,
        { alt: `folder ${i}`, focus: [300, 200] },
      ]),
      ...Array.from({ length: OVERRIDES }, (_, i) => [
        sourceName(i),
        { alt: `number ${i}`, focus: [250, 750] },
      ]),
      ...Array.from({ length: FOCUSES ?? 0 }, (_, i) => [
        sourceName(i),
        { alt: `number ${i}`, focus: focusOf(i) },
      ]),
    ]),
  )

const folder = await mkdtemp(join(tmpdir(), 'imgsizes-bench-'))
try {
  const store = openFolderStore({ path: folder })
  const ledgerBytes = await writeLedger(store)
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
  const keys = SOURCES * WIDTHS.length * FORMATS.length
  const cpuSeconds = planning.cpuSeconds - listing.cpuSeconds
  console.log(
    JSON.stringify({
      sources: SOURCES,
      overrides: OVERRIDES + GLOBS + FREE_GLOBS + (FOCUSES ?? 0),
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
