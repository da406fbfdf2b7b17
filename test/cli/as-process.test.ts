import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS, commandNameOf } from '../../src/cli/commands.ts'
import { makeProject, run, runAsProcess, writeText } from './support.ts'

/** Each command as users start it. Most other tests run commands in a process that stays. */
const LINES: readonly (readonly [line: string, code: number])[] = [
  ['plan --check', 3],
  ['build --quiet --images images.json', 0],
  ['plan --json', 0],
  ['verify', 0],
  ['html photos', 0],
  ['url a.jpg --html', 0],
  ['warm access.log --json', 0],
  ['purge nothing.jpg --yes', 0],
  ['prune --json', 0],
  ['doctor', 1],
  ['origin nginx', 0],
  ['migrate nginx.conf', 0],
  ['completion bash', 0],
  ['init', 1],
  ['serve --port 0 --mount img', 2],
  ['watch --concurrency 0', 2],
  ['studio --port x', 2],
  ['frobnicate', 2],
  ['--version', 0],
  ['--help', 0],
]

test('every command is in the list', () => {
  const named = LINES.map(([line]) => line.split(' ')[0])
  for (const command of COMMANDS) expect(named).toContain(commandNameOf(command))
})

test('what a process of its own says is said in one that stays, too, and it ends by itself', async () => {
  const cwd = await makeProject(['a.jpg', 'cards/b.jpg'])
  await writeText(join(cwd, 'access.log'), '')
  await writeText(join(cwd, 'nginx.conf'), 'location / { image_filter resize 100 -; }')
  for (const [line, code] of LINES) {
    const alone = await runAsProcess(line.split(' '), { cwd })
    const among = await run(line.split(' '), { cwd })
    expect({ line, code: alone.code }).toEqual({ line, code })
    expect(withoutTimes(among)).toEqual(withoutTimes(alone))
  }
})

const withoutTimes = (outcome: object): string => JSON.stringify(outcome).replace(/seconds\\":[\d.]+/, '')

test.each([
  ['18.20.4', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['21.7.3', false],
  ['22.1.0', false],
  ['22.2.0', true],
  ['24.0.0', true],
])('on Node %s it starts: %s', async (node, isEnough) => {
  const cwd = await makeProject([])
  const file = join(cwd, 'as-another-node.cjs')
  await writeText(
    file,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`,
  )
  const { code, stderr } = await runAsProcess(['--version'], {
    cwd,
    env: { NODE_OPTIONS: `--require ${file}` },
  })
  const refused = `error: imgsizes needs Node 20.19, or 22.2 or later; this is Node ${node}.\n`
  expect([code, stderr]).toEqual(isEnough ? [0, ''] : [1, refused])
})

const PNP = `'use strict'
const Module = require('node:module')
const find = Module._resolveFilename
process.versions.pnp = '3'
Module._resolveFilename = function (request, ...rest) {
  return request === 'pnpapi' ? __filename : find.call(this, request, ...rest)
}
require('node:fs').appendFileSync(__filename + '.log', process.argv[1] + '\\n')
`

test("render processes load the file of Yarn's Plug'n'Play first: without it they find no package", async () => {
  const cwd = await makeProject(['a.jpg'])
  const file = join(cwd, '.pnp.cjs')
  await writeText(file, PNP)
  const outcome = await runAsProcess(['build'], { cwd, env: { NODE_OPTIONS: `--require ${file}` } })
  expect(outcome).toMatchObject({ code: 0, stderr: '' })
  const loadedBy = (await readFile(`${file}.log`, 'utf8'))
    .trim()
    .split('\n')
    .map((path) => basename(path))
  expect(loadedBy).toEqual(['imgsizes.cjs', 'render-process.cjs'])
})
