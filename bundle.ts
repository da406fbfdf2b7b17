import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { transform } from 'esbuild'
import { build, type InputOptions, type Plugin } from 'rolldown'

/*
 * What runs on Node, in few files: each one that a start needs costs it about a millisecond.
 */

/** Packages that become part of ours, with what they import: they have many files, or every command loads them. */
const BUNDLED = /^(?:zod|yargs|p-limit|pretty-bytes|lru-cache|picomatch|thumbhash)$/

/** Packages that are ES modules alone. Node 22 before 22.12 cannot require these: there jiti does it, slowly. */
const ES_MODULES = /^\0?(parse5|css-select|css-what)$/

const external = (id: string, importer?: string): boolean =>
  /^[\w@#]/.test(id) && !BUNDLED.test(id) && !ES_MODULES.test(id) && !importer?.includes('/node_modules/')

/** Modules that are read together, with all that they import; of several chunks, the first gets what they share. */
const chunk = (name: string, modules: string) => ({ name, test: new RegExp(`/src/(?:${modules})\\.ts$`) })

/** Folders of packages whose code is in ours. preact is in the page of the studio, which esbuild makes. */
const included = new Set([`${import.meta.dirname}/node_modules/preact`])

/** Their licenses ask for a copy of each to go with the code. */
const licenses: Plugin = {
  name: 'licenses',
  generateBundle() {
    for (const id of this.getModuleIds()) {
      const [folder] = /^\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []
      if (folder !== undefined) included.add(folder)
    }
  },
  writeBundle: () =>
    writeFileSync('dist/licenses.txt', [ABOUT, ...[...included].sort().map(readLicense)].join('\n')),
}

const ABOUT = 'imgsizes has code of these packages in its own files, some of it minified.\n'

const readLicense = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Package
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file))
  const texts = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim())
  return `${name} ${version}, ${license}\n\n${texts.map((text) => `${text}\n\n`).join('')}`
}

interface Package {
  readonly name: string
  readonly version: string
  readonly license: string
}

/**
 * Whoever imports ours gets names from a module: this one. The code itself is CommonJS, of which Node 20, too, can keep
 * what it compiled (`bin/compile-cache.cjs`).
 */
const faces: Plugin = {
  name: 'faces',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      const face = FACES.find((name) => file.fileName === `${name}.cjs`)
      if (file.type !== 'chunk' || face === undefined) continue
      const names = file.exports.map((name) => (name === 'default' ? 'imgsizes as default' : name))
      const source = `export { ${names.join(', ')} } from './${basename(file.fileName)}'\n`
      this.emitFile({ type: 'asset', fileName: `${face}.js`, source })
    }
  },
}

/** 40 kB less to download. Names and short lines stay, so that a stack trace still tells the place. */
const dense: Plugin = {
  name: 'dense',
  async generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue
      file.code = (
        await transform(file.code, {
          minifyWhitespace: true,
          minifySyntax: true,
          lineLimit: 160,
          target: 'node20',
        })
      ).code
    }
  },
}

const esModules: Plugin = {
  name: 'es-modules',
  resolveId: (id) => (ES_MODULES.test(id) ? `\0${id}` : undefined),
  load: (id) => {
    const [, name] = ES_MODULES.exec(id) ?? []
    if (name === undefined) return undefined
    return `
      const load = require
      const { require_module: canRequire } = process.features
      module.exports = canRequire ? load('${name}') : load('jiti').createJiti(__filename)('${name}')`
  },
}

const common = {
  platform: 'node',
  external,
  plugins: [licenses, dense],
  // yargs measures texts with tables of all emoji.
  resolve: { alias: { 'string-width': `${import.meta.dirname}/src/cli/string-width.ts` } },
  // yargs reads `import.meta.resolve` for a feature that is not used here.
  transform: { target: 'node20.19', define: { 'import.meta.resolve': 'undefined' } },
} satisfies InputOptions

const comments = { legal: true, jsdoc: false, annotation: false }

/** What the JavaScript of sharp loads at its start, and asks nearly nothing of: each function is loaded when it is called. */
const LATE: Readonly<Record<string, string>> = {
  semver: `
    exports.coerce = require('semver/functions/coerce')
    exports.gte = (...given) => require('semver/functions/gte')(...given)
    exports.satisfies = (...given) => require('semver/functions/satisfies')(...given)`,
  'node:crypto': lendLate('crypto', 'createHash'),
  'node:child_process': lendLate('child_process', 'spawnSync'),
  child_process: lendLate('child_process', 'exec', 'execSync'),
}

function lendLate(name: string, ...functions: readonly string[]): string {
  const lent = functions.map((each) => `exports.${each} = (...given) => load('${name}').${each}(...given)`)
  return ['const load = require', ...lent].join('\n')
}

const late: Plugin = {
  name: 'late',
  resolveId: (id) => (Object.hasOwn(LATE, id) ? `\0${id}` : undefined),
  load: (id) => (id.startsWith('\0') ? LATE[id.slice(1)] : undefined),
}

const { version: sharpVersion } = JSON.parse(
  readFileSync('node_modules/sharp/package.json', 'utf8'),
) as Package

const FACES = ['index', 'build', 'server', 'integrations/eleventy', 'integrations/vite']

await build([
  {
    ...common,
    plugins: [esModules, ...common.plugins, faces],
    input: Object.fromEntries(
      ['main', ...FACES, 'http/workers/serve-worker'].map((name) => [name, `src/${name}.ts`]),
    ),
    output: {
      dir: 'dist',
      format: 'cjs',
      exports: 'named',
      // Code that Node 20 kept could not import.
      dynamicImportInCjs: false,
      entryFileNames: '[name].cjs',
      chunkFileNames: 'chunks/[name].cjs',
      comments,
      codeSplitting: {
        groups: [
          chunk('main', 'cli/stop|wire/program-version'),
          // What the workers of `serve` share with the rest, and no more: each of them has it in memory.
          chunk(
            'base',
            'wire/(?:dialects|request-rules)|app/(?:results|origin/(?:name-key|read-request))|' +
              'waiting/(?:collect|system-clock|time-limit)|url/path|config/secrets|core/error-code',
          ),
          chunk('sign', 'index'),
          chunk('stores', 'wire/stores'),
          chunk('work', 'build'),
          { ...chunk('cli', 'cli/[^/]+'), minShareCount: 2 },
          // Not the worker's own module: it listens to the signals and messages of the process that reads it.
          chunk(
            'answer',
            'http/(?:bound-connections|collect-garbage|common-headers|listen|workers/(?:notifications|owner-link|worker-origin))',
          ),
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
  {
    // See `loadSharp`.
    input: 'node_modules/sharp/dist/index.cjs',
    platform: 'node',
    external: /^@img\/sharp-|\.node$/,
    plugins: [late, licenses],
    output: {
      file: `dist/render/sharp-${sharpVersion}.cjs`,
      format: 'cjs',
      comments,
      minify: { compress: false, mangle: true, codegen: true },
      // Its libvips is found from where sharp lies.
      postBanner: "var require = require('node:module').createRequire(require.resolve('sharp'));",
    },
  },
])
