import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openSiteFiles } from '../../../src/wire/site/site-files.ts'
import { makeFolder } from '../../support/folder.ts'

it('a page is replaced with the compressed copies beside it, and gets none that it had not', async () => {
  const root = makeFolder()
  const old = ['a.html', 'a.html.gz', 'a.html.br', 'a.html.zst', 'b.html', 'c.html.gz']
  for (const name of old) await writeFile(join(root, name), 'old')
  const files = await openSiteFiles(root, () => crypto.randomUUID())
  for (const name of ['a.html', 'b.html']) await files.write(name, Buffer.from('new'))

  expect((await readdir(root)).sort()).toEqual(old.filter((name) => name !== 'a.html.zst').sort())
  expect(gunzipSync(await readFile(join(root, 'a.html.gz'))).toString()).toBe('new')
  expect(brotliDecompressSync(await readFile(join(root, 'a.html.br'))).toString()).toBe('new')
  expect(await readFile(join(root, 'c.html.gz'), 'utf8')).toBe('old')
})
