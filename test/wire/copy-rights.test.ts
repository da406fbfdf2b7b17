import { chmod, chown, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openSharedText } from '../../src/wire/override-file.ts'
import { openSiteFiles } from '../../src/wire/site/site-files.ts'
import { openTextFile } from '../../src/wire/text-file.ts'
import { makeFolder } from '../support/folder.ts'

const ID = '00000000-0000-4000-8000-000000000000'

test.each<[what: string, name: string, write: (path: string) => Promise<unknown>]>([
  [
    'a page, however long its name is,',
    `${'ж'.repeat(125)}.html`,
    async (path) => (await openSiteFiles(dirname(path), () => ID)).write(basename(path), Buffer.from('new')),
  ],
  [
    'a file of overrides',
    'pictures.json',
    async (path) => (await openSharedText({ kind: 'file', path })).change(() => 'new'),
  ],
  [
    'an images.json',
    'images.json',
    async (path) => {
      const file = await openTextFile(path, ID)
      await file.write('new')
      await file.commit()
    },
  ],
])('%s is replaced with its permissions and owner', async (_, name, write) => {
  const root = makeFolder()
  const path = join(root, name)
  await writeFile(path, 'old')
  if (process.getuid?.() === 0) await chown(path, 1234, 1235)
  await chmod(path, 0o660)
  const { uid, gid, mode } = await stat(path)
  await write(path)
  expect(await readFile(path, 'utf8')).toBe('new')
  expect(await stat(path)).toMatchObject({ uid, gid, mode })
  expect(await readdir(root)).toEqual([name])
})
