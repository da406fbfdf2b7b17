import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { makeFolder } from '../support/folder.ts'
import { problemOf } from '../support/problems.ts'

let root = ''

beforeEach(async () => {
  root = await realpath(makeFolder())
})

const write = async (name: string, text: string): Promise<void> => {
  await mkdir(dirname(join(root, name)), { recursive: true })
  await writeFile(join(root, name), text)
}

const GOOD = "{ source: './photos', output: './img' }"

describe('the file', () => {
  test.each<[string, string]>([
    [
      'ts',
      `import { defineConfig } from 'imgsizes'\nconst config: object = ${GOOD}\nexport default defineConfig(config)`,
    ],
    [
      'ts',
      `enum Side { Small = 320 }\nexport default { source: './photos', output: './img', sizes: { a: { width: Side.Small } } }`,
    ],
    [
      'mts',
      `import { defineConfig, type ConfigInput } from 'imgsizes'\nexport default defineConfig(${GOOD} satisfies ConfigInput)`,
    ],
    ['mts', `await Promise.resolve()\nexport default ${GOOD}`],
    ['js', `module.exports = ${GOOD}`],
    ['js', `import { defineConfig } from 'imgsizes'\nexport default defineConfig(${GOOD})`],
    [
      'mjs',
      `import { dirname } from 'node:path'\nexport default { source: dirname(import.meta.filename) + '/photos', output: './img' }`,
    ],
    ['json', '\ufeff{ "source": "./photos", "output": "./img" }'],
  ])('may be %s: %s', async (ending, text) => {
    await write(`imgsizes.config.${ending}`, text)
    const config = await loadConfig({ cwd: root })
    expect(config.file).toBe(join(root, `imgsizes.config.${ending}`))
    expect(config.root).toBe(root)
    expect(config.sources).toEqual([{ place: { kind: 'folder', path: join(root, 'photos') } }])
  })

  test('may use a file beside it', async () => {
    await write('widths.ts', 'export const widths: readonly number[] = [3]')
    await write(
      'imgsizes.config.ts',
      `import { widths } from './widths.ts'\nexport default { source: 'a', output: 'b', sizes: { a: { widths } } }`,
    )
    expect((await loadConfig({ cwd: root })).sizes).toHaveLength(1)
  })

  test('is found above, up to the folder of .git', async () => {
    await mkdir(join(root, 'repo/.git'), { recursive: true })
    await mkdir(join(root, 'repo/a/b'), { recursive: true })
    await write('repo/imgsizes.config.mjs', `export default ${GOOD}`)
    expect((await loadConfig({ cwd: join(root, 'repo/a/b') })).root).toBe(join(root, 'repo'))
  })

  test('is not looked for above .git', async () => {
    await mkdir(join(root, 'repo/a'), { recursive: true })
    await write('repo/.git', 'gitdir: elsewhere')
    await write('imgsizes.config.mjs', `export default ${GOOD}`)
    expect(await problemOf(loadConfig({ cwd: join(root, 'repo/a') }))).toMatchObject({
      code: 'config-not-found',
      hint: expect.stringMatching(/^\.\.\/\.\.\/imgsizes\.config\.mjs is above.*--config.*imgsizes init/),
    })
  })

  test('that cannot be read, or lies elsewhere, is told where there is none', async () => {
    const hintOf = async (...names: readonly string[]) => {
      const folder = await mkdtemp(join(root, 'near-'))
      await mkdir(join(folder, 'site/.git'), { recursive: true })
      await mkdir(join(folder, 'site/sub'))
      for (const name of names) await write(join(relative(root, folder), 'site', name), '')
      const { hint } = await problemOf(loadConfig({ cwd: join(folder, 'site/sub') }))
      return hint
    }
    expect(await hintOf()).toBe('Run `imgsizes init` to write one, or name it with --config.')
    expect(await hintOf('imgsizes.config.cjs')).toMatch(
      /^\.\.\/imgsizes\.config\.cjs is not read: rename it to imgsizes\.config\.js\./,
    )
    expect(await hintOf('sub/imgsizes.config.cts')).toMatch(/^imgsizes\.config\.cts is not read/)
    expect(await hintOf('sub/imgsize.config.mts')).toContain('rename it to imgsizes.config.ts.')
    expect(await hintOf('imgsizes.conf.yaml')).toMatch(
      /^\.\.\/imgsizes\.conf\.yaml .* write it as imgsizes\.config\.json\./,
    )
    const linked = await mkdtemp(join(root, 'linked-'))
    await symlink('nowhere', join(linked, 'imgsizes.config.ts'))
    expect((await problemOf(loadConfig({ cwd: linked }))).hint).toMatch(
      /^imgsizes\.config\.ts is a link to nothing\. Or run /,
    )
    expect(await hintOf('sub/imgsizes.config.cts.bak', 'sub/imgsizes.json', 'sub/x.config.cjs')).toMatch(
      /^Run/,
    )
    // The one above would not be the one that is meant.
    expect(await hintOf('imgsizes.config.json', 'sub/imgsizes.config.cjs')).toMatch(/^imgsizes\.config\.cjs/)
    expect(await hintOf('sub/config/imgsizes.config.js')).toMatch(
      /^config\/imgsizes\.config\.js is in a folder below: name it with --config config\/imgsizes/,
    )
    expect(await hintOf('sub/node_modules/imgsizes.config.js')).toMatch(/^Run/)
  })

  test('is not looked for above the home folder', async () => {
    await mkdir(join(root, 'home/me/a'), { recursive: true })
    await write('home/imgsizes.config.mjs', `export default ${GOOD}`)
    const env = { HOME: join(root, 'home/me') }
    expect((await problemOf(loadConfig({ cwd: join(root, 'home/me/a'), env }))).code).toBe('config-not-found')
    await write('home/me/imgsizes.config.mjs', `export default ${GOOD}`)
    expect((await loadConfig({ cwd: join(root, 'home/me/a'), env })).root).toBe(join(root, 'home/me'))
  })

  test('nearest wins, and ts before json', async () => {
    await write('imgsizes.config.mts', `export default ${GOOD}`)
    await write('imgsizes.config.json', '{}')
    await write('a/imgsizes.config.js', `export default ${GOOD}`)
    expect((await loadConfig({ cwd: root })).file).toMatch(/mts$/)
    expect((await loadConfig({ cwd: join(root, 'a') })).file).toMatch(/a\/imgsizes\.config\.js$/)
  })

  test('may be named', async () => {
    await write('other/site.mts', `export default ${GOOD}`)
    expect((await loadConfig({ cwd: root, configFile: 'other/site.mts' })).root).toBe(join(root, 'other'))
    expect(await problemOf(loadConfig({ cwd: root, configFile: 'none.ts' }))).toMatchObject({
      code: 'config-not-found',
      message: `${join(root, 'none.ts')} does not exist`,
      hint: expect.not.stringContaining('init'),
    })
  })
})

