import { defineConfig } from 'vitest/config'

/** For `npm run test:servers`: the suite that is run against each server by itself. */
export default defineConfig({
  test: {
    include: ['test/servers/*.suite.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/restore-environment.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
})
