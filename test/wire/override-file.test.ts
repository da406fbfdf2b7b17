import { lstat, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openObject, openSharedText, type SharedText } from '../../src/wire/override-file.ts'
import { makeFolder } from '../support/folder.ts'
import { openMemoryStore } from '../support/memory-store.ts'

const PLACES: readonly (readonly [string, () => Promise<() => Promise<SharedText>>])[] = [
  [
    'a file',
    async () => {
      const path = join(await makeFolder(), 'new', 'pictures.json')
      return () => openSharedText({ kind: 'file', path })
    },
  ],
  [
    'an object',
    async () => {
      const store = openMemoryStore()
      return async () => openObject(store, 'pictures.json')
    },
  ],
]

describe.each(PLACES)('a text in %s', (_, make) => {
  test('is none until somebody writes it', async () => {
    const shared = await (await make())()
    expect(await shared.read()).toBeUndefined()
    await shared.change((text) => `${text}!`)
    expect(await shared.read()).toBe('undefined!')
  })

  test('holds the changes of all who write at once', async () => {
    const open = await make()
    const writers = await Promise.all(Array.from({ length: 12 }, open))
    await Promise.all(writers.map((shared, i) => shared.change((text = '') => `${text}${i},`)))
    const text = (await writers[0]?.read()) ?? ''
    expect(
      text
        .split(',')
        .filter(Boolean)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual([...writers.keys()])
  })

  test('stays as it was where an edit fails, and can be changed again', async () => {
    const shared = await (await make())()
    await shared.change(() => 'one')
    const fail = () => {
      throw new Error('no')
    }
    await expect(shared.change(fail)).rejects.toThrow('no')
    expect(await shared.read()).toBe('one')
    await shared.change((text) => `${text}, two`)
    expect(await shared.read()).toBe('one, two')
  })
})

describe('a text in a file', () => {
  test('leaves nothing beside it, and is not written where it stays the same', async () => {
    const folder = await makeFolder()
    const path = join(folder, 'pictures.json')
    await writeFile(path, '{}')
    await utimes(path, 1, 1)
    const shared = await openSharedText({ kind: 'file', path })
    await shared.change((text = '') => text)
    expect((await lstat(path)).mtimeMs).toBe(1000)
    await shared.change(() => '{ }')
    expect(await readdir(folder)).toEqual(['pictures.json'])
  })

  test('is read without the mark of its encoding', async () => {
    const path = join(await makeFolder(), 'pictures.json')
    await writeFile(path, '\uFEFF{"été.jpg": {}}')
    expect(await (await openSharedText({ kind: 'file', path })).read()).toBe('{"été.jpg": {}}')
  })

  test('is written where a link leads', async () => {
    const folder = await makeFolder()
    await mkdir(join(folder, 'real'))
    await writeFile(join(folder, 'real', 'p.json'), '{}')
    await symlink(join('real', 'p.json'), join(folder, 'link.json'))
    await (await openSharedText({ kind: 'file', path: join(folder, 'link.json') })).change(() => 'new')
    expect((await lstat(join(folder, 'link.json'))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(folder, 'real', 'p.json'), 'utf8')).toBe('new')
  })

  test('can be written after a writer has died', async () => {
    const folder = await makeFolder()
    const lock = join(folder, '.p.json.lock')
    await writeFile(lock, 'half')
    await utimes(lock, 1, 1)
    const path = join(folder, 'p.json')
    await (await openSharedText({ kind: 'file', path })).change(() => 'whole')
    expect(await readFile(path, 'utf8')).toBe('whole')
  })
})

test('a folder in its place is a mistake in the configuration', async () => {
  const path = await makeFolder()
  const shared = await openSharedText({ kind: 'file', path })
  await expect(shared.read()).rejects.toMatchObject({
    code: 'overrides-invalid',
    message: `${path} is a folder`,
  })
})
