import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { BIN } from '../support/command-line.ts'
import { makeFolder } from '../support/folder.ts'
import { makeProject } from './support.ts'

const CACHE = resolve(import.meta.dirname, '../../bin/compile-cache.cjs')

/** Requires a package, says what it answers, and saves as a run that has done `work`. */
const RUN = `
  const [cache, file, work] = process.argv.slice(1)
  const { keepCompiled, saveCompiled } = require(cache)
  keepCompiled('test')
  const loaded = require(file)
  process.stdout.write(String((loaded.default ?? loaded)()))
  saveCompiled(Number(work))`

let folder: string
let file: string

beforeEach(() => {
  folder = join(makeFolder(), 'kept')
  mkdirSync(join(folder, '../node_modules/one'), { recursive: true })
  file = join(folder, '../node_modules/one/index.cjs')
  writeFileSync(file, "module.exports = () => 'first'")
})

const run = (work = 1, env: NodeJS.ProcessEnv = {}): string =>
  execFileSync(process.execPath, ['-e', RUN, CACHE, file, String(work)], {
    env: { ...process.env, NODE_COMPILE_CACHE: folder, ...env },
  }).toString()

const kept = (): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []

const theFile = (): string => {
  const [only = '', ...others] = kept()
  expect(others).toEqual([])
  return only
}

// Later releases do it by themselves.
describe.runIf(process.versions.node.startsWith('20.'))('compiled code', () => {
  it('is kept once, and again by a run that has done twice as much', () => {
    run()
    const written = statSync(theFile()).ino
    expect(run()).toBe('first')
    expect(run(1.9)).toBe('first')
    expect(statSync(theFile()).ino).toBe(written)
    run(2)
    expect(statSync(theFile()).ino).not.toBe(written)
  })

  it('is that of the text, even of one that has the same length', () => {
    run()
    writeFileSync(file, "module.exports = () => 'other'")
    expect(run()).toBe('other')
    const written = statSync(theFile()).ino
    expect(run()).toBe('other')
    expect(statSync(theFile()).ino).toBe(written)
  })

  it('is compiled anew where the file is damaged in any place', () => {
    run()
    const good = readFileSync(theFile())
    for (const at of [0, 10, good.length >> 1, good.length - 1]) {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ 0xff
      writeFileSync(theFile(), bad)
      expect(run()).toBe('first')
      expect(readFileSync(theFile()).equals(bad)).toBe(false)
    }
    for (const length of [0, 5, good.length - 1]) {
      const bad = good.subarray(0, length)
      writeFileSync(theFile(), bad)
      expect(run()).toBe('first')
      expect(readFileSync(theFile()).equals(bad)).toBe(false)
    }
  })

  it('is not kept where others could write it, nor against the wish of the user', () => {
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    expect(run()).toBe('first')
    expect(kept()).toEqual([])
    chmodSync(folder, 0o700)
    expect(run(1, { NODE_DISABLE_COMPILE_CACHE: '1' })).toBe('first')
    expect(kept()).toEqual([])
    expect(run(1, { NODE_COMPILE_CACHE: file })).toBe('first')
  })

  it('may require packages of ES modules', () => {
    writeFileSync(file, "module.exports = () => require('./m/a.js').a + require('./m/b.js').b")
    mkdirSync(join(file, '../m'))
    writeFileSync(join(file, '../m/package.json'), '{ "type": "module" }')
    writeFileSync(join(file, '../m/a.js'), "import { b } from './b.js'\nexport const a = b + 1")
    writeFileSync(join(file, '../m/b.js'), 'export const b = 1')
    expect([run(), run()]).toEqual(['3', '3'])
    writeFileSync(file, "module.exports = () => (require('./m/c.js'), globalThis.isStrict)")
    writeFileSync(join(file, '../m/c.js'), 'globalThis.isStrict = (function () { return !this })()')
    expect([run(), run()]).toEqual(['true', 'true'])
  })

  it('is not kept of what a user wrote', () => {
    file = join(folder, '../own.cjs')
    writeFileSync(file, "module.exports = () => 'a secret'")
    expect([run(), run()]).toEqual(['a secret', 'a secret'])
    expect(kept()).toEqual([])
  })

  it('is not that of ES modules', () => {
    writeFileSync(join(file, '../package.json'), '{ "type": "module" }')
    file = join(file, '../index.js')
    writeFileSync(file, "export default () => 'm'")
    expect([run(), run()]).toEqual(['m', 'm'])
    writeFileSync(join(file, '../package.json'), '{}')
    expect([run(), run()]).toEqual(['m', 'm'])
    expect(kept()).toEqual([])
  })

  it('may import, have a first line for the shell, and belong to nobody', () => {
    writeFileSync(file, '#!/usr/bin/env node\nmodule.exports = () => 1')
    expect([run(), run()]).toEqual(['1', '1'])
    writeFileSync(
      file,
      "module.exports = () => (import('node:os').then(() => process.stdout.write('2')), 'x')",
    )
    expect([run(), run()]).toEqual(['x2', 'x2'])
    expect(kept()).toEqual([])
  })
})

// The flag makes this Node like 22.0 to 22.11, which cannot require ES modules.
it.each(['--enable-source-maps', '--no-experimental-require-module'])(
  'pages are rewritten by code that was kept, parts of which are ES modules: %s',
  async (flag) => {
    const cwd = await makeProject(['a.jpg'])
    const env = { ...process.env, NODE_COMPILE_CACHE: folder }
    const run = (...args: readonly string[]): string =>
      execFileSync(process.execPath, [flag, BIN, ...args], { cwd, env }).toString()
    run('build')
    for (const site of ['one', 'two']) {
      mkdirSync(join(cwd, site))
      writeFileSync(join(cwd, site, 'index.html'), '<p><img src="/a.jpg" alt="">')
      run('html', site)
      expect(readFileSync(join(cwd, site, 'index.html'), 'utf8')).toContain('<picture')
    }
  },
)

it('a build keeps its own code and that of its render processes, and no secret of a configuration', async () => {
  const cwd = await makeProject(['a.jpg'])
  const config = readFileSync(join(cwd, 'imgsizes.config.json'), 'utf8')
  const { secret }: { secret: string } = JSON.parse(config)
  rmSync(join(cwd, 'imgsizes.config.json'))
  writeFileSync(join(cwd, 'imgsizes.config.ts'), `export default ${config}`)
  const env = { ...process.env, NODE_COMPILE_CACHE: folder }
  const build = (): string => execFileSync(process.execPath, [BIN, 'build'], { cwd, env }).toString()
  expect(build()).toContain('1 source')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.map((name) => join(folder, name)).filter((name) => statSync(name).isFile())
  expect(files.length).toBeGreaterThan(1)
  if (process.versions.node.startsWith('20.'))
    expect(names.map((name) => name.split('-')[0]).sort()).toEqual(['build', 'render'])
  for (const each of files) expect(readFileSync(each).includes(secret)).toBe(false)
})
