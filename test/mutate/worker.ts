import { resolve } from 'node:path'
import { createVitest } from 'vitest/node'
import type { Planted } from './plant.ts'

/** Runs tests as if one file of `src/` said something else, for one fault after another, and answers whether one failed. */

const root = resolve(import.meta.dirname, '../..')
let planted: Planted | undefined

const vitest = await createVitest(
  'test',
  {
    root,
    config: false,
    watch: false,
    reporters: [{}],
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/restore-environment.ts'],
    env: { IMGSIZES_TEST_RUNS: '20' },
    testTimeout: 120_000,
    pool: 'threads',
    maxWorkers: 1,
    bail: 1,
  },
  {
    plugins: [
      {
        name: 'plant',
        enforce: 'pre',
        transform: (code, id) => {
          if (planted === undefined || id !== resolve(root, planted.path)) return undefined
          const { offset, from, to } = planted.fault
          return code.slice(0, offset) + to + code.slice(offset + from.length)
        },
      },
    ],
  },
)

const isSeen = async (next: Planted): Promise<boolean> => {
  const changed = [planted, next].flatMap((each) => (each === undefined ? [] : [resolve(root, each.path)]))
  planted = next
  for (const path of changed) vitest.invalidateFile(path)
  const project = vitest.getRootProject()
  const files = next.tests.map((test) => resolve(root, test))
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    files.map((file) => project.createSpecification(file)),
  )
  // It tells of earlier runs as well.
  const own = testModules.filter(({ moduleId }) => files.includes(moduleId))
  return unhandledErrors.length > 0 || own.length < files.length || own.some((module) => !module.ok())
}

process.on('message', (next: Planted) => {
  isSeen(next).then(
    (isIt) => process.send?.(isIt),
    () => process.send?.(true),
  )
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
