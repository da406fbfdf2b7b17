import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFolderStore } from '../../src/store/folder.ts'
import { makeProject, run, writePicture } from '../cli/support.ts'
import { makeFolder } from '../support/folder.ts'
import { mountFoldingDisk } from '../support/folding-disk.ts'
import { bytesOf, HEADERS, listKeys } from './contract.ts'

const put = (store: ReturnType<typeof openFolderStore>, key: string) =>
  store.put(key, bytesOf(key), { headers: HEADERS })

test('where every name is its own there is no other spelling', async () => {
  const store = openFolderStore({ path: makeFolder() })
  for (const key of ['A.jpg/1', 'a.jpg/1', '\u00e9.jpg/1', 'e\u0301.jpg/1']) await put(store, key)
  for (const key of ['A.jpg', 'a.jpg', 'B.jpg', '\u00e9.jpg', 'e\u0301.jpg'])
    expect(await store.findOtherSpelling?.(key), key).toBeUndefined()
})

let disk: Awaited<ReturnType<typeof mountFoldingDisk>>
beforeAll(async () => {
  disk = await mountFoldingDisk()
})
afterAll(() => disk?.unmount())

describe('a folder on a disk that ignores letter case', () => {
  test('says how it spells a path, and spells it anew', async ({ skip }) => {
    if (disk === undefined) return skip()
    const path = join(disk.path, 'store')
    const store = openFolderStore({ path, create: true })
    expect(await store.findOtherSpelling?.('Trip/A.jpg')).toBeUndefined()
    for (const key of ['Trip/A.jpg/1', 'Trip/B.jpg/1']) await put(store, key)
    expect(await store.findOtherSpelling?.('Trip/A.jpg')).toBeUndefined()
    expect(await store.findOtherSpelling?.('trip/none.jpg')).toBeUndefined()
    expect(await store.findOtherSpelling?.('trip/a.jpg')).toBe('Trip/A.jpg')
    await store.mendSpelling?.('trip/a.jpg')
    expect(await store.findOtherSpelling?.('trip/a.jpg')).toBeUndefined()
    expect(await store.findOtherSpelling?.('Trip/B.jpg')).toBe('trip/B.jpg')
    expect((await listKeys(store)).sort()).toEqual(['trip/B.jpg/1', 'trip/a.jpg/1'])
    await put(store, 'TRIP/new.jpg/1')
    expect(await store.findOtherSpelling?.('trip/new.jpg')).toBeUndefined()
  })

  test('holds a site through renames and twins', async ({ skip }) => {
    if (disk === undefined) return skip()
    const output = join(disk.path, 'site')
    const cwd = await makeProject(['IMG.JPG', 'b.jpg'], { output })
    const json = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await run([...args, '--json'], { cwd })
      return { code, stderr, ...JSON.parse(stdout) }
    }
    expect(await json('build')).toMatchObject({ code: 0, rendered: 8 })
    await rm(join(cwd, 'photos/IMG.JPG'))
    await writePicture(join(cwd, 'photos/img.jpg'))
    expect(await json('build')).toMatchObject({ code: 0, rendered: 4 })
    expect(await json('plan')).toMatchObject({ present: 8, missing: 0, orphans: 4, foreign: 0 })
    expect((await readdir(output)).sort()).toEqual(['.imgsizes', 'b.jpg', 'img.jpg'])
    expect(await json('purge', 'IMG.JPG', '--yes')).toMatchObject({ code: 0, deleted: 4 })
    expect(await json('plan')).toMatchObject({ present: 8, orphans: 0, foreign: 0 })

    await writePicture(join(cwd, 'photos/IMG.JPG'))
    const twins = await json('build')
    expect(twins).toMatchObject({
      code: 1,
      rendered: 0,
      failures: [{ source: 'IMG.JPG', code: 'source-twin' }],
    })
    expect(twins.stderr).toContain('IMG.JPG and img.jpg')
    expect(await json('plan')).toMatchObject({ code: 1, missing: 0, failing: 1, foreign: 0 })
  })
})
