import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FilePlace } from '../config/config.ts'
import { errorCodeOf, unwritten } from '../core/error-code.ts'
import type { Mark } from '../core/mark.ts'
import { Problem } from '../core/problem.ts'
import { makeFolders } from '../store/make-folders.ts'
import type { WritableStore } from '../store/port.ts'
import { openOutput } from './stores.ts'
import { copyRights } from './text-file.ts'

/** A text file that several programs read and change. */
export interface SharedText {
  /** Its place, for messages. */
  readonly place: string
  /** Undefined where the file does not exist. */
  read(): Promise<string | undefined>
  /**
   * Writes what `edit` makes of the present text (undefined: no file yet), whole or not at all. If another writer was
   * faster, `edit` is called again with the new text, so that no change is lost. Problem `overrides-changing` where
   * this does not end.
   */
  change(edit: (text: string | undefined) => string): Promise<void>
  close(): Promise<void>
}

/** A file on this machine or in a bucket. */
export const openSharedText = async (file: FilePlace): Promise<SharedText> =>
  file.kind === 'file' ? openFile(file.path) : openObject(await openOutput(file.folder), file.name)

const MOST_BYTES = 512 * 1024 * 1024
const ATTEMPTS = 40
/** A writer that holds its lock for longer has been killed. */
const LOCK_MS = 10_000

/** Waits of 5 ms to half a second, random so that writers do not stay in step. */
const wait = (attempt: number): Promise<void> =>
  sleep(Math.min(500, 5 * 2 ** attempt) * (0.5 + Math.random()))

const changing = (place: string): Problem =>
  new Problem('overrides-changing', `${place} was not written, because others kept writing it`, {
    subject: place,
    hint: 'Save again.',
  })

const openFile = (path: string): SharedText => ({
  place: path,
  read: () => readText(path),
  change: async (edit) => {
    // If it is a link, it stays one.
    const target = await realpath(path).catch(() => path)
    // As in git: the new file beside the old one is also the lock against other writers.
    const lock = join(dirname(target), `.${basename(target)}.lock`)
    await makeFolders(dirname(target))
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const file = await open(lock, 'wx').catch((error: unknown) => {
        if (errorCodeOf(error) === 'EEXIST') return undefined
        throw unwritten(path, error)
      })
      if (file === undefined) {
        await removeAbandoned(lock)
        await wait(attempt)
        continue
      }
      try {
        const before = await readText(path)
        const text = edit(before)
        await file.writeFile(text).finally(() => file.close())
        if (text === before) await rm(lock, { force: true })
        else await copyRights(target, lock).then(() => rename(lock, target))
        return
      } catch (error) {
        await file.close()
        await rm(lock, { force: true })
        throw error instanceof Error && 'errno' in error ? unwritten(path, error) : error
      }
    }
    throw changing(path)
  },
  close: async () => {},
})

const removeAbandoned = async (lock: string): Promise<void> => {
  const modifiedAt = (await stat(lock).catch(() => undefined))?.mtimeMs
  if (modifiedAt !== undefined && Date.now() - modifiedAt > LOCK_MS) await rm(lock, { force: true })
}

const readText = (path: string): Promise<string | undefined> =>
  readFile(path).then(decode, (cause: unknown) => {
    if (errorCodeOf(cause) === 'ENOENT') return undefined
    if (errorCodeOf(cause) === 'EISDIR')
      throw new Problem('overrides-invalid', `${path} is a folder`, {
        subject: path,
        hint: 'Let `overrides` name the file in it.',
      })
    throw new Problem('file-not-read', `${path} cannot be read (${errorCodeOf(cause)})`, {
      subject: path,
      cause,
    })
  })

const HEADERS = { contentType: 'application/json', cacheControl: 'no-cache', metadata: {} } as const

/** An object of a store, which is closed with it. */
export const openObject = (store: WritableStore, key: string): SharedText => {
  const read = () => store.get(key, { maxBytes: MOST_BYTES })
  const place = `${store.place} ${key}`
  return {
    place,
    read: async () => decode((await read())?.bytes),
    change: async (edit) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const object = await read()
        const before = decode(object?.bytes)
        const text = edit(before)
        if (text === before) return
        if (await write(store, key, { text, mark: object?.mark })) return
        await wait(attempt)
      }
      throw changing(place)
    },
    close: () => store.close(),
  }
}

/** Whether it was written; false where the object is another one than was read. */
const write = async (
  store: WritableStore,
  key: string,
  { text, mark }: { readonly text: string; readonly mark: Mark | undefined },
): Promise<boolean> => {
  const bytes = new TextEncoder().encode(text)
  if (mark === undefined)
    return (await store.put(key, bytes, { headers: HEADERS, createOnly: true })).kind === 'stored'
  if (store.replace === undefined)
    throw new Problem('store-unsupported', `${store.place} does not support conditional writes`, {
      subject: key,
    })
  return (await store.replace(key, bytes, { mark, headers: HEADERS })) === 'replaced'
}

/** Without the mark of its encoding that some editors write first. */
const decode = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes)
