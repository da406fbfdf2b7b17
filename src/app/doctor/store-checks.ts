import type { Mark } from '../../core/mark.ts'
import { asProblem, Problem } from '../../core/problem.ts'
import { PRIVATE_SEGMENT } from '../../core/source-key.ts'
import type { ObjectHeaders, ReadableStore, StoredObject, WritableStore } from '../../store/port.ts'
import { EXPIRE_VERSIONS } from '../batch/kept-versions.ts'
import { type Check, checkThat, failed, skipped, warning } from './check.ts'

const HEADERS: ObjectHeaders = {
  contentType: 'text/plain',
  cacheControl: 'no-store',
  metadata: { 'imgsizes-maker': 'doctor' },
}
const TEXT = new TextEncoder().encode('imgsizes doctor: this may be deleted.\n')

interface StoreCheckOptions {
  /** What the place is for: `source photos`, `output`, `state`. */
  readonly part: string
  /** A text that nobody else makes. */
  readonly id: string
  /** The permissions that messages name. */
  readonly permissions?: Permissions | undefined
  /** Whether the folder does not exist yet; a check must not make it. */
  readonly isNew?: boolean
  readonly signal: AbortSignal
}

interface ReadingOptions extends StoreCheckOptions {
  /** Whether a build looks into the folder `path`. */
  readonly isEntered: (path: string) => boolean
}

/** The most originals that are listed: a bucket may have millions. */
const MOST_LISTED = 10_000

/** Whether originals can be listed and read. Reads at most the beginning of one. */
export async function* checkReading(store: ReadableStore, options: ReadingOptions): AsyncGenerator<Check> {
  const { part, isEntered, signal } = options
  let first: StoredObject | undefined
  yield await checkThat(part, nameOf('list', options), async () => {
    try {
      let unlisted: Problem | undefined
      let listed = 0
      const onUnlisted = (_: string, problem: Problem): void => {
        unlisted ??= problem
      }
      for await (const object of store.list({ isEntered, signal, onUnlisted })) {
        first ??= object
        if (++listed === MOST_LISTED || unlisted !== undefined) break
      }
      if (unlisted !== undefined) throw unlisted
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'source-not-listable') throw error
      return skipped(error.message, error.hint)
    }
    if (first !== undefined) return store.place
    return warning(`${store.place} is empty`, 'Check the path or prefix of the source.')
  })
  const found = first
  if (found === undefined) return
  yield await checkThat(part, nameOf('read', options), async () => {
    const object = await store.open(found.key, { signal })
    await object?.body.cancel()
    return `${found.key} can be read`
  })
  if (store.marks === 'content') yield await checkMarks(part, found.mark === undefined ? 'none' : 'some')
}

