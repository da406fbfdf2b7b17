import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTextFile } from '../../src/wire/text-file.ts'
import { makeFolder } from '../support/folder.ts'

const write = async (path: string, text: string): Promise<boolean> => {
  const file = await openTextFile(path, 'id')
  await file.write(text)
  return file.commit()
}

test('a text file is written where its text is another', async () => {
  const path = join(makeFolder(), 'new', 'images.json')
  expect([await write(path, 'one'), await write(path, 'one'), await write(path, 'two')]).toEqual([
    true,
    false,
    true,
  ])
})

test('what killed writers of it left is swept away, and nothing else', async () => {
  const folder = makeFolder()
  const nobody = 9_999_999
  const left = {
    [`.images.json.${nobody}-a.partial`]: 0,
    [`.images.json.${process.pid}-old.partial`]: 2,
    '.images.json.host-old.partial': 2,
    [`.images.json.${process.pid}-now.partial`]: 0,
    '.images.json.host-now.partial': 0,
    [`.other.json.${nobody}-a.partial`]: 2,
    [`.images.json.${nobody}-a.json`]: 2,
  }
  for (const [name, hours] of Object.entries(left)) {
    await writeFile(join(folder, name), '')
    const then = Date.now() / 1000 - hours * 3600
    await utimes(join(folder, name), then, then)
  }
  await write(join(folder, 'images.json'), 'text')
  expect((await readdir(folder)).sort()).toEqual([...Object.keys(left).slice(3), 'images.json'].sort())
})
