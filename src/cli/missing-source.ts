import { basename } from 'node:path'
import { compileMatch } from '../config/match.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Project } from '../wire/project.ts'
import { formatFolder, listSomeSources, suggestSource } from './known-sources.ts'

/**
 * Says that `serve` has nothing to make the results of a source from, and which source may be meant; undefined where it
 * has. Only folders are looked into: asking a bucket or a server costs money or time.
 */
export const noteMissing = async (
  source: SourceKey,
  project: Project,
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<string | undefined> => {
  const { sources, exclude } = project.config
  const end = 'serve answers 404 for these URLs'
  if (compileMatch(exclude)(source)) return `${source} is excluded by the configuration: ${end}.`
  const own = sources.find(({ name }) => name === undefined || source.startsWith(`${name}/`))
  if (own?.place.kind !== 'folder') return undefined
  const folder = formatFolder(own.place.path, cwd)
  const state = await lookFor(source, project, signal)
  if (state === 'there') return undefined
  if (state === 'no-folder')
    return `The source folder ${folder} cannot be read: serve answers 502 for these URLs.`
  const meant =
    suggestSource(source, (await listSomeSources(project, signal)) ?? []) ??
    withoutFolder(source, own.name, basename(own.place.path))
  const question = meant === undefined ? '' : ` Did you mean ${meant}?`
  return `The source folder ${folder} has no ${withoutName(source, own.name)}: ${end} until it is there.${question}`
}

const lookFor = async (
  source: SourceKey,
  { originals }: Project,
  signal: AbortSignal,
): Promise<'there' | 'missing' | 'no-folder'> => {
  try {
    return (await originals.find(source, { signal })) === undefined ? 'missing' : 'there'
  } catch (error) {
    if (error instanceof Problem) return 'no-folder'
    throw error
  }
}

const withoutName = (source: SourceKey, name: string | undefined): string =>
  name === undefined ? source : source.slice(name.length + 1)

/** `photos/cat.jpg` for a source folder `photos`, where no such file exists: names begin below the folder. */
const withoutFolder = (source: SourceKey, name: string | undefined, folder: string): string | undefined => {
  const inner = withoutName(source, name)
  if (!inner.startsWith(`${folder}/`)) return undefined
  return `${name === undefined ? '' : `${name}/`}${inner.slice(folder.length + 1)}`
}
