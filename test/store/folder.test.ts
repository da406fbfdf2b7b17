import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import {
  chmod,
  link,
  lstat,
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Problem } from '../../src/core/problem.ts'
import { type FolderStoreOptions, openFolderStore } from '../../src/store/folder.ts'
import { toFolderProblem } from '../../src/store/folder-problems.ts'
import type { WritableStore } from '../../src/store/port.ts'
import { makeSharedFolder } from '../support/folder.ts'
import { problemOf } from '../support/problems.ts'
import { words } from '../support/words.ts'
import { ANY_MARK, bytesOf, describeStore, HEADERS, listAll, listKeys, textOf } from './contract.ts'

const base = makeSharedFolder()
let count = 0
const freshPath = (): string => join(base, String(count++))

describeStore('folder', {
  open: async () => openFolderStore({ path: freshPath(), create: true }),
  openMissing: async () => openFolderStore({ path: freshPath() }),
  isFlat: false,
  runs: 60,
})

let path = ''
beforeEach(async () => {
  path = freshPath()
  await mkdir(path)
})

const open = (options: Partial<FolderStoreOptions> = {}): WritableStore =>
  openFolderStore({ path, ...options })

const write = async (key: string, text = key): Promise<void> => {
  await mkdir(dirname(join(path, key)), { recursive: true })
  await writeFile(join(path, key), text)
}

const putText = (store: WritableStore, key: string, text: string) =>
  store.put(key, bytesOf(text), { headers: HEADERS })

const listWithSkipped = async (store: WritableStore): Promise<{ keys: string[]; skipped: string[] }> => {
  const keys: string[] = []
  const skipped: string[] = []
  const onSkipped = (name: string, reason: string) => skipped.push(`${name} ${reason}`)
  for await (const { key } of store.list({ onSkipped })) keys.push(key)
  return { keys, skipped: skipped.sort() }
}

/** Longer than the grain of a Linux file clock. */
const SETTLED_MS = 150

