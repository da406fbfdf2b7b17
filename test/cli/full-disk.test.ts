import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeProject, run, writePicture } from './support.ts'

/** A disk of its own for a folder, gone with the test: false, said in a line, where this user may mount none. */
const mountDisk = async (folder: string, options: string): Promise<boolean> => {
  await mkdir(folder, { recursive: true })
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  if (status !== 0) console.error('skipped: a disk that is full or read-only (mount needs root)')
  else onTestFinished(() => void spawnSync('umount', [folder]))
  return status === 0
}

const remount = (folder: string, options: string): void =>
  void spawnSync('mount', ['-o', `remount,${options}`, folder])

it('a build on a disk that fills up ends with a clear word, and the next one goes on', async () => {
  const cwd = await makeProject([])
  for (let i = 0; i < 30; i++) await writePicture(join(cwd, `photos/${i}.png`), 100, 100)
  const out = join(cwd, 'out')
  if (!(await mountDisk(out, 'size=256k'))) return
  const full = await run(['build', '--json'], { cwd })
  const first = JSON.parse(full.stdout)
  expect([full.code, first.failures[0]]).toEqual([
    1,
    expect.objectContaining({ source: '', code: 'store-full' }),
  ])
  expect(full.stderr).toContain(`error: No space is left in ${out}`)
  expect(first.sources).toBeGreaterThan(3)
  expect(first.failed).toBeLessThan(12)

  const again = await run(['build', '--json'], { cwd })
  expect([again.code, JSON.parse(again.stdout).present]).toEqual([1, first.rendered])
  const kept = first.rendered + JSON.parse(again.stdout).rendered
  remount(out, 'size=4m')
  const done = await run(['build', '--json'], { cwd })
  expect([done.code, JSON.parse(done.stdout)]).toEqual([
    0,
    expect.objectContaining({ sources: 30, present: kept, rendered: 120 - kept }),
  ])

  await writePicture(join(cwd, 'photos/new.png'), 100, 100)
  remount(out, 'ro')
  const closed = await run(['build'], { cwd })
  expect([closed.code, closed.stderr]).toEqual([1, expect.stringContaining('read-only')])
})
