import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BIN } from '../support/command-line.ts'
import { makeFolder, runAsProcess, writeText } from './support.ts'

/** What makes a command the first process of a container of its own. */
const UNSHARE = ['unshare', '--pid', '--fork', '--kill-child'] as const

const canUnshare = ((): boolean => {
  try {
    execFileSync(UNSHARE[0], [...UNSHARE.slice(1), 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()
if (!canUnshare)
  process.stderr.write('left out: the first process of a container (needs unshare, and root)\n')

/** A configuration that says so once it is being read, and takes a minute. */
const SLOW_CONFIG =
  "process.stderr.write('reading')\nawait new Promise((resolve) => setTimeout(resolve, 60_000))\n"

test.skipIf(!canUnshare)(
  'the first process of a container ends at a signal that comes while it starts',
  async ({ onTestFinished }) => {
    const cwd = makeFolder()
    await writeFile(join(cwd, 'imgsizes.config.mjs'), SLOW_CONFIG)
    const [command, ...args] = [...UNSHARE, process.execPath, BIN, 'watch']
    const container = spawn(command ?? '', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    onTestFinished(() => void container.kill('SIGKILL'))
    await once(container.stderr, 'data')
    const first = execFileSync('pgrep', ['-P', String(container.pid)]).toString()
    process.kill(Number(first), 'SIGTERM')
    expect(await once(container, 'exit')).toEqual([143, null])
  },
)

test.each([
  ['waits for what never comes', 'await new Promise(() => {})'],
  ['calls process.exit', 'process.exit(0)'],
])('a command whose configuration %s has no success', async (_, config) => {
  const cwd = await makeFolder()
  await writeText(join(cwd, 'imgsizes.config.mjs'), config)
  const { code, stderr } = await runAsProcess(['plan'], { cwd })
  expect(code).toBe(1)
  expect(stderr).toContain('error: the process ended before the command did.')
})
