import { stat } from 'node:fs/promises'
import type { FilePlace } from '../config/config.ts'
import type { Project } from './project.ts'

interface FollowOverridesOptions {
  /** It says something else now, and the project knows it. */
  readonly onChanged: () => void
  /** It cannot be read now, or is wrong: what it said before still counts. Told once for each reason. */
  readonly onFailed: (error: unknown) => void
}

/** A look at a file costs nothing; one at an object is a request. */
const EVERY_MS: Readonly<Record<FilePlace['kind'], number>> = { file: 1_000, object: 60_000 }

/** Reads the file of overrides again when it changes, until it is closed. */
export const followOverrides = (
  { config: { overrides: place }, overrides }: Pick<Project, 'config' | 'overrides'>,
  { onChanged, onFailed }: FollowOverridesOptions,
): { close(): void } => {
  if (place === undefined) return { close: () => {} }
  let seen: string | undefined
  let told = ''
  let isBusy = false
  const look = async (): Promise<void> => {
    const now = place.kind === 'file' ? await describe(place.path) : undefined
    if (now !== undefined && now === seen) return
    if (await overrides.reload()) onChanged()
    seen = now
    told = ''
  }
  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    look()
      .catch((error: unknown) => {
        if (told === String(error)) return
        told = String(error)
        onFailed(error)
      })
      .finally(() => {
        isBusy = false
      })
  }, EVERY_MS[place.kind])
  return { close: () => clearInterval(timer) }
}

/** Stands for a file that does not exist; no real file gives this. */
const describe = (path: string): Promise<string> =>
  stat(path).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
    () => 'missing',
  )
