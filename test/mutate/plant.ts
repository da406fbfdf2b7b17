import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Fault, listFaults } from './faults.ts'
import { LAWS } from './laws.ts'

/**
 * `npm run mutate [-- <most faults a file> [<part of a path>]]`: plants faults one at a time into the files of the laws
 * and runs their tests, which are to fail. Files are left as they are: the fault is in what the tests load. Prints those
 * that no test has seen, and the share that was.
 */

const root = resolve(import.meta.dirname, '../..')
/** A fault that makes a loop endless is seen by that. */
const LONGEST_MS = 90_000

interface Planted {
  readonly path: string
  readonly tests: readonly string[]
  readonly fault: Fault
}

const isSeen = ({ path, tests, fault }: Planted): Promise<boolean> =>
  new Promise((settle) => {
    const { offset, from, to } = fault
    const child = spawn(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '-c', 'test/mutate/vitest.config.ts', ...tests],
      {
        cwd: root,
        stdio: 'ignore',
        env: {
          ...process.env,
          IMGSIZES_FAULT: JSON.stringify([resolve(root, path), offset, from.length, to]),
        },
      },
    )
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
    child.on('exit', (code) => {
      clearTimeout(timer)
      settle(code !== 0)
    })
  })

/** As many as asked for, evenly over the file. */
const choose = (faults: readonly Fault[], most: number): readonly Fault[] =>
  faults.length <= most
    ? faults
    : Array.from({ length: most }, (_, i) => faults[Math.floor(((i + 0.5) * faults.length) / most)]).filter(
        (fault) => fault !== undefined,
      )

const [most = '12', part = ''] = process.argv.slice(2)
const all: readonly Planted[] = LAWS.flatMap(([sources, tests]) =>
  sources
    .map((source) => `src/${source}.ts`)
    .filter((path) => path.includes(part))
    .flatMap((path) =>
      choose(listFaults(readFileSync(resolve(root, path), 'utf8')), Number(most)).map((fault) => ({
        path,
        fault,
        tests: tests.map((test) => `test/${test}.test.ts`),
      })),
    ),
)
let seen = 0
const waiting = all.values()
const work = async (): Promise<void> => {
  for (const planted of waiting) {
    const { path, fault } = planted
    if (await isSeen(planted)) seen++
    else console.log(`${path}:${fault.line} "${fault.from}" as "${fault.to}": no test has seen it`)
  }
}
await Promise.all([work(), work()])
console.log(`${seen} of ${all.length} faults were seen: ${Math.round((seen / all.length) * 100)} %`)
