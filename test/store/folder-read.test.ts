import { createHook } from 'node:async_hooks'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFolderStore } from '../../src/store/folder.ts'
import { makeFolder } from '../support/folder.ts'
import { words } from '../support/words.ts'

const open = async () => {
  const folder = makeFolder()
  const root = join(folder, 'out')
  mkdirSync(join(root, 'a.jpg'), { recursive: true })
  writeFileSync(join(root, 'a.jpg/1.webp'), 'bytes')
  const store = openFolderStore({ path: root })
  const read = (key: string, seen?: Parameters<NonNullable<typeof store.readNow>>[1]['seen']) =>
    store.readNow?.(key, { maxBytes: 10, seen })
  return { folder, root, store, read }
}

describe('a folder read at once', () => {
  it('says nothing before its root was found, and then what get says', async () => {
    const { store, read } = await open()
    expect(read('a.jpg/1.webp')).toBeUndefined()
    const bytes = await store.get('a.jpg/1.webp')
    expect(read('a.jpg/1.webp')).toEqual(bytes)
  })

  it('reads nothing twice that is as it was seen, and what was replaced anew', async () => {
    const { root, store, read } = await open()
    const seen = await store.head('a.jpg/1.webp')
    expect(read('a.jpg/1.webp', seen)).toBe('as-seen')
    utimesSync(join(root, 'a.jpg/1.webp'), 1, 1)
    expect(read('a.jpg/1.webp', seen)).toMatchObject({ modifiedAt: 1_000, sizeBytes: 5 })
    rmSync(join(root, 'a.jpg/1.webp'))
    expect(read('a.jpg/1.webp', seen)).toBeUndefined()
  })

  it('leaves to others what is large, missing, no file, or leads out', async () => {
    const { folder, root, store, read } = await open()
    await store.head('a.jpg/1.webp')
    writeFileSync(join(root, 'large'), 'x'.repeat(11))
    writeFileSync(join(folder, 'secret'), 'secret')
    mkdirSync(join(folder, 'elsewhere'))
    writeFileSync(join(folder, 'elsewhere/1.webp'), 'secret')
    symlinkSync('../secret', join(root, 'out-by-file'))
    symlinkSync('../elsewhere', join(root, 'out-by-folder'))
    symlinkSync('a.jpg/1.webp', join(root, 'in'))
    symlinkSync('loop', join(root, 'loop'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    for (const key of words('large none a.jpg out-by-file out-by-folder/1.webp loop pipe ../secret a\0'))
      expect(read(key), key).toBeUndefined()
    expect(read('in')).toMatchObject({ sizeBytes: 5 })
  })

  it('makes nobody wait for more than the bytes of a file that the kernel knows', async () => {
    const { store } = await open()
    await store.head('a.jpg/1.webp')
    const countWaits = async (work: Promise<unknown>): Promise<number> => {
      let count = 0
      const hook = createHook({ init: (_, type) => void (type.startsWith('FSREQ') && count++) }).enable()
      await work.finally(() => hook.disable())
      return count
    }
    const read = async () => store.get('a.jpg/1.webp', { allocate: (size) => new Uint8Array(size) })
    expect(await countWaits(Promise.resolve().then(read))).toBe(1)
    expect(await countWaits(Promise.resolve().then(() => store.open('a.jpg/none.webp')))).toBe(0)
  })
})
