import { readdirSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { readText } from './measure.ts'

/** One request's end: how long it took, and what it was answered. */
export interface Shot {
  readonly elapsedMs: number
  readonly status: number
  readonly sizeBytes: number
}

/** Reads an answer to its end. A connection that breaks is status 0. */
export const shoot = (url: string, agent: Agent): Promise<Shot> =>
  new Promise((resolve) => {
    const startedAt = performance.now()
    const end = (status: number, sizeBytes: number): void =>
      resolve({ elapsedMs: performance.now() - startedAt, status, sizeBytes })
    get(url, { agent, timeout: 60_000 }, (answer) => {
      let sizeBytes = 0
      answer.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length
      })
      answer.on('end', () => end(answer.statusCode ?? 0, sizeBytes))
      answer.on('error', () => end(0, sizeBytes))
    }).on('error', () => end(0, 0))
  })

/** Every URL once, `connections` at a time: how long all of it took. */
export const shootAll = async (
  urls: readonly string[],
  connections: number,
): Promise<{ readonly shots: readonly Shot[]; readonly seconds: number }> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const shots: Shot[] = []
  const left = [...urls]
  const startedAt = performance.now()
  const run = async (): Promise<void> => {
    for (let url = left.shift(); url !== undefined; url = left.shift()) shots.push(await shoot(url, agent))
  }
  await Promise.all(Array.from({ length: connections }, run))
  agent.destroy()
  return { shots, seconds: (performance.now() - startedAt) / 1000 }
}

/** So many requests a second for so long, whether or not earlier ones are answered: latencies as visitors see them. */
export const shootSteadily = async (
  nextUrl: (index: number) => string,
  options: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly Shot[]> => {
  const agent = new Agent({ keepAlive: true }) // as many sockets as there are requests under way
  const shots: Promise<Shot>[] = []
  const startedAt = performance.now()
  const total = options.perSecond * options.seconds
  for (let index = 0; index < total; index++) {
    const dueMs = startedAt + (index * 1000) / options.perSecond - performance.now()
    if (dueMs > 0.5) await new Promise((resolve) => setTimeout(resolve, dueMs))
    shots.push(shoot(nextUrl(index), agent))
  }
  const ended = await Promise.all(shots)
  agent.destroy()
  return ended
}

export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

const TICKS_PER_SECOND = 100

/** CPU seconds of a process and all below it, so far (Linux: USER_HZ is 100 everywhere). */
export const cpuSecondsOf = (root: number): number =>
  listTree(root).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND

/** What a process and all below it hold: resident pages, those that they share counted in each; and each page once. */
export const memoryOf = (root: number): { readonly rssBytes: number; readonly pssBytes: number } => {
  const texts = listTree(root).map(({ pid }) => readText(`/proc/${pid}/smaps_rollup`))
  const sum = (name: string): number =>
    texts.reduce(
      (total, text) => total + Number(new RegExp(`^${name}:\\s+([0-9]+)`, 'm').exec(text)?.[1] ?? 0),
      0,
    )
  return { rssBytes: sum('Rss') * 1024, pssBytes: sum('Pss') * 1024 }
}

interface TreeProcess {
  readonly pid: number
  readonly parent: number
  /** Its own and those of the children that have ended. */
  readonly ticks: number
}

const listTree = (root: number): readonly TreeProcess[] => {
  const all = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((name): TreeProcess => {
      const fields = readText(`/proc/${name}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ')
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
      return { pid: Number(name), parent: Number(fields[1]), ticks: Number.isNaN(ticks) ? 0 : ticks }
    })
  const below = (pid: number): readonly TreeProcess[] =>
    all.filter((each) => each.parent === pid).flatMap((each) => [each, ...below(each.pid)])
  return [...all.filter(({ pid }) => pid === root), ...below(root)]
}
