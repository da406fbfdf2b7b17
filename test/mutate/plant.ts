import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Fault, listFaults } from './faults.ts'
import { LAWS } from './laws.ts'

/**
 * `npm run mutate [-- <most faults a file> [<part of a path>…]]`: plants faults one at a time into the files of the laws
 * and runs their tests, which are to fail. Files are left as they are: the fault is in what the tests load. Prints those
 * that no test has seen, and the share that was.
 */

const root = resolve(import.meta.dirname, '../..')
/** A fault that makes a loop endless is seen by that: so much of the processor, for a busy machine is slow as well. */
const MOST_CPU_SECONDS = 60
const LOOK_EVERY_MS = 5_000

/** A fault in a file, and the tests that are to see it. */
export interface Planted {
  readonly path: string
  readonly tests: readonly string[]
  readonly fault: Fault
}

/** Loads what tests need once, and then runs them for one fault after another (`worker.ts`). */
const startWorker = async (): Promise<ChildProcess> => {
  const worker = fork(resolve(root, 'test/mutate/worker.ts'), {
    cwd: root,
    execPath: resolve(root, 'node_modules/.bin/jiti'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(worker, 'message')
  return worker
}

const isSeenBy = async (worker: ChildProcess, planted: Planted): Promise<boolean> => {
  const before = cpuSecondsOf(worker)
  const looking = setInterval(() => {
    if (cpuSecondsOf(worker) - before > MOST_CPU_SECONDS) worker.kill('SIGKILL')
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
  if (answer !== undefined) return answer[0] === true
  late++
  return true
}

/** What a process has taken of the processor, as `ps` says it: [days-]hours:minutes:seconds. */
const cpuSecondsOf = ({ pid }: ChildProcess): number =>
  spawnSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split(/[-:]/)
    .reduce((sum, part) => sum * 60 + Number(part), 0)

/** As many as asked for, evenly over the file. */
const choose = (faults: readonly Fault[], most: number): readonly Fault[] =>
  faults.length <= most
    ? faults
    : Array.from({ length: most }, (_, i) => faults[Math.floor(((i + 0.5) * faults.length) / most)]).filter(
        (fault) => fault !== undefined,
      )

const [most = '12', ...parts] = process.argv.slice(2)
const all: readonly Planted[] = LAWS.flatMap(([sources, tests]) =>
  sources
    .map((source) => `src/${source}.ts`)
    .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)))
    .flatMap((path) =>
      choose(listFaults(readFileSync(resolve(root, path), 'utf8')), Number(most)).map((fault) => ({
        path,
        fault,
        tests: tests.map((test) => `test/${test}.test.ts`),
      })),
    ),
)
const sound = new Set<string>()
/** Throws where the tests fail without a fault as well: they would see every one. */
const checkSound = async (worker: ChildProcess, { path, tests }: Planted): Promise<void> => {
  const names = tests.join(' ')
  if (sound.has(names)) return
  sound.add(names)
  const nothing: Planted = { path, tests, fault: { line: 0, offset: 0, from: '', to: '' } }
  if (await isSeenBy(worker, nothing)) throw new Error(`${names} fail without a fault`)
}
let seen = 0
/** Of these, by running on and on. */
let late = 0
const waiting = all.values()
const work = async (): Promise<void> => {
  let worker = await startWorker()
  for (const planted of waiting) {
    const { path, fault } = planted
    await checkSound(worker, planted)
    if (await isSeenBy(worker, planted)) seen++
    else console.log(`${path}:${fault.line} "${fault.from}" as "${fault.to}": no test has seen it`)
    if (!worker.connected) worker = await startWorker()
  }
  worker.disconnect()
}
await Promise.all([work(), work()])
console.log(
  `${seen} of ${all.length} faults were seen (${late} by running on and on): ${Math.round((seen / all.length) * 100)} %`,
)