describe('.env', () => {
  const config = `export default { source: 'a', output: 'b', secret: process.env.IMGSIZES_TEST_SECRET }`

  afterEach(() => {
    delete process.env.IMGSIZES_TEST_SECRET
  })

  test('beside the file is loaded first', async () => {
    await write('.env', 'IMGSIZES_TEST_SECRET="out-of-the-file-0123"\n')
    await write('sub/.env', 'IMGSIZES_TEST_SECRET=out-of-the-wrong-file\n')
    await write('imgsizes.config.ts', config)
    const { secrets } = await loadConfig({ cwd: join(root, 'sub') })
    expect(secrets).toEqual([{ value: 'out-of-the-file-0123', isRetired: false }])
  })

  test('gives way to the environment', async () => {
    process.env.IMGSIZES_TEST_SECRET = 'out-of-the-environment'
    await write('.env', 'IMGSIZES_TEST_SECRET=out-of-the-file-0123\n')
    await write('imgsizes.config.ts', config)
    expect((await loadConfig({ cwd: root })).secrets[0]?.value).toBe('out-of-the-environment')
  })

  test('gives way to what is set to nothing', async () => {
    const env: NodeJS.ProcessEnv = { EMPTY: '' }
    await write('.env', 'EMPTY=full\nOTHER=full\n')
    await write('imgsizes.config.json', '{ "source": "a", "output": "b" }')
    await loadConfig({ cwd: root, env })
    expect(env).toEqual({ EMPTY: '', OTHER: 'full' })
  })
})

test('a place from the command line takes the place of the written one, relative to the working folder', async () => {
  await write('imgsizes.config.mjs', 'export default { source: 3 }')
  await mkdir(join(root, 'sub'))
  const overrides = { source: 'photos', output: 's3://bucket/x' }
  const config = await loadConfig({ cwd: join(root, 'sub'), overrides })
  expect(config.sources).toEqual([{ place: { kind: 'folder', path: join(root, 'sub/photos') } }])
  expect(config.output).toMatchObject({ kind: 's3', bucket: 'bucket', prefix: 'x/' })
})

