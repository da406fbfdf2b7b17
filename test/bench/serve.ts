import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { checkAll, compareCold } from './cold.ts'
import { compareStoredHits } from './hits.ts'
import { memoryOf, quantile, shoot, shootAll, shootSteadily } from './load.ts'
import { median } from './measure.ts'
import { findPhotos } from './photos.ts'
import { startOurs } from './serve-contenders.ts'

/**
 * `npm run bench:serve [-- --hits | --cold [part of a title] | --memory]`: hits beside nginx and bare Node; cold renders
 * beside nginx's image_filter and ipx, in turns on one machine; hits while every worker is busy. Ratios are the result,
 * not seconds.
 */
const ROUNDS = 3
const HITS_PER_SECOND = 100
const HIT_SECONDS = 10

const folder = mkdtempSync(join(tmpdir(), 'imgsizes-bench-serve-'))
const originals = join(folder, 'originals')

const main = async (): Promise<void> => {
  mkdirSync(originals, { recursive: true })
  const original = await makeOriginal()
  if (process.argv.includes('--memory')) return holdMemory(original)
  if (process.argv.includes('--cold'))
    return compareCold(folder, { rounds: ROUNDS, only: process.argv.at(-1)?.replace(/^--cold$/, '') ?? '' })
  await compareStoredHits(folder)
  if (process.argv.includes('--hits')) return
  await compareCold(folder, { rounds: ROUNDS, only: '' })
  await compareHits(original)
}

/** Four megapixels of a photograph, with sides as cameras have them: multiples of 16. */
const makeOriginal = async (): Promise<string> => {
  const [photo] = findPhotos()
  const bytes = await sharp(photo).resize(2464, 1632, { fit: 'cover' }).jpeg({ quality: 90 }).toBuffer()
  const file = join(folder, 'original.jpg')
  writeFileSync(file, bytes)
  console.log(`original: JPEG, 2464×1632, ${(bytes.length / 1e6).toFixed(1)} MB`)
  return file
}

/** Sources that nobody has asked for yet; all of them are one file. */
const addSources = (original: string, prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `${prefix}-${index}.jpg`
    linkSync(original, join(originals, name))
    return name
  })

const compareHits = async (original: string): Promise<void> => {
  const config = { serve: { fill: 'one' }, formats: ['avif', 'webp', 'original'] }
  const ours = await startOurs({ originals, output: join(folder, 'hits'), config })
  const stored = addSources(original, 'hit', 20).map((source) => ours.urlOf(source))
  checkAll('imgsizes', (await shootAll(stored, 4)).shots)
  await new Promise((done) => setTimeout(done, 4_000)) // until they are in the store alone
  const hitUrl = (index: number): string => stored[index % stored.length] ?? ''
  const load = { perSecond: HITS_PER_SECOND, seconds: HIT_SECONDS }
  await shootSteadily(hitUrl, { ...load, seconds: 2 })
  const p99s: { idle: number[]; busy: number[] } = { idle: [], busy: [] }
  for (let round = 0; round < ROUNDS; round++) {
    p99s.idle.push(await measureHits(hitUrl, load))
    const busy = keepBusy(ours, addSources(original, `busy-${round}`, 4_000))
    await new Promise((done) => setTimeout(done, 500))
    p99s.busy.push(await measureHits(hitUrl, load))
    const renders = await busy.end()
    console.log(`  round ${round + 1}: ${renders} renders beside the hits`)
  }
  const { stop } = ours
  await stop()
  const idle = median(p99s.idle)
  const busy = median(p99s.busy)
  console.log(
    `hits from a folder, ${HITS_PER_SECOND} a second: p99 ${idle.toFixed(1)} ms idle, ${busy.toFixed(1)} ms`,
  )
  console.log(`  with every worker busy: ${(busy / idle).toFixed(1)} times`)
}

const measureHits = async (
  hitUrl: (index: number) => string,
  load: { perSecond: number; seconds: number },
): Promise<number> => {
  const shots = await shootSteadily(hitUrl, load)
  checkAll('imgsizes', shots)
  return quantile(
    shots.map(({ elapsedMs }) => elapsedMs),
    0.99,
  )
}

/** Asks for cold results, one more whenever one is answered, so that every worker has work. */
const keepBusy = (
  ours: Awaited<ReturnType<typeof startOurs>>,
  sources: readonly string[],
): { end(): Promise<number> } => {
  const agent = new Agent({ keepAlive: true })
  let isOver = false
  let renders = 0
  const left = [...sources]
  const run = async (): Promise<void> => {
    while (!isOver) {
      await shoot(ours.keyUrl(left.shift() ?? '', '1280w.q80', 'avif'), agent)
      renders++
    }
  }
  const running = Promise.all(Array.from({ length: 4 }, run))
  return {
    end: async () => {
      isOver = true
      await running
      agent.destroy()
      return renders
    },
  }
}

const COLD_RENDERS = 2_000
/** Results under way at once are two on two cores; four times what they come to a second. */
const TIMES_CAPACITY = 4
const OVERLOAD_SECONDS = 10

/** What all processes hold after so many cold renders, and at most while far more is asked for than can be made. */
const holdMemory = async (original: string): Promise<void> => {
  const ours = await startOurs({ originals, output: join(folder, 'memory'), flags: ['--memory', '256MB'] })
  const tell = (when: string): void => {
    const { rssBytes, pssBytes } = memoryOf(ours.pid)
    console.log(
      `  ${when.padEnd(28)}${megabytes(rssBytes)} MB resident, ${megabytes(pssBytes)} with each page once`,
    )
  }
  tell('at the start')
  const startedAt = performance.now()
  for (let done = 0; done < COLD_RENDERS; done += 250) {
    const sources = addSources(original, `memory-${done}`, 250)
    checkAll(
      'imgsizes',
      (
        await shootAll(
          sources.map((source) => ours.urlOf(source)),
          8,
        )
      ).shots,
    )
    tell(`after ${done + 250} cold renders`)
  }
  const perSecond = Math.ceil((TIMES_CAPACITY * COLD_RENDERS * 1000) / (performance.now() - startedAt))
  const peak = { rssBytes: 0, pssBytes: 0 }
  const timer = setInterval(() => {
    const { rssBytes, pssBytes } = memoryOf(ours.pid)
    peak.rssBytes = Math.max(peak.rssBytes, rssBytes)
    peak.pssBytes = Math.max(peak.pssBytes, pssBytes)
  }, 100)
  const sources = addSources(original, 'overload', perSecond * OVERLOAD_SECONDS)
  const load = { perSecond, seconds: OVERLOAD_SECONDS }
  const shots = await shootSteadily((index) => ours.urlOf(sources[index] ?? ''), load)
  clearInterval(timer)
  const made = shots.filter(({ status }) => status === 200).length
  console.log(
    `  ${perSecond} a second asked for: ${made} of ${shots.length} made, ` +
      `at most ${megabytes(peak.rssBytes)} MB resident, ${megabytes(peak.pssBytes)} with each page once`,
  )
  await ours.stop()
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)

try {
  await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
