import { realpath, stat } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { Worker } from 'node:worker_threads'
import { asProblem, Problem } from '../core/problem.ts'

/** The following of a folder. */
export interface FolderChanges {
  close(): Promise<void>
}

interface FollowOptions {
  /** Absolute. */
  readonly path: string
  /** Absolute paths below it that are not followed. */
  readonly ignored: readonly string[]
  /** Called now and then with files that came, changed or went: paths relative to the folder, with "/". */
  readonly onChanges: (paths: readonly string[]) => void
  /** Called when the folder came back, or another took its place, and is followed from now on: anything may have changed. */
  readonly onReplaced: () => void
  readonly onFailed: (problem: Problem) => void
}

/** How often to check that the folder is still the one that is followed. */
const LOOK_EVERY_MS = 2_000

/** Follows a folder and all below it. Once it returns, no change is missed. Problem `watch-failed`. */
export const followFolder = async (options: FollowOptions): Promise<FolderChanges> => {
  const { path, onReplaced, onFailed } = options
  let followed: string | undefined
  let isTold = false
  const forget = (): void => {
    followed = undefined
  }
  const follow = async () => {
    followed = await identify(path) // before: what is swapped in between is noticed then
    return subscribe(options, forget)
  }
  let subscription = await follow()
  /** When a folder is moved, deleted, or swapped for another by a link, its events end, and nothing reports that. */
  const look = async (): Promise<void> => {
    try {
      const found = await identify(path)
      if (found === undefined) throw toGoneProblem(path)
      if (found === followed) return
      await subscription.unsubscribe().catch(() => {}) // of a folder that is gone
      subscription = await follow()
      isTold = false
      onReplaced()
    } catch (error) {
      forget()
      if (!isTold) onFailed(asProblem(error))
      isTold = true
    }
  }
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(look)
  }, LOOK_EVERY_MS)
  return {
    close: async () => {
      clearInterval(timer)
      await looking.catch(() => {})
      await subscription.unsubscribe().catch(() => {})
    },
  }
}

/** What tells one folder from another; undefined where there is none. */
const identify = async (path: string): Promise<string | undefined> => {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev} ${ino}`
  } catch {
    return undefined
  }
}

const subscribe = async ({ path, ignored, onChanges, onFailed }: FollowOptions, onRootGone: () => void) => {
  const fail = (cause: unknown): Problem => toProblem(path, cause)
  try {
    if (process.platform === 'linux') await tryInotify(path)
    const watcher = await import('@parcel/watcher')
    // Changes are reported by real paths.
    const root = await realpath(path)
    const own = ignored.map((each) => (each.startsWith(path) ? root + each.slice(path.length) : each))
    return await watcher.default.subscribe(
      root,
      (error, events) => {
        if (error) return onFailed(fail(error))
        if (events.some((event) => event.path === root && event.type === 'delete')) onRootGone()
        onChanges(events.map((event) => relative(root, event.path).split(sep).join('/')))
      },
      { ignore: [...own, '**/.git/**', '**/node_modules/**'] },
    )
  } catch (error) {
    throw fail(error)
  }
}

/**
 * Rejects where the system has no inotify left: @parcel/watcher would block this process then, deaf to every signal. A
 * thread gives back what it took; libuv keeps it.
 */
const tryInotify = (path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const code = `require('node:fs').watch(${JSON.stringify(path)}).close()`
    new Worker(code, { eval: true }).once('error', reject).once('exit', () => resolve())
  })

const toProblem = (path: string, cause: unknown): Problem =>
  new Problem(
    'watch-failed',
    `${path} cannot be followed: ${cause instanceof Error ? cause.message : cause}`,
    {
      hint: 'On Linux a large tree needs a higher fs.inotify.max_user_watches, and many programs a higher max_user_instances. Network disks report no changes: use --listen there.',
      cause,
    },
  )

const toGoneProblem = (path: string): Problem =>
  new Problem('watch-failed', `${path} is not there any more.`, {
    hint: 'It is followed again, and compared, once it is back.',
  })
