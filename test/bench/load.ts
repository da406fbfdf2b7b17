import { readdirSync, readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'

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
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
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
export const cpuSecondsOf = (root: number): number => {
  const stats = new Map<number, { readonly parent: number; readonly ticks: number }>()
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue
    const fields = readText(`/proc/${name}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')
    stats.set(Number(name), {
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
    })
  }
  const sum = (pid: number): number =>
    (stats.get(pid)?.ticks ?? 0) +
    [...stats].reduce((total, [child, { parent }]) => (parent === pid ? total + sum(child) : total), 0)
  return sum(root) / TICKS_PER_SECOND
}

/** Resident bytes of a process now. */
export const residentBytesOf = (pid: number): number =>
  Number(/VmRSS:\s+([0-9]+) kB/.exec(readText(`/proc/${pid}/status`))?.[1] ?? 0) * 1024

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // ended meanwhile
  }
}
