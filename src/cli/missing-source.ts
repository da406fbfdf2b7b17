import { basename } from 'node:path'
import type { Originals } from '../app/originals.ts'
import { type Config, folderOf, keyPrefixOf, type LocatedSource, locateSource } from '../config/config.ts'
import { compileExclude, compileMatch } from '../config/match.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Project } from '../wire/project.ts'
import { formatFolder, listSomeSources, suggestSource } from './known-sources.ts'

/** What a note needs; `size`: the one that was named. */
interface NoteOptions {
  readonly cwd: string
  readonly size: string | undefined
  readonly signal: AbortSignal
}

/**
 * Says that `serve` has nothing to make the results of a source from, and which source may be meant, or that `build`
 * makes none of them; undefined where both make them. Only folders are looked into: asking a bucket or a server costs
 * money or time.
 */
export const noteUrls = async (
  source: SourceKey,
  project: Project,
  { cwd, size, signal }: NoteOptions,
): Promise<string | undefined> => {
  const { config } = project
  const end = 'serve answers 404 for these URLs'
  if (compileExclude(config.exclude)(source)) return `${source} is excluded by the configuration: ${end}.`
  const own = locateSource(config.sources, source)
  const path = own && folderOf(own.place)
  if (own === undefined || path === undefined) return noteNotBuilt(source, size, config)
  const folder = formatFolder(path, cwd)
  const state = await lookFor(source, project.originals, signal)
  if (state === 'there') return noteNotBuilt(source, size, config)
  if (state === 'no-folder')
    return `The source folder ${folder} cannot be read: serve answers 502 for these URLs.`
  const meant =
    suggestSource(source, (await listSomeSources(project, signal)) ?? []) ??
    withoutFolder(own, basename(path))
  const question = meant === undefined ? '' : ` Did you mean ${meant}?`
  return `The source folder ${folder} has no ${own.inner}: ${end} until it is there.${question}`
}

const noteNotBuilt = (
  source: SourceKey,
  size: string | undefined,
  { include, sizes, serve }: Pick<Config, 'include' | 'sizes' | 'serve'>,
): string | undefined => {
  const match = sizes.find(({ name }) => name === size)?.match
  const end = `leaves ${source} out: build does not make these`
  if (match && !compileMatch(match)(source)) {
    const isRefused = serve.allow === 'configured'
    return `\`match\` of the size ${size} ${end}, ${isRefused ? 'and serve answers 404' : 'but serve does where it is asked'}.`
  }
  return compileMatch(include)(source) ? undefined : `\`include\` ${end}, but serve does where it is asked.`
}

/** Whether an original can be found; `no-folder` where its place cannot be reached. */
const lookFor = async (
  source: SourceKey,
  originals: Pick<Originals, 'find'>,
  signal: AbortSignal,
): Promise<'there' | 'missing' | 'no-folder'> => {
  try {
    return (await originals.find(source, { signal })) === undefined ? 'missing' : 'there'
  } catch (error) {
    if (error instanceof Problem) return 'no-folder'
    throw error
  }
}

/** `photos/cat.jpg` for a source folder `photos`, where no such file exists: names begin below the folder. */
const withoutFolder = (source: LocatedSource, folder: string): string | undefined =>
  source.inner.startsWith(`${folder}/`)
    ? keyPrefixOf(source) + source.inner.slice(folder.length + 1)
    : undefined

/** How many originals are looked up: each costs a request. */
const MOST_ASKED = 20

/**
 * Says which of the originals still exist whose results were deleted, because these will be made again; else
 * undefined.
 */
export const noteStillThere = async (
  sources: readonly SourceKey[],
  originals: Pick<Originals, 'find'>,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const asked = sources.slice(0, MOST_ASKED)
  const looks = await Promise.all(asked.map((source) => lookFor(source, originals, signal)))
  const there = asked.filter((_, index) => looks[index] === 'there')
  if (there.length === 0) return undefined
  return there.length === 1
    ? `${there[0]} is still there: the next build or visitor makes its results again. Delete it or exclude it first to get rid of them.`
    : `${there.join(', ')} are still there: the next build or visitor makes their results again. Delete them or exclude them first to get rid of these.`
}
