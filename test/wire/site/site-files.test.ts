import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSiteFiles } from '../../../src/wire/site/site-files.ts'

test('a page is replaced with its permissions and owner, however long its name is', async ({
  onTestFinished,
}) => {
  const root = await mkdtemp(join(tmpdir(), 'imgsizes-pages-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const page = `${'ж'.repeat(125)}.html`
  const path = join(root, page)
  await writeFile(path, 'old')
  if (process.getuid?.() === 0) await chown(path, 1234, 1235)
  await chmod(path, 0o640)
  const { uid, gid, mode } = await stat(path)
  const files = await openSiteFiles(root, () => '00000000-0000-4000-8000-000000000000')
  await files.write(page, Buffer.from('new'))
  expect(await readFile(path, 'utf8')).toBe('new')
  expect(await stat(path)).toMatchObject({ uid, gid, mode })
  expect(await readdir(root)).toEqual([page])
})
