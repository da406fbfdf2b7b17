import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Fault, listFaults } from './faults.ts'
import { LAWS } from './laws.ts'

/**
 * `npm run mutate [-- <most faults a file> [<part of a path>…] [--seed <number>]]`: plants faults one at a time into the
 * files of the laws and runs their tests, which are to fail. Files are left as they are: the fault is in what the tests
 * load. Prints those that no test has seen, and the share that was. Another seed plants others.
 */

const root = resolve(import.meta.dirname, '../..')
/** A fault may make a test wait or run for ever: it is given so many times what it takes without a fault, and this at least. */
const TIMES_AS_LONG = 4
const LEAST_LIMIT_MS = 15_000
const LEAST_CPU_SECONDS = 15
const LOOK_EVERY_MS = 2_000

/** A fault in a file, the tests that are to see it, and how long each test may take. */
export interface Planted {
  readonly path: string
  readonly tests: readonly string[]
  readonly fault: Fault
  readonly limitMs: number
}

/** What became of it, and how long the longest test took. */
export interface Outcome {
  readonly isSeen: boolean
  readonly longestMs: number
}

/** What tests take without a fault. */
interface Sound {
  readonly longestMs: number
  readonly cpuSeconds: number
}

/** Loads what tests need once, and then runs them for one fault after another (`worker.ts`). */
const startWorker = async (): Promise<ChildProcess> => {
  const worker = fork(resolve(root, 'test/mutate/worker.ts'), usesS3 ? ['s3'] : [], {
    cwd: root,
    execPath: resolve(root, 'node_modules/.bin/jiti'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(worker, 'message')
  return worker
}

/** Answers `undefined` where the tests ran on and on: a worker that has taken `mostCpuSeconds` is ended. */
const runPlanted = async (
  worker: ChildProcess,
  planted: Planted,
  mostCpuSeconds: number,
): Promise<Outcome | undefined> => {
  const before = cpuSecondsOf(worker)
  const looking = setInterval(() => {
    if (cpuSecondsOf(worker) - before > mostCpuSeconds) worker.kill('SIGKILL')
  }, LOOK_EVERY_MS)
  worker.send(planted)
  const heard = new AbortController()
  const until = { signal: heard.signal }
  const answer = await Promise.race([
    once(worker, 'message', until),
    once(worker, 'exit', until).then(() => undefined),
  ])
  heard.abort()
  clearInterval(looking)
  return answer?.[0]
}

/** What a process has taken of the processor, as `ps` says it: [days-]hours:minutes:seconds. */
const cpuSecondsOf = ({ pid }: ChildProcess): number =>
  spawnSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split(/[-:]/)
    .reduce((sum, part) => sum * 60 + Number(part), 0)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '0' } },
})
const [most = '12', ...parts] = positionals
/** Where in each of equal shares of a file its fault is taken: in the middle, but for another seed. */
const place = (0.5 + Number(values.seed) * 0.618) % 1

/** As many as asked for, evenly over the file. */
const choose = (faults: readonly Fault[]): readonly Fault[] =>
  faults.length <= Number(most)
    ? faults
    : Array.from({ length: Number(most) }, (_, i) =>
        Math.floor(((i + place) * faults.length) / Number(most)),
      ).flatMap((index) => faults.slice(index, index + 1))

const all: readonly Omit<Planted, 'limitMs'>[] = LAWS.flatMap(([sources, tests]) =>
  sources
    .map((source) => `src/${source}.ts`)
    .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)))
    .flatMap((path) =>
      choose(listFaults(readFileSync(resolve(root, path), 'utf8'))).map((fault) => ({
        path,
        fault,
        tests: tests.map((test) => `test/${test}.test.ts`),
      })),
    ),
)

const usesS3 = all.some(({ tests }) =>
  tests.some((test) => readFileSync(resolve(root, test), 'utf8').includes('support/s3.ts')),
)
const measured = new Map<string, Promise<Sound>>()
const soundOf = (worker: ChildProcess, tests: readonly string[]): Promise<Sound> => {
  const names = tests.join(' ')
  const sound = measured.get(names) ?? measure(worker, tests)
  measured.set(names, sound)
  return sound
}

/** Throws where the tests fail without a fault as well: they would see every one. */
const measure = async (worker: ChildProcess, tests: readonly string[]): Promise<Sound> => {
  const before = cpuSecondsOf(worker)
  const nothing: Planted = {
    path: '',
    tests,
    fault: { line: 0, offset: 0, from: '', to: '' },
    limitMs: 120_000,
  }
  const outcome = await runPlanted(worker, nothing, Number.POSITIVE_INFINITY)
  if (outcome === undefined || outcome.isSeen) throw new Error(`${tests.join(' ')} fail without a fault`)
  return { longestMs: outcome.longestMs, cpuSeconds: cpuSecondsOf(worker) - before }
}

let seen = 0
/** Of these, by running on and on. */
let late = 0
const waiting = all.values()
const work = async (): Promise<void> => {
  let worker = await startWorker()
  for (const { path, tests, fault } of waiting) {
    const { longestMs, cpuSeconds } = await soundOf(worker, tests)
    const limitMs = Math.max(LEAST_LIMIT_MS, longestMs * TIMES_AS_LONG)
    const mostCpuSeconds = Math.max(LEAST_CPU_SECONDS, cpuSeconds * TIMES_AS_LONG)
    const outcome = await runPlanted(worker, { path, tests, fault, limitMs }, mostCpuSeconds)
    if (outcome === undefined) late++
    if (outcome?.isSeen ?? true) seen++
    else console.log(`${path}:${fault.line} "${fault.from}" as "${fault.to}": no test has seen it`)
    if (!worker.connected) worker = await startWorker()
  }
  worker.disconnect()
}
await Promise.all([work(), work()])
console.log(
  `${seen} of ${all.length} faults were seen (${late} by running on and on): ${Math.round((seen / all.length) * 100)} %`,
)
