import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What a command cost, all of its processes together. */
export interface Cost {
  readonly wallMs: number
  readonly cpuMs: number
  /** The most that its processes had resident at any one time, each at its own peak. */
  readonly peakBytes: number
  readonly stdout: string
}

const POLL_MS = 40

/** Runs a command to its end. Throws where it fails. */
export const measure = async (
  [program = '', ...args]: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Cost> => {
  const startedAt = performance.now()
  // bash says at its end what it and its children have used.
  const child = spawn('bash', ['-c', '"$@"; code=$?; times >&2; exit $code', '-', program, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
  })
  let peakBytes = 0
  const poll = setInterval(() => {
    peakBytes = Math.max(peakBytes, sumPeaks(child.pid ?? 0))
  }, POLL_MS)
  const code = await new Promise<number | null>((end) => child.once('close', end))
  clearInterval(poll)
  const wallMs = performance.now() - startedAt
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stderr}`)
  return { wallMs, cpuMs: readTimes(stderr), peakBytes, stdout }
}

/** The last line of bash's `times`: "1m2.345s 0m0.678s", user and system of children. */
const readTimes = (stderr: string): number => {
  const last = stderr.trim().split('\n').at(-1) ?? ''
  return [...last.matchAll(/([0-9]+)m([0-9.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  )
}

/** `VmHWM` of a process and all below it. */
const sumPeaks = (root: number): number => {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue
    const parent = Number(/\) . ([0-9]+) /.exec(readText(`/proc/${name}/stat`))?.[1] ?? 0)
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const sum = (pid: number): number => {
    const own = Number(/VmHWM:\s+([0-9]+) kB/.exec(readText(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
    return own + (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0)
  }
  return sum(root)
}

/** The text of a file; nothing where it has gone. */
export const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // ended meanwhile
  }
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
