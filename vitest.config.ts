import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that start processes and servers, or wait, take longest: begun last, they would keep one worker busy and idle the rest. */
const LONG = [/\/(?:e2e|integrations|queue)\//, /\/(?:http|cli|app)\//]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONG.findIndex((folder) => folder.test(moduleId))
      return rank < 0 ? LONG.length : rank
    }
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/restore-environment.ts'],
    sequence: { sequencer: LongestFirst },
    // To read these costs each process of Node 20 as much again as its start. Tests only talk to this machine.
    env: { NODE_EXTRA_CA_CERTS: '' },
    // Only for what never ends: a busy machine takes ten times as long as a quiet one, and more.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // Many tests wait for processes and servers.
    maxWorkers: availableParallelism() * 2,
    // A process for each of 145 files would spend a twentieth of the time on loading the same modules.
    isolate: false,
  },
})