describe('folder: links', () => {
  test('links within are followed, links that lead out or nowhere are told and neither listed nor read', async () => {
    const outside = freshPath()
    await mkdir(outside)
    await writeFile(join(outside, 'secret.jpg'), 'secret')
    await write('in/a.jpg')
    await symlink('in', join(path, 'folder-link'))
    await symlink('in/a.jpg', join(path, 'file-link.jpg'))
    await symlink(outside, join(path, 'out'))
    await symlink(join(outside, 'secret.jpg'), join(path, 'out.jpg'))
    await symlink('none', join(path, 'nowhere.jpg'))
    const store = open()
    expect(await listWithSkipped(store)).toEqual({
      keys: ['file-link.jpg', 'folder-link/a.jpg', 'in/a.jpg'],
      skipped: [
        'nowhere.jpg is a link to nothing',
        'out is a link to a place outside of the folder',
        'out.jpg is a link to a place outside of the folder',
      ],
    })
    expect(textOf((await store.get('folder-link/a.jpg'))?.bytes)).toBe('in/a.jpg')
    for (const key of ['out/secret.jpg', 'out.jpg', 'nowhere.jpg']) {
      expect(await store.get(key), key).toBeUndefined()
      expect(await store.head(key), key).toBeUndefined()
      expect(await store.open(key), key).toBeUndefined()
    }
  })

  test('nothing is written, copied or deleted through a link that leads out', async () => {
    const outside = freshPath()
    await mkdir(join(outside, 'below'), { recursive: true })
    await writeFile(join(outside, 'kept'), 'kept')
    await symlink(outside, join(path, 'out'))
    const store = open()
    for (const key of ['out/new', 'out/below/new', 'out/made/new'])
      expect((await problemOf(putText(store, key, 'x'))).code).toBe('store-key-refused')
    expect(await store.deleteAll(['out/kept', 'out/below', 'out'])).toHaveLength(0)
    expect(await store.copy('out/kept', 'copy', { mark: ANY_MARK, headers: HEADERS })).toBeUndefined()
    expect((await readdir(outside)).sort()).toEqual(['below', 'kept'])
    expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('kept')
  })

  test('nor are temporaries, where .imgsizes itself leads out', async () => {
    const outside = freshPath()
    await mkdir(outside)
    await symlink(outside, join(path, '.imgsizes'))
    expect((await problemOf(putText(open(), 'k', 'x'))).code).toBe('store-key-refused')
    expect(await readdir(outside)).toEqual([])
  })

  test('a file that is replaced stops being a link; what it led to is left alone', async () => {
    const outside = freshPath()
    await writeFile(outside, 'old')
    await symlink(outside, join(path, 'k'))
    await putText(open(), 'k', 'new')
    expect(await readFile(outside, 'utf8')).toBe('old')
    expect((await lstat(join(path, 'k'))).isSymbolicLink()).toBe(false)
  })

  test('loops end: a link to a folder that it lies in is told, however long the way round', async () => {
    await write('a/b/c.jpg')
    await write('d/e.jpg')
    await symlink('..', join(path, 'a/up'))
    await symlink('.', join(path, 'self'))
    await symlink('../../d', join(path, 'a/b/to-d'))
    await symlink('../a', join(path, 'd/to-a'))
    await symlink('loop', join(path, 'loop'))
    const { keys, skipped } = await listWithSkipped(open())
    expect(keys).toEqual(['a/b/c.jpg', 'a/b/to-d/e.jpg', 'd/e.jpg', 'd/to-a/b/c.jpg'])
    expect(skipped).toEqual([
      'a/b/to-d/to-a is a link to a folder that contains it',
      'a/up is a link to a folder that contains it',
      'd/to-a/b/to-d is a link to a folder that contains it',
      'd/to-a/up is a link to a folder that contains it',
      'loop is a link to nothing',
      'self is a link to a folder that contains it',
    ])
  })

  test('the root may be a link itself', async () => {
    await write('k')
    const linked = freshPath()
    await symlink(path, linked)
    const store = openFolderStore({ path: linked })
    await putText(store, 'l', 'x')
    expect(await listKeys(store)).toEqual(['k', 'l'])
  })

  test('a root that is a link to nothing is missing, also where a root would be made', async () => {
    const linked = freshPath()
    await symlink(freshPath(), linked)
    const store = openFolderStore({ path: linked, create: true })
    const problems = [await problemOf(listKeys(store)), await problemOf(putText(store, 'l', 'x'))]
    for (const { code, message } of problems)
      expect([code, message]).toEqual(['store-missing', `the folder ${linked} is a link to nothing`])
  })
})

describe('folder: names', () => {
  test('a name that is not UTF-8 is told, and its neighbours are listed', async () => {
    await write('b.jpg')
    await write('\ufffd real.jpg')
    await writeFile(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0x61, 0xff, 0x2e, 0x6a])]), 'x')
    await mkdir(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xe9])]))
    expect(await listWithSkipped(open())).toEqual({
      keys: ['b.jpg', '\ufffd real.jpg'],
      skipped: ['a\ufffd.j has a name that is not valid UTF-8', '\ufffd has a name that is not valid UTF-8'],
    })
  })

  test('no key climbs out of the root, and none that cannot be a file is stored', async () => {
    const store = open()
    await writeFile(join(base, 'outside'), 'outside')
    const keys = ['', ...words('/ . .. ../outside a/../../outside a//b a/ /etc/passwd a\0b \ud800')]
    for (const key of [...keys, `${'x'.repeat(256)}/a`, 'é'.repeat(128)]) {
      expect(await store.get(key), key).toBeUndefined()
      expect(await store.head(key), key).toBeUndefined()
      expect(await store.open(key), key).toBeUndefined()
      expect((await problemOf(putText(store, key, 'x'))).code, key).toBe('store-key-refused')
      expect(await store.deleteAll([key]), key).toEqual([])
    }
    expect(await readFile(join(base, 'outside'), 'utf8')).toBe('outside')
    expect(await readdir(path)).toEqual([])
  })

  test('a folder in the place of a file, or a file in that of a folder, is told and left alone', async () => {
    const store = open()
    await putText(store, 'a.jpg', 'x')
    await putText(store, 'b/c', 'x')
    for (const key of ['a.jpg/5.png', 'a.jpg/x/5.png', 'b'])
      for (const createOnly of [false, true]) {
        const put = store.put(key, bytesOf('y'), { headers: HEADERS, createOnly })
        expect(await problemOf(put), key).toMatchObject({ code: 'store-key-refused', subject: key })
      }
    expect(await listKeys(store)).toEqual(['a.jpg', 'b/c'])
    expect(await readdir(join(path, '.imgsizes/partial'))).toEqual([])
  })

  test('pipes and other things that are no files are not waited for', async () => {
    const pipe = spawn('mkfifo', [join(path, 'pipe')])
    await once(pipe, 'exit')
    await write('k')
    const store = open()
    expect(await listKeys(store)).toEqual(['k'])
    expect(await store.get('pipe')).toBeUndefined()
    expect(await store.open('pipe')).toBeUndefined()
  })
})

