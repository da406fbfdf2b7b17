import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'rolldown'
import { createVitest } from 'vitest/node'
import type { Outcome, Planted } from './plant.ts'

/** Runs tests as if one file of `src/` said something else, for one fault after another, and answers what became of it. */

const root = resolve(import.meta.dirname, '../..')
let planted: Planted | undefined

const plantIn = (code: string, id: string): string => {
  if (planted === undefined || id !== resolve(root, planted.path)) return code
  const { offset, from, to } = planted.fault
  return code.slice(0, offset) + to + code.slice(offset + from.length)
}

/** Render processes run what is compiled: of ours they run this, which lies where `bundle.ts` puts it. */
const compiled = resolve(root, `dist/render/planted-${process.pid}.cjs`)
const compile = () =>
  build({
    cwd: root,
    input: 'src/render/process.ts',
    platform: 'node',
    external: ['sharp', 'sax'],
    plugins: [{ name: 'plant', transform: plantIn }],
    logLevel: 'silent',
    output: { file: compiled, format: 'cjs' },
  })

await compile()
const vitest = await createVitest(
  'test',
  {
    root,
    config: false,
    watch: false,
    reporters: [{}],
    include: ['test/**/*.test.ts'],
    globalSetup: process.argv.includes('s3') ? ['test/support/global-setup.ts'] : [],
    setupFiles: ['test/support/restore-environment.ts'],
    env: { IMGSIZES_TEST_RUNS: '20' },
    pool: 'threads',
    maxWorkers: 1,
    bail: 1,
  },
  {
    plugins: [
      {
        name: 'plant',
        enforce: 'pre',
        transform: (code, id) =>
          plantIn(code, id).replace(
            "createRequire(import.meta.url).resolve('#render-process')",
            JSON.stringify(compiled),
          ),
      },
    ],
  },
)

const run = async (next: Planted): Promise<Outcome> => {
  const changed = [planted, next].flatMap((each) => (each === undefined ? [] : [resolve(root, each.path)]))
  planted = next
  if (changed.some((path) => path.startsWith(resolve(root, 'src/render/')))) await compile()
  for (const path of changed) vitest.invalidateFile(path)
  const project = vitest.getRootProject()
  project.config.testTimeout = next.limitMs
  project.config.expect.poll = { timeout: next.limitMs }
  const files = next.tests.map((test) => resolve(root, test))
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    files.map((file) => project.createSpecification(file)),
  )
  // It tells of earlier runs as well.
  const own = testModules.filter(({ moduleId }) => files.includes(moduleId))
  const tests = own.flatMap(({ children }) => [...children.allTests()])
  return {
    isSeen: unhandledErrors.length > 0 || own.length < files.length || own.some((module) => !module.ok()),
    longestMs: Math.max(...tests.map((test) => test.diagnostic()?.duration ?? 0)),
  }
}

process.on('message', (next: Planted) => {
  run(next).then(
    (outcome) => process.send?.(outcome),
    () => process.send?.({ isSeen: true, longestMs: 0 }),
  )
})
process.on('disconnect', () => {
  rmSync(compiled, { force: true })
  process.exit()
})
process.send?.('ready')
