import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { BIN } from '../support/command-line.ts'
import { makeFolder } from '../support/folder.ts'
import { makeProject } from './support.ts'

/** The files that a command has loaded, by what Node tells of its coverage. */
const loadedBy = (args: readonly string[], cwd: string): readonly string[] => {
  const folder = makeFolder()
  execFileSync(process.execPath, [BIN, ...args], { cwd, env: { ...process.env, NODE_V8_COVERAGE: folder } })
  return readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      readonly result: readonly { readonly url: string }[]
    }
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:'))
  })
}

/** Of each, what a start of a tenth of a second has no time for. */
const DEAR =
  /node_modules\/(?:@aws-sdk|@smithy|zod|sharp|yargs|cliui|cli-progress|pino|prom-client|undici|parse5|jsonc-parser)\//

test('a folder is planned, and its URLs are printed, without what takes long to load', async () => {
  const cwd = await makeProject(['a.jpg'])
  for (const args of [['plan'], ['url', 'a.jpg']]) {
    const loaded = loadedBy(args, cwd)
    expect(loaded.some((url) => url.includes('/dist/main.cjs'))).toBe(true)
    expect(loaded.filter((url) => DEAR.test(url))).toEqual([])
  }
})

test('a start reads few files', async () => {
  const cwd = await makeProject(['a.jpg'])
  for (const args of [['plan'], ['url', 'a.jpg'], ['build']])
    expect(loadedBy(args, cwd).length).toBeLessThan(20)
})

/** Later releases wait for thousands of calls by themselves. */
test.runIf(process.versions.node.startsWith('20.'))(
  'what is called some hundred times is not compiled again',
  async () => {
    const cwd = await makeProject([])
    for (let i = 0; i < 400; i++) writeFileSync(join(cwd, 'photos', `${i}.jpg`), 'a picture')
    const trace = execFileSync(process.execPath, ['--trace-opt', BIN, 'plan', '--json'], { cwd })
    expect(trace.toString().match(/completed optimizing/g)?.length ?? 0).toBeLessThan(8)
  },
)

test('the version is told by what knows it, and nothing else', async () => {
  const loaded = loadedBy(['--version'], await makeProject([]))
  expect(loaded.length).toBeLessThan(5)
})

test('a build loads no libvips to know its encoders, whether it has something to do or not', async () => {
  const cwd = await makeProject(['a.jpg'])
  for (const time of ['first', 'second']) {
    const loaded = loadedBy(['build'], cwd)
    expect(loaded.some((url) => url.includes('/dist/main.cjs'))).toBe(true)
    const dear = loaded.filter((url) =>
      /node_modules\/(?:sharp|@img|semver)\/|\/sharp-[\d.]+\.cjs$/.test(url),
    )
    expect([time, ...dear]).toEqual([time])
  }
})

/** The bytes of a compiled file and of all that it imports at once. */
const weigh = (file: string, seen = new Set<string>()): number => {
  if (seen.has(file)) return 0
  seen.add(file)
  // A long line may end within a string.
  const text = readFileSync(file, 'utf8').replaceAll('\\\n', '')
  const imports = [...text.matchAll(/(?<!=>)require\(\s*"(\.[^"]+)"/g)]
  return imports.reduce((sum, [, path = '']) => sum + weigh(join(file, '..', path), seen), text.length)
}

test('a worker of serve holds little of the program', () => {
  const resolved = createRequire(import.meta.url).resolve
  const whole = weigh(resolve(import.meta.dirname, '../../dist/server.cjs'))
  expect(weigh(resolved('#serve-worker'))).toBeLessThan(whole / 2)
})