test('folder: the clock of the disk is known once it has been written to, and dates are by it', async () => {
  const realNow = Date.now
  const realPerformanceNow = performance.now
  onTestFinished(() => {
    Date.now = realNow
    performance.now = realPerformanceNow
  })
  const DAY_MS = 86_400_000
  // Ours is a day behind.
  Date.now = () => realNow() - DAY_MS
  performance.now = () => realPerformanceNow.call(performance) - DAY_MS
  const store = open()
  await store.probe()
  expect(store.clockOffsetMs()).toBe(0)
  await store.probe({ forWriting: true })
  expect(Math.abs(store.clockOffsetMs() - DAY_MS)).toBeLessThan(60_000)
  await putText(store, 'k', 'x')
  expect(Math.abs(((await store.head('k'))?.modifiedAt ?? 0) - realNow())).toBeLessThan(60_000)
})

describe('folder: marks', () => {
  test('of what changed just before it was read there is none, however long the reading took', async () => {
    const realNow = Date.now
    onTestFinished(() => {
      Date.now = realNow
    })
    const store = open({ trustChangeTime: true })
    await writeFile(join(path, 'k'), 'x')
    const { ctimeMs } = await stat(join(path, 'k'))
    let looks = 0
    Date.now = () => ctimeMs + 10_000 * looks++
    expect((await store.get('k'))?.mark).toBeUndefined()
    expect((await store.get('k'))?.mark).toBeDefined()
  })

  test('a source whose bytes change under the same date and size has another mark', async () => {
    await write('k', 'aaaa')
    const store = open({ trustChangeTime: true })
    const date = new Date('2024-01-02T03:04:05Z')
    await utimes(join(path, 'k'), date, date)
    await sleep(SETTLED_MS)
    const before = await store.head('k')
    await writeFile(join(path, 'k'), 'bbbb')
    await utimes(join(path, 'k'), date, date)
    expect((await store.head('k'))?.mark).not.toBe(before?.mark)
    await sleep(SETTLED_MS)
    const after = await store.head('k')
    expect(after).toMatchObject({ sizeBytes: 4, modifiedAt: date.getTime() })
    expect(after?.mark).not.toBe(before?.mark)
    expect(await listAll(store)).toMatchObject([{ mark: after?.mark }])
  })

  test('so has one that is moved over it with its date', async () => {
    await write('k', 'aaaa')
    await write('l', 'bbbb')
    const date = new Date('2024-01-02T03:04:05Z')
    for (const key of ['k', 'l']) await utimes(join(path, key), date, date)
    const store = open({ trustChangeTime: true })
    await sleep(SETTLED_MS)
    const before = await store.head('k')
    await rename(join(path, 'l'), join(path, 'k'))
    await sleep(SETTLED_MS)
    expect((await store.head('k'))?.mark).not.toBe(before?.mark)
  })

  test('a result keeps its mark when it is linked or its rights change', async () => {
    const store = open()
    await putText(store, 'k', 'x')
    const before = await store.head('k')
    await chmod(join(path, 'k'), 0o600)
    await link(join(path, 'k'), join(path, 'l'))
    expect((await store.head('k'))?.mark).toBe(before?.mark)
  })
})

