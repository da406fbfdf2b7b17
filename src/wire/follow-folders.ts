import { UNTOLD } from '../app/originals.ts'
import { folderOf, keyPrefixOf } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import { Problem } from '../core/problem.ts'
import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { formatSourceList } from '../events/source-list.ts'
import type { Queue } from '../queue/port.ts'
import type { FolderChanges } from '../store/folder-changes.ts'
import { createRerun } from '../waiting/rerun.ts'
import { followOverrides } from './follow-overrides.ts'
import type { Project } from './project.ts'
import { sendAllDue } from './watch.ts'

interface FollowFoldersOptions {
  readonly queue: Pick<Queue, 'send'>
  readonly stop: AbortSignal
  readonly log: {
    info(message: string, more?: Readonly<Record<string, unknown>>): void
    error(message: string, error: unknown): void
  }
}

/** A file is sent when it did not change for this time, or at last after the longer time: files are written in pieces. */
const QUIET_MS = 200
const LONGEST_MS = 30_000
const MOST_PER_MESSAGE = 100
/** So many names that may be folders are looked at one by one; beyond that, everything is compared once. */
const MOST_UNCLEAR = 1_000

/**
 * Sends every change in the folders of a project to a queue, and first all that is due already. Problem
 * `watch-no-folder` where originals are not in folders.
 */
export const followProjectFolders = async (
  project: Project,
  { queue, stop, log }: FollowFoldersOptions,
): Promise<FolderChanges> => {
  const { config } = project
  const isIncluded = compileMatch(config.include)
  const fail = (error: unknown): void => log.error('warning', error)
  const gathering = createGathering((keys) => {
    queue.send(cut(keys).map((some) => formatSourceList(some))).catch(fail)
  })
  const folders = config.sources.flatMap((source) => {
    const path = folderOf(source.place)
    return path === undefined ? [] : [{ path, prefix: keyPrefixOf(source) }]
  })
  if (folders.length < config.sources.length) throw noFolder()
  const { followFolder } = await import('../store/folder-changes.ts')
  const ignored = [config.output, ...(config.state ? [config.state] : [])].flatMap(
    (place) => folderOf(place) ?? [],
  )
  let isClosed = false
  const compareAll = createRerun(async () => {
    if (!isClosed) await compare(project, { queue, stop, log }).catch(fail)
  })
  let looking = Promise.resolve()
  const unclear = new Set<SourceKey>()
  const lookBelowLater = (key: SourceKey): void => {
    if (unclear.has(key)) return
    if (unclear.size >= MOST_UNCLEAR) return void compareAll()
    unclear.add(key)
    const look = async (): Promise<void> => {
      unclear.delete(key)
      if (!isClosed) await addBelow(project, key, (found) => isIncluded(found) && gathering.add(found))
    }
    looking = looking.then(look).catch(fail)
  }
  const followed: FolderChanges[] = []
  let following: ReturnType<typeof followOverrides> | undefined
  const close = async (): Promise<void> => {
    isClosed = true
    gathering.close()
    following?.close()
    await Promise.all(followed.map((folder) => folder.close()))
  }
  try {
    for (const { path, prefix } of folders)
      followed.push(
        await followFolder({
          path,
          ignored,
          onFailed: fail,
          onReplaced: compareAll,
          onChanges: (paths) => {
            for (const changed of paths) {
              const name = prefix + changed
              const key = project.originals.sourceOfSidecar(name) ?? parseSourceKey(name)
              if (key === undefined || !project.originals.mayBe(key)) continue
              if (isIncluded(key)) gathering.add(key)
              else lookBelowLater(key)
            }
          },
        }),
      )
  } catch (error) {
    await close()
    throw error
  }
  following = followOverrides(project, { onChanged: compareAll, onFailed: fail })
  void compareAll()
  // The last comparison only waits for the one before.
  return { close: () => Promise.all([close(), looking, compareAll()]).then(() => {}) }
}

/**
 * For a whole folder that came or went, its files are not reported: adds what is there now, and what has results.
 * `folder` may as well be a file that is no picture.
 */
const addBelow = async (
  { originals, results }: Project,
  folder: SourceKey,
  add: (key: SourceKey) => void,
): Promise<void> => {
  if ((await originals.find(folder)) !== undefined) return
  const prefix = `${folder}/`
  for await (const { key } of originals.list({ ...UNTOLD, range: { prefix } })) add(key)
  for await (const { variant } of results.list({ ...UNTOLD, prefix })) add(variant.source)
}

/** Finds what came or changed while nobody looked. What is gone is left to `prune` and its guards. */
const compare = async (project: Project, { queue, stop, log }: FollowFoldersOptions): Promise<void> => {
  try {
    const due = await sendAllDue(project, queue, { tell: project.context.tell, signal: stop })
    log.info('compared', { due })
  } catch (error) {
    if (!stop.aborted) throw error
  }
}

const noFolder = (): Problem =>
  new Problem(
    'watch-no-folder',
    'Not all originals are in folders, and only folders report changes by themselves.',
    {
      hint: 'Say where events come from: watch --events sqs://queue, or watch --listen 127.0.0.1:9000 --token …',
    },
  )

const cut = (keys: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(keys.length / MOST_PER_MESSAGE) }, (_, index) =>
    keys.slice(index * MOST_PER_MESSAGE, (index + 1) * MOST_PER_MESSAGE),
  )

/** Collects keys until each has rested for a while. */
const createGathering = (onGathered: (keys: readonly SourceKey[]) => void) => {
  const changing = new Map<SourceKey, { readonly firstAt: number; readonly lastAt: number }>()
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }
  const flush = (): void => {
    const now = performance.now()
    const rested: SourceKey[] = []
    for (const [key, { firstAt, lastAt }] of changing)
      if (now - lastAt >= QUIET_MS || now - firstAt >= LONGEST_MS) rested.push(key)
    for (const key of rested) changing.delete(key)
    if (changing.size === 0) stop()
    if (rested.length > 0) onGathered(rested)
  }
  return {
    add: (key: SourceKey): void => {
      const lastAt = performance.now()
      changing.set(key, { firstAt: changing.get(key)?.firstAt ?? lastAt, lastAt })
      timer ??= setInterval(flush, QUIET_MS / 2)
    },
    close: stop,
  }
}
