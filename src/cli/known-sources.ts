import { relative } from 'node:path'
import { UNTOLD } from '../app/originals.ts'
import { suggestName } from '../config/suggest.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Project } from '../wire/project.ts'

/** How many names are searched for the one that was meant: one page of a bucket's listing. */
const MOST_LISTED = 1_000

/** The first sources that `build` would make results of; undefined where their places cannot be listed. */
export const listSomeSources = async (
  { originals }: { readonly originals: Pick<Project['originals'], 'list'> },
  signal: AbortSignal,
): Promise<readonly SourceKey[] | undefined> => {
  const names: SourceKey[] = []
  try {
    for await (const { key, isIncluded } of originals.list({ ...UNTOLD, signal })) {
      if (isIncluded) names.push(key)
      if (names.length >= MOST_LISTED) break
    }
    return names
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return undefined // whoever lists them on purpose reports the reason
  }
}

/** A folder relative to `cwd`; a folder outside of it with its whole path. */
export const formatFolder = (path: string, cwd: string): string => {
  const way = relative(cwd, path)
  return way.startsWith('..') ? path : way || '.'
}

/**
 * The one of `names` that `name` most likely means: the same without the folders above the sources, a file of that name
 * in another folder, or a similar name.
 */
export const suggestSource = (name: string, names: readonly string[]): string | undefined => {
  const file = fileOf(name)
  return (
    names.find((known) => name.endsWith(`/${known}`)) ??
    names.find((known) => fileOf(known) === file) ??
    suggestName(name, names)
  )
}

const fileOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase()