describe('folder: its own housekeeping', () => {
  test('folders that a deletion leaves empty are removed, the root never', async () => {
    const store = open()
    await putText(store, 'a/b/c/d', 'x')
    await putText(store, 'a/e', 'x')
    await store.deleteAll(['a/b/c/d'])
    expect(await readdir(join(path, 'a'))).toEqual(['e'])
    await rm(join(path, '.imgsizes'), { recursive: true })
    await store.deleteAll(['a/e'])
    expect(await readdir(path)).toEqual([])
    await store.probe()
  })

  test('what a killed writer left is swept after an hour, and never listed', async () => {
    const store = open()
    await write('.imgsizes/partial/old')
    await write('.imgsizes/partial/new')
    await write('.imgsizes/ledger/part')
    const twoHoursAgo = Date.now() / 1000 - 7200
    await utimes(join(path, '.imgsizes/partial/old'), twoHoursAgo, twoHoursAgo)
    await utimes(join(path, '.imgsizes/ledger/part'), twoHoursAgo, twoHoursAgo)
    await store.sweep()
    expect(await readdir(join(path, '.imgsizes/partial'))).toEqual(['new'])
    expect(await listKeys(store)).toEqual(['.imgsizes/ledger/part'])
  })

  test('room that is set aside is a file of bytes, is never listed, and is given back', async () => {
    const store = open()
    const giveBack = await store.reserve?.(100_000)
    const [name = ''] = await readdir(join(path, '.imgsizes/partial'))
    const facts = await stat(join(path, '.imgsizes/partial', name))
    expect([facts.size, facts.blocks * 512 >= 100_000]).toEqual([100_000, true])
    expect(await listKeys(store)).toEqual([])
    await giveBack?.()
    expect(await readdir(join(path, '.imgsizes/partial'))).toEqual([])
  })

  test('a root that goes away is an error to every verb, and is not made again', async () => {
    const store = open({ create: true })
    await putText(store, 'a/b', 'x')
    await rm(path, { recursive: true })
    const verbs = [
      () => listKeys(store),
      () => store.get('a/b'),
      () => putText(store, 'a/b', 'x'),
      () => store.deleteAll(['a/b']),
      () => store.probe(),
    ]
    for (const verb of verbs) expect((await problemOf(verb())).code, String(verb)).toBe('store-missing')
    await expect(stat(path)).rejects.toThrow()
  })

  test('a root that goes away while it is listed is an error', async () => {
    for (const key of ['a/1', 'b/1', 'c/1']) await write(key)
    const listing = (async () => {
      for await (const { key } of open().list()) if (key === 'a/1') await rm(path, { recursive: true })
    })()
    expect((await problemOf(listing)).code).toBe('store-missing')
  })

  test('a root that is a file is missing', async () => {
    await write('file')
    const store = open({ path: join(path, 'file') })
    expect((await problemOf(listKeys(store))).code).toBe('store-missing')
    const problem = await problemOf(open({ path: join(path, 'file'), create: true }).probe())
    expect([problem.code, problem.message]).toEqual(['store-missing', expect.stringContaining('is a file')])
  })
})

/** Root may read and write everything, so these run as another user there. */
const asNobody = async <T>(work: () => Promise<T>): Promise<T> => {
  const isRoot = process.getuid?.() === 0
  if (!isRoot) return work()
  await chmod(base, 0o755)
  process.setegid?.(65534)
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
  }
}

describe('folder: a root that the first write makes', () => {
  const openNew = () => {
    const root = join(path, 'not/yet')
    return { root, store: open({ path: root, create: true }) }
  }

  test('is empty to everybody who looks, and nobody who looks makes it', async () => {
    const { root, store } = openNew()
    expect(await listKeys(store)).toEqual([])
    expect(await store.get('k')).toBeUndefined()
    expect(await store.head('k')).toBeUndefined()
    expect(await store.copy('k', 'l', { mark: ANY_MARK, headers: HEADERS })).toBeUndefined()
    expect(await store.deleteAll(['k'])).toEqual([])
    await store.sweep()
    await store.probe()
    await expect(stat(root)).rejects.toThrow()
  })

  test('is there after the first write, and from then on its absence is an error', async () => {
    const { root, store } = openNew()
    expect(await listKeys(store)).toEqual([])
    await Promise.all(['a/k', 'b/k', 'c'].map((key) => putText(store, key, 'x')))
    expect(await listKeys(store)).toEqual(['a/k', 'b/k', 'c'])
    await rm(root, { recursive: true })
    for (const verb of [() => listKeys(store), () => store.probe(), () => putText(store, 'd', 'x')])
      expect((await problemOf(verb())).code, String(verb)).toBe('store-missing')
  })

  test('fails a probe where it can never be made', async () => {
    await write('file')
    const inFile = open({ path: join(path, 'file/out'), create: true })
    expect((await problemOf(inFile.probe())).code).toBe('store-missing')
  })
})

