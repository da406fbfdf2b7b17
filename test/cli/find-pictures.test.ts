import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findPictures, type PictureFolder } from '../../src/cli/init/find-pictures.ts'
import { openProjectFiles } from '../../src/cli/init/project-files.ts'
import { makeFolder } from '../support/folder.ts'
import { words } from '../support/words.ts'

const find = async (
  names: string,
  { ignored = '', ...given }: { ignored?: string; withIgnored?: boolean; withTests?: boolean } = {},
) => {
  const root = await makeFolder()
  for (const name of words(names)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    // As large as a photograph in a PNG or GIF.
    await writeFile(join(root, name), name.includes('small') ? 'a' : Buffer.alloc(60_000))
  }
  await writeFile(join(root, '.gitignore'), ignored)
  await symlink(root, join(root, 'loop'))
  const options = { builds: ['out'], withIgnored: false, withTests: false, ...given }
  return findPictures(root, openProjectFiles(root), options)
}

/** Each folder with pictures of its own, and how many pictures and photographs are in it and below it. */
const count = ({ path, pictures, photographs, own, folders }: PictureFolder): readonly string[] => [
  ...(own.length > 0 ? [`${path || '.'} ${pictures} ${photographs}`] : []),
  ...[...folders.values()].flatMap(count).sort(),
]

test('originals are counted, and not results of any form', async () => {
  const keys = words(
    '640w.q80.*.webp 480h.q80.*.avif 300x200.cover.focus-1-2.q75.*.jpg full.q80.*.svg full.q80.v-0123456789.*.png 9w.*.gif',
  ).map((key) => `a.jpg/${key.replace('*', 'F5qBZZuh0iN5u_-N')}`)
  const { top } = await find(`photos/a.jpg 640w.best.jpg full.jpg ${keys.join(' ')}`)
  expect(count(top)).toEqual(['. 3 3', 'photos 1 1'])
})

test('photographs are told from drawings by ending and bytes, in any letter case', async () => {
  const { top, leftOut } = await find(
    'a/1.JPG a/2.jfif a/3.WebP a/4.tiff a/5.png a/small.png a/small.gif a/6.svg a/7.heic a/8.HEIC a/9.txt a/b/1.png',
  )
  expect(count(top)).toEqual(['a 9 6', 'a/b 1 1'])
  expect([...leftOut.values()]).toEqual([2])
})

test("what others' code, builds, tests and git leave behind is skipped, the last two where asked", async () => {
  const names =
    'a.jpg node_modules/b.jpg dist/c.jpg out/d.jpg test/e.jpg uploads/f.jpg x/cache/g.jpg x/kept/h.jpg x/deep/i.jpg'
  const ignored = '# comment\n!x/kept\n\n/uploads/\ncache\nx/deep\n'
  expect(count((await find(names, { ignored })).top)).toEqual(['. 2 2', 'x/kept 1 1'])
  expect(count((await find(names, { ignored, withIgnored: true })).top)).toEqual([
    '. 5 5',
    'uploads 1 1',
    'x/cache 1 1',
    'x/deep 1 1',
    'x/kept 1 1',
  ])
  expect(count((await find(names, { ignored, withTests: true })).top)).toEqual([
    '. 3 3',
    'test 1 1',
    'x/kept 1 1',
  ])
})
