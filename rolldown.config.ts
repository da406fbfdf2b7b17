import { defineConfig } from 'rolldown'

/*
 * What runs on Node, in few files: each one that a start needs costs it about a millisecond.
 */

/** Packages that become part of ours, with what they import: they have many files, or every command loads them. */
const BUNDLED = /^(?:zod|yargs|p-limit|pretty-bytes|lru-cache|picomatch|thumbhash)$/

const external = (id: string, importer?: string): boolean =>
  /^[\w@#]/.test(id) && !BUNDLED.test(id) && !importer?.includes('/node_modules/')

/** Modules that are read together, with all that they import; of several chunks, the first gets what they share. */
const chunk = (name: string, modules: string) => ({ name, test: new RegExp(`/src/(?:${modules})\\.ts$`) })

const common = {
  platform: 'node',
  external,
  // yargs measures texts with tables of all emoji.
  resolve: { alias: { 'string-width': `${import.meta.dirname}/src/cli/string-width.ts` } },
  transform: { target: 'node20.19' },
} as const

const comments = { legal: true, jsdoc: false, annotation: false }

const FACES = ['main', 'index', 'build', 'server', 'integrations/eleventy', 'integrations/vite']

export default defineConfig([
  {
    ...common,
    input: Object.fromEntries(
      [...FACES, 'http/workers/serve-worker'].map((name) => [name, `src/${name}.ts`]),
    ),
    output: {
      dir: 'dist',
      chunkFileNames: 'chunks/[name].js',
      comments,
      codeSplitting: {
        groups: [
          chunk('main', 'cli/stop|wire/program-version'),
          chunk('sign', 'index'),
          chunk('work', 'build'),
          { ...chunk('cli', 'cli/[^/]+'), minShareCount: 2 },
          chunk('answer', 'http/workers/serve-worker'),
          chunk('server', 'server|http/run-server'),
        ],
      },
    },
  },
  {
    ...common,
    input: 'src/render/process.ts',
    external: ['sharp', 'sax'],
    // Without the loader of ES modules it starts sooner.
    output: { file: 'dist/render/process.cjs', format: 'cjs', comments },
  },
])
