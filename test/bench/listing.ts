/**
 * What a plan with nothing to do costs that lists a large bucket: the program as it is, an S3 server in another process
 * that makes its answers up.
 *
 *     npm run bench:list -- [--sources 200000] [--delay 0] [--parts 20000] [--shards 4]
 *
 * `--delay`: milliseconds until a listing is answered, as over a network. Prints one JSON object.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { encodePart } from '../../src/plan/ledger-part.ts'
import { digestHeaders } from '../../src/plan/recipe.ts'
import { createEntries, RESULTS_PER_SOURCE, SITE, sourceName } from './generated-site.ts'
import { measure } from './measure.ts'

const BIN = resolve(import.meta.dirname, '../../bin/imgsizes.cjs')
const SERVER = resolve(import.meta.dirname, 'listing-server.mjs')
const CACHE_CONTROL = 'public, max-age=86400, stale-while-revalidate=604800'

interface Stats {
  readonly lists: number
  readonly keys: number
  readonly reads: number
  readonly readBytes: number
  readonly heads: number
  readonly puts: number
  readonly mostListsAtOnce: number
  readonly cpuSeconds: number
  readonly prefixes: Readonly<Record<string, number>>
}

const writeLedger = async (folder: string, sources: number, perPart: number): Promise<void> => {
  mkdirSync(folder, { recursive: true })
  const toEntry = createEntries((format) =>
    digestHeaders(format, { cacheControl: CACHE_CONTROL, objectSettings: 'acl=&storageClass=' }),
  )
  for (let start = 0; start < sources; start += perPart) {
    const entries = Array.from({ length: Math.min(perPart, sources - start) }, (_, k) => toEntry(start + k))
    const { bytes } = await encodePart(entries, { replaces: [] })
    writeFileSync(join(folder, `000000000-${String(start).padStart(9, '0')}.ndjson.gz`), bytes)
  }
}

const startServer = async (args: readonly string[]): Promise<{ child: ChildProcess; port: string }> => {
  const child = spawn(process.execPath, [SERVER, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const port = await new Promise<string>((done) =>
    child.stdout?.once('data', (text) => done(`${text}`.trim())),
  )
  return { child, port }
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits))

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      sources: { type: 'string', default: '200000' },
      delay: { type: 'string', default: '0' },
      parts: { type: 'string', default: '20000' },
      shards: { type: 'string', default: '4' },
    },
  })
  const sources = Number(values.sources)
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-bench-'))
  await writeLedger(join(folder, 'ledger'), sources, Number(values.parts))
  const { child, port } = await startServer([values.sources, folder, values.delay])
  try {
    const query = `?endpoint=http://127.0.0.1:${port}&region=us-east-1&forcePathStyle=true`
    const site = { ...SITE, source: `s3://originals/${query}`, output: `s3://results/${query}`, baseUrl: '/' }
    const config = join(folder, 'imgsizes.config.json')
    writeFileSync(config, JSON.stringify(site))
    const env = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 'secret' }
    const run = async (...args: string[]) => {
      await fetch(`http://127.0.0.1:${port}/stats`)
      const cost = await measure([process.execPath, BIN, ...args, '--config', config, '--json', '--quiet'], {
        env,
      })
      const stats = (await (await fetch(`http://127.0.0.1:${port}/stats`)).json()) as Stats
      return {
        seconds: round(cost.wallMs / 1000),
        cpuSeconds: round(cost.cpuMs / 1000),
        peakMegabytes: Math.round(cost.peakBytes / 1e6),
        server: { ...stats, cpuSeconds: round(stats.cpuSeconds) },
        said: JSON.parse(cost.stdout) as Readonly<Record<string, number>>,
      }
    }
    const plan = await run('plan')
    const keys = sources * (RESULTS_PER_SOURCE + 1)
    const name = sourceName(sources >> 1)
    const of = join(folder, 'one.txt')
    writeFileSync(of, `${name}\n`)
    const shards = Number(values.shards)
    const result = {
      sources,
      keys,
      plan: {
        ...plan,
        keysPerSecond: Math.round(keys / plan.seconds),
        keysPerCpuSecond: Math.round(keys / plan.cpuSeconds),
      },
      only: await run('plan', '--only', `${name.slice(0, name.lastIndexOf('/'))}/**`),
      one: await run('build', '--sources-from', of),
      firstShard: await run('build', '--shard', `1/${shards}`),
      secondShard: await run('build', '--shard', `2/${shards}`),
    }
    console.log(JSON.stringify(result, null, 2))
  } finally {
    child.stdin?.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