describe('what goes wrong says where:', () => {
  test.each<[string, string, string, RegExp]>([
    [
      'a throw',
      'ts',
      "const a: number = 1\n\nthrow new Error('boom ' + a)",
      /imgsizes\.config\.ts:3: boom 1$/,
    ],
    ['a throw of text', 'ts', "throw 'text'", /imgsizes\.config\.ts: text$/],
    [
      'a syntax error',
      'ts',
      'export default {\n  a: 1,\n  b: = 2,\n}',
      /imgsizes\.config\.ts:3: Unexpected token$/,
    ],
    [
      'a missing import',
      'mjs',
      "import { a } from './gone.mjs'\nexport default { a }",
      /imgsizes\.config\.mjs:1: Cannot find module '\.\/gone\.mjs'$/,
    ],
    [
      'a getter that throws',
      'mjs',
      "export default {\n  get source() {\n    throw new Error('no SOURCE')\n  },\n}",
      /imgsizes\.config\.mjs:3: no SOURCE$/,
    ],
    [
      'a getter within that throws',
      'mjs',
      "export default { source: 'a', output: 'b', limits: {\n  get frames() { throw new Error('none') },\n} }",
      /imgsizes\.config\.mjs:2: none$/,
    ],
    [
      'another name from imgsizes',
      'ts',
      "import { defineconfig } from 'imgsizes'\nexport default defineconfig({})",
      /imgsizes\.config\.ts:2: defineconfig is not a function$/,
    ],
    ['no default export', 'mjs', 'export const a = 1', /imgsizes\.config\.mjs has no default export$/],
    [
      'broken JSON',
      'json',
      '{\n  "source": "a",\n  "output" "b"\n}',
      /imgsizes\.config\.json:3: .+JSON at position 30/,
    ],
  ])('%s', async (_, ending, text, message) => {
    await write(`imgsizes.config.${ending}`, text)
    const problem = await problemOf(loadConfig({ cwd: root }))
    expect(problem.code).toBe('config-failed')
    expect(problem.message).toMatch(message)
    expect(problem.subject).toBe(join(root, `imgsizes.config.${ending}`))
  })

  test.each([
    [
      "import defineConfig from 'imgsizes'\nexport default defineConfig({})",
      /^Begin it with `import \{ define/,
    ],
    [
      "import { defineconfig } from 'imgsizes'\nexport default defineconfig({})",
      /^Begin it with `import \{ define/,
    ],
    ['export default defineConfig({})', /^Begin it with `import \{ define/],
    ["import path from 'node:fs'\nexport default path.nothing()", /^Correct imgsizes\.config\.ts\.$/],
  ])('%j has a hint', async (text, hint) => {
    await write('imgsizes.config.ts', text)
    expect((await problemOf(loadConfig({ cwd: root }))).hint).toMatch(hint)
  })

  test('a wrong config names its file', async () => {
    await write('imgsizes.config.ts', 'export default { source: 1, output: 2 }')
    const problem = await problemOf(loadConfig({ cwd: root }))
    expect(problem.message.split('\n')[0]).toBe(`${join(root, 'imgsizes.config.ts')} has 2 problems:`)
  })
})

test('a config is run anew each time', async () => {
  await write('imgsizes.config.ts', `export default { source: 'a', output: 'b' }`)
  await loadConfig({ cwd: root })
  await write('imgsizes.config.ts', `export default { source: 'a', output: 'c' }`)
  expect((await loadConfig({ cwd: root })).output).toEqual({ kind: 'folder', path: join(root, 'c') })
})

test('outside of a test runner, in a folder with no node_modules, a config may import imgsizes', async () => {
  await write(
    'imgsizes.config.ts',
    `import { defineConfig } from 'imgsizes'\nexport default defineConfig(${GOOD})`,
  )
  const repo = fileURLToPath(new URL('../..', import.meta.url))
  const script = `
    const { createJiti } = await import(${JSON.stringify(join(repo, 'node_modules/jiti/lib/jiti.mjs'))})
    const jiti = createJiti(${JSON.stringify(join(repo, 'test/config/'))}, { fsCache: false })
    const { loadConfig } = await jiti.import(${JSON.stringify(join(repo, 'src/config/load.ts'))})
    console.log((await loadConfig({ cwd: process.cwd() })).output.path)`
  const run = promisify(execFile)
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: root })
  expect(stdout.trim()).toBe(join(root, 'img'))
  expect(stderr).toBe('')
})
