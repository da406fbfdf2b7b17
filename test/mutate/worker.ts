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
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    next.tests.map((test) => project.createSpecification(resolve(root, test))),
  )
  return unhandledErrors.length > 0 || testModules.some((module) => !module.ok())
}

process.on('message', (next: Planted) => {
  isSeen(next).then(
    (isIt) => process.send?.(isIt),
    () => process.send?.(true),
  )
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
