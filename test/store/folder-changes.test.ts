import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { followFolder } from '../../src/store/folder-changes.ts'
import { makeFolder } from '../support/folder.ts'

/** A folder of two that `photos` leads to by a link, followed. */
const follow = async () => {
  const root = makeFolder()
  for (const name of ['one', 'two']) await mkdir(join(root, name))
  const at = (path: string): string => join(root, path)
  const lead = async (target: string): Promise<void> => {
    await symlink(target, at('next'))
    await rename(at('next'), at('photos'))
  }
  await lead('one')
  const changes: string[] = []
  const failures: string[] = []
  let replaced = 0
  const folder = await followFolder({
    path: at('photos'),
    ignored: [],
    onChanges: (paths) => void changes.push(...paths),
    onReplaced: () => void replaced++,
    onFailed: ({ message }) => void failures.push(message),
  })
  onTestFinished(() => folder.close())
  const write = (path: string) => writeFile(at(path), 'x')
  return { at, lead, write, changes, failures, replaced: () => replaced }
}

test('a folder that goes is told once, and followed again when it is back', async () => {
  const { at, write, changes, failures, replaced } = await follow()
  await write('one/a.jpg')
  await expect.poll(() => changes).toContain('a.jpg')
  await rename(at('one'), at('away'))
  await expect.poll(() => failures).toEqual([`${at('photos')} is not there any more.`])
  await rename(at('away'), at('one'))
  await expect.poll(replaced).toBe(1)
  await write('one/b.jpg')
  await expect.poll(() => changes).toContain('b.jpg')
  await rm(at('one'), { recursive: true })
  await mkdir(at('one'))
  await expect.poll(replaced).toBe(2)
  await write('one/c.jpg')
  await expect.poll(() => changes).toContain('c.jpg')
  expect(failures.length).toBeLessThanOrEqual(2)
})

test('of another folder in its place changes are told, and of the one before none', async () => {
  const { lead, write, changes, failures, replaced } = await follow()
  await lead('two')
  await expect.poll(replaced).toBe(1)
  await write('one/before.jpg')
  await write('two/after.jpg')
  await expect.poll(() => changes).toContain('after.jpg')
  expect(changes).not.toContain('before.jpg')
  expect(failures).toEqual([])
})