/** Whether results can be listed, written, read, copied and deleted, one after the other, with an object of its own. */
export async function* checkWriting(store: WritableStore, options: StoreCheckOptions): AsyncGenerator<Check> {
  const { part, signal } = options
  const key = `${PRIVATE_SEGMENT}/doctor/${options.id}.txt`
  const copy = `${PRIVATE_SEGMENT}/doctor/${options.id}-copy.txt`
  const check = (action: Action, look: Parameters<typeof checkThat>[2]) =>
    checkThat(part, nameOf(action, options), look)

  const skip = (action: Action, found: string) => check(action, async () => skipped(found))
  yield await check('list', async () => {
    await store.probe({ signal })
    if (!options.isNew) return store.place
    return warning(`${store.place} does not exist yet`, 'The first build makes it.')
  })
  if (options.isNew) {
    for (const action of ['write', 'read', 'copy', 'delete'] as const)
      yield await skip(action, 'the folder does not exist yet')
    return
  }
  let mark: Mark | undefined
  let shown: ShownMarks = 'none'
  const written = await check('write', async () => {
    const put = await store.put(key, TEXT, { headers: HEADERS, signal })
    if (put.kind === 'stored') {
      mark = put.object.mark
      shown = mark === undefined ? 'none' : `${mark}` === put.md5 ? 'MD5s' : 'some'
    }
    return 'an object was written'
  })
  yield written
  if (written.status !== 'ok') {
    for (const action of ['read', 'copy', 'delete'] as const)
      yield await skip(action, 'nothing could be written to try it on')
    return
  }
  if (store.marks === 'content') yield await checkMarks(part, shown)
  if (store.keepsVersions !== undefined) yield await checkVersions(store, part)
  yield await check('create', async () => {
    const { kind } = await store.put(key, TEXT, { headers: HEADERS, createOnly: true, signal })
    if (kind === 'exists') return 'existing objects are not overwritten'
    return warning(
      'the store overwrites an object although If-None-Match forbids it',
      'Nothing breaks: two origins may store the same picture twice.',
    )
  })
  yield await check('read', async () => {
    const object = await store.get(key, { signal })
    const part = await store.open(key, { signal, range: { start: 0, end: 7 } })
    await part?.body.cancel()
    if (object === undefined || Buffer.compare(object.bytes, TEXT) !== 0)
      return failed('something else was read than was written', READ_ADVICE)
    if (!store.keepsHeaders || object.headers.cacheControl === HEADERS.cacheControl)
      return 'what was written was read, whole and in part'
    return warning(
      'the store loses the Cache-Control of what is written',
      'Whatever shows the pictures must send it by itself: imgsizes serve does, and a rule of the CDN can.',
    )
  })
  yield await check('copy', async () => {
    if (mark === undefined) return 'made by reading and writing, for the store shows no ETags'
    const copied = await store.copy(key, copy, { mark, headers: HEADERS, signal })
    if (copied !== undefined) return 'needed for a new secret and for changed headers'
    return failed('the object was gone before it was copied', READ_ADVICE)
  })
  yield await check('delete', async () => {
    const [failure] = await store.deleteAll([key, copy], { signal })
    if (failure === undefined && (await isGone(store, key, signal))) return 'nothing is left behind'
    return failed(
      failure?.message ?? 'the object is still there',
      `prune, purge and build need the right to delete. Delete ${key} by hand.`,
    )
  })
}

type ShownMarks = 'none' | 'some' | 'MD5s'

/** Whether a store shows when bytes were replaced, and what it costs where it does not. */
const checkMarks = (part: string, shown: ShownMarks): Promise<Check> =>
  checkThat(part, 'ETags', async () => {
    if (shown === 'MD5s') return 'shown, and the MD5s of what is stored'
    if (shown === 'some') return 'shown; whether or not they are MD5s does not matter'
    return warning(
      'none are shown, so nothing but the bytes tells what was replaced',
      'Every plan and every build reads all of its objects whole: as many requests and bytes as there are. Use a store that shows ETags for more than a few thousand.',
    )
  })

const checkVersions = (store: WritableStore, part: string): Promise<Check> =>
  checkThat(part, 'versions', async () => {
    const keeps = await store.keepsVersions?.()
    if (keeps === undefined) return skipped('it may not be asked for (s3:GetBucketVersioning)')
    if (!keeps) return 'what is deleted or replaced is gone'
    return warning(
      'the bucket keeps versions: replaced and deleted objects still take space',
      EXPIRE_VERSIONS,
    )
  })

/** Without the right to list, nobody can tell that an object is missing: then the deletion is believed. */
const isGone = async (store: ReadableStore, key: string, signal: AbortSignal): Promise<boolean> => {
  try {
    return (await store.head(key, { signal })) === undefined
  } catch (error) {
    return asProblem(error).code === 'store-denied'
  }
}

const READ_ADVICE = 'A cache or another writer stands between; imgsizes needs the store itself.'

type Action = 'list' | 'write' | 'create' | 'read' | 'copy' | 'delete'

/** What a store calls the right to do each of these. */
export type Permissions = Readonly<Record<Action, string>>

const nameOf = (action: Action, { permissions }: StoreCheckOptions): string =>
  permissions === undefined ? action : `${action} (${permissions[action]})`
