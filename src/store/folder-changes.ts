import { realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { Problem } from '../core/problem.ts'

/** The following of a folder. */
export interface FolderChanges {
  close(): Promise<void>
}

/** What is followed, and who is told. */
export interface FollowOptions {
  /** Absolute. */
  readonly path: string
  /** Absolute paths below it that are not followed. */
  readonly ignored: readonly string[]
  /** Called now and then with files that came, changed or went: paths relative to the folder, with "/". */
  readonly onChanges: (paths: readonly string[]) => void
  readonly onFailed: (problem: Problem) => void
}

/** Follows a folder and all below it. Once it returns, no change is missed. Problem `watch-failed`. */
export const followFolder = async ({
  path,
  ignored,
  onChanges,
  onFailed,
}: FollowOptions): Promise<FolderChanges> => {
  const fail = (cause: unknown): Problem =>
    new Problem(
      'watch-failed',
      `${path} cannot be followed: ${cause instanceof Error ? cause.message : cause}`,
      {
        hint: 'On Linux a large tree needs a higher fs.inotify.max_user_watches. Network disks report no changes: use --listen there.',
        cause,
      },
    )
  try {
    const watcher = await import('@parcel/watcher')
    // Changes are reported by real paths.
    const root = await realpath(path)
    const own = ignored.map((each) => (each.startsWith(path) ? root + each.slice(path.length) : each))
    const subscription = await watcher.default.subscribe(
      root,
      (error, events) => {
        if (error) onFailed(fail(error))
        else onChanges(events.map((event) => relative(root, event.path).split(sep).join('/')))
      },
      { ignore: [...own, '**/.git/**', '**/node_modules/**'] },
    )
    return { close: () => subscription.unsubscribe() }
  } catch (error) {
    throw fail(error)
  }
}