// A thread cannot change whose its process is.
describe.runIf(isMainThread)('folder: rights and room', () => {
  test('a folder that may not be read is an error, never emptiness', async () => {
    await write('a/k')
    await write('locked/k')
    await chmod(join(path, 'locked'), 0o000)
    await asNobody(async () => {
      const locked = { code: 'store-denied', message: expect.stringContaining(`${join(path, 'locked')}: `) }
      expect(await problemOf(listKeys(open()))).toMatchObject(locked)
      expect(await problemOf(open().get('locked/k'))).toMatchObject({ ...locked, subject: 'locked/k' })
    })
    await chmod(join(path, 'locked'), 0o755)
  })

  test('whoever can go on without it hears which part could not be looked at, and sees the others', async () => {
    for (const key of ['a/k', 'locked/k', 'names/k', 'names/sub/k', 'z/k']) await write(key)
    await chmod(join(path, 'locked'), 0o000)
    await chmod(join(path, 'names'), 0o444) // what it holds shows, and nothing of that can be looked at
    await symlink('locked/k', join(path, 'link'))
    await asNobody(async () => {
      const unlisted: string[] = []
      const keys: string[] = []
      const onUnlisted = (name: string, { code, message }: Problem) =>
        unlisted.push(`${name} ${code} ${message.includes(path)}`)
      for await (const { key } of open().list({ onUnlisted })) keys.push(key)
      expect(keys).toEqual(['a/k', 'z/k'])
      expect(unlisted.sort()).toEqual([
        'link store-denied true',
        'locked store-denied true',
        'names store-denied true',
      ])
    })
    for (const name of ['locked', 'names']) await chmod(join(path, name), 0o755)
  })

  test('a folder that nobody wants to enter is not looked into, whatever its rights', async () => {
    for (const key of ['a/k', 'locked/k', 'a/locked/k']) await write(key)
    for (const name of ['locked', 'a/locked']) await chmod(join(path, name), 0o000)
    await asNobody(async () => {
      const keys: string[] = []
      const isEntered = (name: string): boolean => !name.endsWith('locked')
      for await (const { key } of open().list({ isEntered })) keys.push(key)
      expect(keys).toEqual(['a/k'])
    })
    for (const name of ['locked', 'a/locked']) await chmod(join(path, name), 0o755)
  })

  test('a folder that goes away while it is listed is told to whoever asks, and is no error', async () => {
    for (const key of ['a/k', 'gone/k', 'z/k']) await write(key)
    // Asked once its name has been read, and before it is entered.
    const isEntered = (name: string): boolean => {
      if (name === 'gone') rmSync(join(path, name), { recursive: true })
      return true
    }
    const unlisted: string[] = []
    const keys: string[] = []
    const onUnlisted = (name: string, { code }: Problem) => unlisted.push(`${name} ${code}`)
    for await (const { key } of open().list({ isEntered, onUnlisted })) keys.push(key)
    expect([keys, unlisted]).toEqual([['a/k', 'z/k'], ['gone store-missing']])
    await write('gone/k')
    const without: string[] = []
    for await (const { key } of open().list({ isEntered })) without.push(key)
    expect(without).toEqual(['a/k', 'z/k'])
  })

  test('the one file or folder that is in the way is named, not the place that it lies in', async () => {
    await write('a/secret')
    await write('b/k')
    await chmod(join(path, 'a/secret'), 0o000)
    await chmod(join(path, 'b'), 0o555)
    await asNobody(async () => {
      const messages = await Promise.all(
        [open().get('a/secret'), putText(open(), 'b/c/d', 'x')].map(
          async (work) => (await problemOf(work)).message,
        ),
      )
      expect(messages).toEqual([
        expect.stringContaining(`${join(path, 'a/secret')}: `),
        expect.stringContaining(`${join(path, 'b')}: `),
      ])
      const [failure] = await open().deleteAll(['b/k'])
      expect(failure?.message).toContain(`${join(path, 'b')}: `)
    })
    await chmod(join(path, 'b'), 0o755)
  })

  test('one that may not be written to is denied, key by key where it deletes', async () => {
    await write('k')
    await chmod(path, 0o555)
    await asNobody(async () => {
      expect((await problemOf(putText(open(), 'l', 'x'))).code).toBe('store-denied')
      const failures = await open().deleteAll(['k', 'none'])
      expect(failures).toEqual([{ key: 'k', message: expect.stringContaining('EACCES') }])
      await open().probe()
      expect((await problemOf(open().probe({ forWriting: true }))).code).toBe('store-denied')
    })
    await chmod(path, 0o755)
    await open().probe({ forWriting: true })
    expect(await listKeys(open())).toEqual(['k'])
  })
})

