import { defineConfig } from 'vitest/config'

/** Runs tests as if one file of src/ said something else: IMGSIZES_FAULT is its path, an offset, a length and the text. */
const [file = '', offset = 0, length = 0, to = ''] = JSON.parse(process.env.IMGSIZES_FAULT ?? '[]') as [
  file?: string,
  offset?: number,
  length?: number,
  to?: string,
]

export default defineConfig({
  plugins: [
    {
      name: 'plant',
      enforce: 'pre',
      transform: (code, id) =>
        id === file ? code.slice(0, offset) + to + code.slice(offset + length) : undefined,
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/restore-environment.ts'],
    env: { IMGSIZES_TEST_RUNS: '20' },
    testTimeout: 10_000,
    pool: 'threads',
    maxWorkers: 1,
    isolate: false,
    bail: 1,
  },
})
