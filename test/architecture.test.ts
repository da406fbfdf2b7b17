import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { LAWS } from './mutate/laws.ts'
import {
  findCycle,
  type Import,
  type Module,
  reach,
  readModules,
  toModule,
  withoutComments,
} from './support/module-graph.ts'

/** CONTRIBUTING.md, "The floors": a file imports from floors below its own and from its own folder, plus types of ports. */
const FLOORS: Readonly<Record<string, number>> = {
  core: 1,
  waiting: 2,
  config: 2,
  url: 2,
  aws: 2,
  plan: 3,
  store: 3,
  queue: 3,
  render: 3,
  page: 3,
  events: 3,
  migrate: 4,
  edge: 3,
  app: 4,
  wire: 5,
  http: 6,
  cli: 6,
  // The browser's part: it knows the words that it is spoken to in, and what only computes.
  studio: 5,
  integrations: 7,
}

const PORTS = new Set(['store/port.ts', 'render/port.ts', 'queue/port.ts'])

/** Packages that only compute; all that the core may have. */
const PURE_PACKAGES = new Set(['thumbhash', 'zod', 'picomatch', 'ipaddr.js', 'pretty-bytes'])

/** Which folders may import a package that reaches out of the process or is heavy; others are anybody's. */
const PACKAGE_HOMES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^sharp(?:\/|$)/, ['render']],
  [/^#render-(?:worker|process)$/, ['render']],
  [/^piscina$/, ['render']],
  [/^@(?:aws-sdk|smithy)\//, ['store', 'queue', 'aws']],
  [/^@parcel\/watcher$/, ['store']],
  [/^undici$/, ['store']],
  [/^jiti$/, ['config']],
  [/^(?:yargs|cli-progress)(?:\/|$)/, ['cli']],
]

const folderOf = (path: string): string | undefined => (path.includes('/') ? path.split('/')[0] : undefined)

/** What is wrong with one import, in words; undefined where it is allowed. */
const whyNot = (from: string, { specifier, file, isType }: Import): string | undefined => {
  const folder = folderOf(from)
  // Faces stand on top of everything; what they may reach has tests of its own.
  if (folder === undefined) return undefined
  if (file === undefined) return whyNotPackage(folder, specifier)
  const target = folderOf(file)
  if (target === folder) return undefined
  if (target === undefined) return 'is a face'
  const own = FLOORS[folder] ?? 0
  const other = FLOORS[target]
  if (other === undefined) return 'is on no floor'
  if (PORTS.has(file) && isType && own >= 3) return undefined
  if (folder === 'app' && ['store', 'render', 'queue'].includes(target)) return 'is an adapter'
  return other < own ? undefined : `is on floor ${other}, not below ${own}`
}

const whyNotPackage = (folder: string, specifier: string): string | undefined => {
  if (folder === 'core' && !PURE_PACKAGES.has(specifier)) return 'is no business of the core'
  const home = PACKAGE_HOMES.find(([name]) => name.test(specifier))?.[1]
  return home === undefined || home.includes(folder) ? undefined : `belongs in ${home.join(', ')}`
}

const listOffences = (modules: readonly Module[]): readonly string[] =>
  modules.flatMap((module) => [
    ...module.imports.flatMap((entry) => {
      const why = whyNot(module.path, entry)
      return why === undefined ? [] : [`${module.path} imports ${entry.specifier}, which ${why}`]
    }),
    ...(folderOf(module.path) !== undefined && FLOORS[folderOf(module.path) ?? ''] === undefined
      ? [`${module.path} is on no floor`]
      : []),
    ...(isBarrel(module) ? [`${module.path} only passes exports on`] : []),
    ...(folderOf(module.path) === 'app' && /\b(?:console|process)\.\w/.test(withoutComments(module.text))
      ? [`${module.path} uses console or process`]
      : []),
    // A fall-through that the compiler does not name where there is a new kind; `config/config.ts` knows.
    ...(folderOf(module.path) !== 'config' && /\bkind [!=]== '(?:folder|s3|https)'/.test(module.text)
      ? [`${module.path} asks for the kind of a place`]
      : []),
  ])

/** A file that says nothing of its own; those at the root of the sources are faces and meant to. */
const isBarrel = ({ path, text }: Module): boolean => {
  if (folderOf(path) === undefined) return false
  const rest = withoutComments(text).replace(/^(?:import|export)\b[^;'"`()=]*['"][^'"\n]+['"]\s*;?/gm, '')
  return /^export\b[^;'"`()=]*\sfrom\s/m.test(text) && rest.trim() === ''
}

const EXPORTED =
  /^export (?:declare |abstract |async |default )*(?:const|let|function\*?|class|interface|type|enum) (\w+)/

/** Exports without a docstring directly above: an editor shows it wherever they are used. */
const listUndocumented = (modules: readonly Module[]): readonly string[] =>
  modules.flatMap(({ path, text }) => {
    const lines = text.split('\n')
    return lines.flatMap((line, at) => {
      const name = EXPORTED.exec(line)?.[1]
      return name === undefined || endsWithDocstring(lines.slice(0, at))
        ? []
        : [`${path} does not say what ${name} is`]
    })
  })

/** Whether these lines end with a docstring of more than a word. */
const endsWithDocstring = (lines: readonly string[]): boolean => {
  const comment = lines.slice(lines.findLastIndex((line) => line.startsWith('/*'))).join(' ')
  return /^\/\*\*.*\w\W+\w.*\*\/$/.test(comment)
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The floors as a table draws them: `src/http/` is on 6. */
const floorsIn = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...text.matchAll(/^\| (\d) \| ((?:`src\/[a-z]+\/`(?:, )?)+) \|/gm)].flatMap(([, floor, folders = '']) =>
      [...folders.matchAll(/`src\/([a-z]+)\/`/g)].map(([, folder = '']) => [folder, Number(floor)]),
    ),
  )

/** Files that a text names but that are not there. `core/mark` may be a source or a test; `store/*` is a folder. */
const missingIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([a-z.][\w.-]*(?:\/[\w.*-]+)*\/?)`/g)]
    .map(([, name = '']) => name)
    .filter((name) => name.includes('/') && !/^(?:dist\/|a\.jpg)/.test(name))
    .filter((name) => {
      const path = name.replace(/\/\*?$/, '')
      const spelled = ['', 'src/', 'test/'].flatMap((folder) =>
        ['', '.ts', '.test.ts'].map((ending) => `${folder}${path}${ending}`),
      )
      return !spelled.some((file) => existsSync(join(ROOT, file)))
    })

/** What must not be reached by running a face. */
const FACES: readonly (readonly [string, RegExp, string])[] = [
  ['index.ts', /^(?:sharp|@aws-sdk\/|@smithy\/)/, 'neither sharp nor the AWS SDK'],
  ['browser.ts', /^(?:node:|sharp|@aws-sdk\/|@smithy\/)/, 'nothing of Node'],
  ['studio/studio.tsx', /^(?!preact(?:\/|$))/, 'nothing but Preact'],
]

const listReached = (modules: readonly Module[], face: string, forbidden: RegExp): readonly string[] =>
  [...reach(modules, face).packages].filter((name) => forbidden.test(name))

describe('the sources', async () => {
  const modules = await readModules(fileURLToPath(new URL('../src', import.meta.url)))

  test('are read at all', () => {
    expect(modules.length).toBeGreaterThan(20)
    expect(modules.flatMap(({ imports }) => imports).length).toBeGreaterThan(50)
    expect(modules.find(({ path }) => path === 'core/source-key.ts')?.imports).toEqual([
      { specifier: './byte-order.ts', file: 'core/byte-order.ts', isType: false },
      { specifier: './mark.ts', file: 'core/mark.ts', isType: true },
      { specifier: './problem.ts', file: 'core/problem.ts', isType: false },
    ])
  })

  test('import nothing that does not exist', () => {
    const paths = new Set(modules.map(({ path }) => path))
    const missing = modules.flatMap(({ path, imports }) =>
      imports
        .filter(({ file }) => file !== undefined && !paths.has(file))
        .map((entry) => [path, entry.specifier]),
    )
    expect(missing.filter(([, specifier]) => !specifier?.endsWith('.json'))).toEqual([])
  })

  test('keep to their floors', () => {
    expect(listOffences(modules)).toEqual([])
  })

  test('have no cycle', () => {
    expect(findCycle(modules)).toBeUndefined()
  })

  test('say of every export what it promises', () => {
    expect(listUndocumented(modules)).toEqual([])
  })

  test('are reached from the face of the package', () => {
    expect(reach(modules, 'index.ts').files).toContain('config/define.ts')
  })

  test.each(FACES)('%s reaches %s: %s', (face, forbidden) => {
    expect(listReached(modules, face, forbidden)).toEqual([])
  })
})

describe('CONTRIBUTING.md', () => {
  const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')

  test('draws the floors as they are', () => {
    const { integrations: _, ...floors } = FLOORS
    expect(floorsIn(text)).toEqual(floors)
  })

  test('names only files that are there, and so do the laws of mutate', () => {
    expect(missingIn(text)).toEqual([])
    const laws = LAWS.flatMap(([sources, tests]) => [
      ...sources.map((source) => `src/${source}.ts`),
      ...tests.map((path) => `test/${path}.test.ts`),
    ])
    expect(laws.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  test('is read at all', () => {
    expect(missingIn('`core/mark`, `core/nothing.ts`, `src/core/`, `nothing/*`, `store/*`, `word`')).toEqual([
      'core/nothing.ts',
      'nothing/*',
    ])
  })
})

/** The offences of small made-up sources: `{ path: text }`. */
const offencesOf = (files: Readonly<Record<string, string>>): readonly string[] =>
  listOffences(Object.entries(files).map(([path, text]) => toModule(path, text)))

describe('this test fails on', () => {
  test.each<[string, string, string]>([
    ['a step upwards', 'core/a.ts', "import { b } from '../config/b.ts'"],
    ['a step upwards over lines', 'core/a.ts', "import {\n  a,\n  type b,\n} from '../url/b.ts'"],
    ['a step sideways', 'config/a.ts', "import { b } from '../url/b.ts'"],
    ['a step sideways for a type', 'url/a.ts', "import type { b } from '../config/b.ts'"],
    ['a dynamic step upwards', 'plan/a.ts', "const b = await import('../app/b.ts')"],
    ['a re-export from above', 'url/a.ts', "export { b } from '../plan/b.ts'\nexport const a = 1"],
    ['a bare import from above', 'url/a.ts', "import '../plan/b.ts'"],
    ['a port below floor 3', 'url/a.ts', "import type { Store } from '../store/port.ts'"],
    ['a value of a port', 'plan/a.ts', "import { Store } from '../store/port.ts'"],
    ['a store in the plan', 'plan/a.ts', "import type { b } from '../store/s3.ts'"],
    ['a store that plans', 'store/a.ts', "import { b } from '../plan/b.ts'"],
    ['a store that knows keys of URLs', 'store/a.ts', "import { b } from '../http/b.ts'"],
    ['a concrete store in the app', 'app/a.ts', "import { openS3 } from '../store/s3.ts'"],
    ['a type of a concrete store in the app', 'app/a.ts', "import type { S3 } from '../store/s3.ts'"],
    ['sharp in the app', 'app/a.ts', "import sharp from 'sharp'"],
    ['a type of sharp in a page', 'page/a.ts', "import type { Sharp } from 'sharp'"],
    ['console in the app', 'app/a.ts', "export const a = () => console.log('a')"],
    ['process in the app', 'app/a.ts', 'export const a = process.env'],
    ['a question for the kind of a place', 'cli/a.ts', "export const a = place.kind === 's3'"],
    ['node: in the core', 'core/a.ts', "import { join } from 'node:path'"],
    ['I/O in the core', 'core/a.ts', "import { request } from 'undici'"],
    ['the SDK outside of stores', 'wire/a.ts', "import { S3Client } from '@aws-sdk/client-s3'"],
    ['http in cli', 'cli/a.ts', "import { serve } from '../http/serve.ts'"],
    ['cli in http', 'http/a.ts', "import { main } from '../cli/main.ts'"],
    ['cli in wire', 'wire/a.ts', "import { main } from '../cli/main.ts'"],
    ['http in wire', 'wire/a.ts', "import { main } from '../http/main.ts'"],
    ['a face from within', 'cli/a.ts', "import { defineConfig } from '../index.ts'"],
    ['a folder on no floor', 'helpers/a.ts', 'export const a = 1'],
    ['an import of no floor', 'cli/a.ts', "import { a } from '../helpers/a.ts'"],
    [
      'a barrel',
      'core/index.ts',
      "// All of it.\nexport * from './a.ts'\nexport type {\n  B,\n} from './b.ts'\n",
    ],
  ])('%s', (_, path, text) => {
    expect(offencesOf({ [path]: text })).toHaveLength(1)
  })

  test.each<[string, string]>([
    ['a constant without a docstring', 'export const a = 1'],
    ['a function', 'export async function* a() {}'],
    ['a class', '/** It says something. */\nclass B {}\nexport abstract class a {}'],
    ['an interface', "import { b } from './b.ts'\n\nexport interface a {}"],
    ['a type after one that has its docstring', '/** It says this. */\nexport type B = 1\nexport type a = 2'],
    ['a comment that no editor shows', '// It says something.\nexport const a = 1'],
    ['a comment of another kind', '/* It says something. */\nexport const a = 1'],
    ['a docstring apart', '/** About the file. */\n\nexport const a = 1'],
    ['a docstring that says nothing', '/** */\nexport const a = 1'],
    ['a docstring of one word', '/** A. */\nexport const a = 1'],
  ])('%s', (_, text) => {
    expect(listUndocumented([toModule('core/a.ts', text)])).toEqual(['core/a.ts does not say what a is'])
  })

  test('a cycle, however long and if only of types', () => {
    const graph = [
      toModule('core/a.ts', "import { b } from './b.ts'"),
      toModule('core/b.ts', "import type { c } from './c.ts'"),
      toModule('core/c.ts', "export { a } from './a.ts'\nexport const c = 1"),
      toModule('core/d.ts', "import { a } from './a.ts'"),
    ]
    expect(findCycle(graph)).toEqual(['core/a.ts', 'core/b.ts', 'core/c.ts', 'core/a.ts'])
    expect(findCycle(graph.slice(0, 2))).toBeUndefined()
  })

  test('a face that reaches sharp by way of others', () => {
    const graph = [
      toModule('index.ts', "export { a } from './page/a.ts'"),
      toModule('page/a.ts', "import { b } from './b.ts'\nimport type { S3 } from '@aws-sdk/client-s3'"),
      toModule('page/b.ts', "const sharp = await import('sharp')"),
    ]
    const [[face, forbidden] = ['', /^/]] = FACES
    expect(listReached(graph, face, forbidden)).toEqual(['sharp'])
  })
})

describe('this test allows', () => {
  test.each<[string, string]>([
    ['a docstring on one line', '/** It says something. */\nexport const a = 1'],
    ['a docstring of several', '/**\n * It matches `a/*`,\n * and says so.\n */\nexport const a = 1'],
    ['what is not exported', 'const a = 1'],
    ['an export from elsewhere', "export { a } from './b.ts'\nexport type { B } from './b.ts'"],
  ])('%s', (_, text) => {
    expect(listUndocumented([toModule('core/a.ts', text)])).toEqual([])
  })

  test.each<[string, string, string]>([
    ['a step down', 'config/a.ts', "import { b } from '../core/b.ts'\nimport * as z from 'zod'"],
    ['a step down by several floors', 'cli/a.ts', "import { b } from '../core/b.ts'"],
    ['its own folder', 'store/a.ts', "import { b } from './b.ts'"],
    ['types of ports from floor 3', 'plan/a.ts', "import type { Store } from '../store/port.ts'"],
    ['types of ports from the app', 'app/a.ts', "import type { Renderer } from '../render/port.ts'"],
    ['adapters in wire', 'wire/a.ts', "import { openS3 } from '../store/s3.ts'"],
    ['sharp in render', 'render/a.ts', "import sharp from 'sharp'"],
    ['a face that passes exports on', 'index.ts', "export { a } from './core/a.ts'"],
    ['an export besides its own', 'core/a.ts', "export type { B } from './b.ts'\nexport const a = 1"],
    [
      'talk of imports',
      'core/a.ts',
      "/**\n * import('sharp') and import { a } from 'sharp'\n */\n// import 'sharp'\nexport const a = 1",
    ],
    ['talk of process', 'app/a.ts', '/** Not process.env. */\n// console.log\nexport const a = 1'],
  ])('%s', (_, path, text) => {
    expect(offencesOf({ [path]: text })).toEqual([])
  })
})