test('folder: system calls that fail for want of room, rights or a single file system say so', () => {
  const codes = {
    ENOSPC: 'store-full',
    EDQUOT: 'store-full',
    EROFS: 'store-denied',
    EIO: 'store-unavailable',
    EXDEV: 'store-key-refused',
  }
  for (const [errno, code] of Object.entries(codes)) {
    const error = Object.assign(new Error(errno), { code: errno, syscall: 'write' })
    expect(toFolderProblem(error, '/out', 'k')).toMatchObject({ code, subject: 'k' })
  }
  const bug = new TypeError('bug')
  expect(toFolderProblem(bug, '/out')).toBe(bug)
})

test("folder: a large file is written without what handles lack under Yarn's Plug'n'Play", async () => {
  const path = freshPath()
  const store = openFolderStore({ path, create: true })
  const handle = await openFile(import.meta.filename)
  await handle.close()
  vi.spyOn(Object.getPrototypeOf(handle), 'utimes').mockRejectedValue(new Error('Method not implemented.'))
  onTestFinished(() => void vi.restoreAllMocks())
  await store.put('large.bin', new Uint8Array(300_000), { headers: HEADERS })
  expect(await listKeys(store)).toEqual(['large.bin'])
})

test.each([10_000, 1_000_000])(
  'folder: who has begun to read an object of %d bytes reads all of it, whatever takes its place',
  async (sizeBytes) => {
    const store = open()
    const [before, after] = [Buffer.alloc(sizeBytes, 'a'), Buffer.alloc(sizeBytes, 'b')]
    await store.put('k', before, { headers: HEADERS })
    const reader = await openFile(join(path, 'k'))
    await store.put('k', after, { headers: HEADERS })
    expect(before.equals(await reader.readFile())).toBe(true)
    expect(after.equals(await readFile(join(path, 'k')))).toBe(true)
    await reader.close()
    await store.close()
  },
)

test('folder: a writer killed at any moment leaves no half object', async () => {
  const writer = fileURLToPath(new URL('../support/folder-writer.ts', import.meta.url))
  const store = open()
  const checkWhole = async (): Promise<void> => {
    for (const { key } of await listAll(store)) {
      const { bytes = Buffer.of() } = (await store.get(key)) ?? {}
      expect(Buffer.alloc(2_000_000, bytes[0]).equals(bytes), key).toBe(true)
    }
  }
  const partial = join(path, '.imgsizes/partial')
  for (const isMidway of [false, true, true, false]) {
    // Before it writes: later, its own file might be among them.
    const left = (await readdir(partial).catch(() => [])).length
    const child = spawn(process.execPath, ['--import', 'jiti/register', writer, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    // Held, so that the moment at which it is killed is one of those that are wanted: in the middle of a file, or between.
    for (;;) {
      child.kill('SIGSTOP')
      if ((await readdir(partial)).length > left === isMidway) break
      child.kill('SIGCONT')
      await sleep(1)
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    await checkWhole()
  }
  expect((await readdir(partial)).length).toBeGreaterThan(0)
})
