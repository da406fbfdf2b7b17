import fs, { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createAtOnce } from '../../src/store/at-once.ts'
import { FolderRoot } from '../../src/store/folder-root.ts'
import { PARTIAL_FOLDER } from '../../src/store/folder-write.ts'
import { writeNow } from '../../src/store/folder-write-now.ts'
import { makeFolder } from '../support/folder.ts'

const open = async () => {
  const folder = makeFolder()
  const path = join(folder, 'out')
  mkdirSync(path)
  const made: string[] = []
  const root = new FolderRoot({
    path,
    create: false,
    onMade: (each) => made.push(each),
    atOnce: createAtOnce(),
  })
  const write = (key: string, bytes: Uint8Array = Buffer.from('bytes'), createOnly = false) =>
    writeNow(root, createAtOnce(), { key, bytes, createOnly, clockOffsetMs: 0, signal: undefined })
  return { folder, path, root, made, write }
}

/** Has what was mocked called until the test has ended. */
const mockSync = (): void => {
  syncBuiltinESMExports()
  onTestFinished(() => {
    vi.restoreAllMocks()
    syncBuiltinESMExports()
  })
}

describe('a small file written at once', () => {
  it('waits until the root and the place of temporaries were looked at', async () => {
    const { root, path, made, write } = await open()
    expect(write('a.jpg/1.webp')).toBeUndefined()
    await root.knownFolder(PARTIAL_FOLDER)
    expect(write('a.jpg/1.webp')?.size).toBe(5n)
    expect(write('a.jpg/1.webp', Buffer.from('others'))?.size).toBe(6n)
    expect(readFileSync(join(path, 'a.jpg/1.webp'), 'utf8')).toBe('others')
    expect(made).toContain(join(path, 'a.jpg'))
    expect(readdirSync(join(path, PARTIAL_FOLDER))).toEqual([])
  })

  it('is only made where the name is free, if that is asked for', async () => {
    const { root, path, write } = await open()
    await root.knownFolder(PARTIAL_FOLDER)
    expect(write('a.jpg/1.webp', Buffer.from('first'), true)?.size).toBe(5n)
    expect(write('a.jpg/1.webp', Buffer.from('second'), true)).toBeUndefined()
    expect(readFileSync(join(path, 'a.jpg/1.webp'), 'utf8')).toBe('first')
    expect(readdirSync(join(path, PARTIAL_FOLDER))).toEqual([])
  })

  it('leaves nothing of itself where the disk takes a part of it, and what stood there stands', async () => {
    const { root, path, write } = await open()
    await root.knownFolder(PARTIAL_FOLDER)
    write('a.jpg/1.webp', Buffer.from('first'))
    const writing = vi.spyOn(fs, 'writeSync').mockReturnValue(2)
    const [opening, closing] = [vi.spyOn(fs, 'openSync'), vi.spyOn(fs, 'closeSync')]
    mockSync()
    for (const isNew of [false, true])
      for (const key of ['a.jpg/1.webp', 'a.jpg/2.webp'])
        expect(write(key, Buffer.from('second'), isNew)).toBeUndefined()
    expect([writing, opening, closing].map((spy) => spy.mock.calls.length)).toEqual([4, 4, 4])
    expect(readdirSync(join(path, 'a.jpg'))).toEqual(['1.webp'])
    expect(readFileSync(join(path, 'a.jpg/1.webp'), 'utf8')).toBe('first')
    expect(readdirSync(join(path, PARTIAL_FOLDER))).toEqual([])
  })

  it('has the time of its disk, and is not written where nobody waits any more', async () => {
    const { root, path } = await open()
    await root.knownFolder(PARTIAL_FOLDER)
    const file = { key: '1.webp', bytes: Buffer.from('bytes'), createOnly: false, clockOffsetMs: -3_600_000 }
    expect(writeNow(root, createAtOnce(), { ...file, signal: AbortSignal.abort() })).toBeUndefined()
    expect(readdirSync(path)).toEqual(['.imgsizes'])
    const facts = writeNow(root, createAtOnce(), { ...file, signal: undefined })
    expect(Number(facts?.mtimeMs)).toBeLessThan(Date.now() - 3_000_000)
  })

  it('has its folder looked at once for all results of a source, and left to others where it has gone', async () => {
    const { root, path, write } = await open()
    await root.knownFolder(PARTIAL_FOLDER)
    mkdirSync(join(path, 'b.jpg'))
    const making = vi.spyOn(fs, 'mkdirSync')
    const finding = vi.spyOn(fs.realpathSync, 'native')
    const countLooks = () => making.mock.calls.length + finding.mock.calls.length
    mockSync()
    for (const key of ['a.jpg/1.webp', 'a.jpg/2.webp', 'a.jpg/3.webp']) expect(write(key)?.size).toBe(5n)
    expect(countLooks()).toBe(1)
    for (const key of ['b.jpg/1.webp', 'b.jpg/2.webp']) expect(write(key)?.size).toBe(5n)
    expect(countLooks()).toBe(3) // one to make it, and as it exists, one to find it
    rmSync(join(path, 'b.jpg'), { recursive: true })
    expect(write('b.jpg/3.webp')).toBeUndefined()
    expect(readdirSync(join(path, PARTIAL_FOLDER))).toEqual([])
  })

  it('leaves to others what is large, deep, in the way, or leads out', async () => {
    const { folder, path, root, write } = await open()
    await root.knownFolder(PARTIAL_FOLDER)
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync('../elsewhere', join(path, 'out'))
    mkdirSync(join(path, 'folder'))
    expect(write('large', Buffer.alloc(300_000))).toBeUndefined()
    for (const key of ['a/b/c', 'folder', 'out/1.webp', 'out/deeper/1.webp', '../1.webp', './1.webp', 'a\0'])
      expect(write(key), key).toBeUndefined()
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
    expect(readdirSync(join(path, PARTIAL_FOLDER))).toEqual([])
  })
})
