import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { type Config, describePlace, folderOf, type PlaceDescription } from '../config/config.ts'
import { makeFolders } from '../store/make-folders.ts'
import { type CiFacts, type CiKind, ciNextSteps, formatCi } from './ci-template.ts'
import { alreadyThere, writeNew } from './init-files.ts'

/**
 * A job that `init --ci` writes. Prepares a job. Problem `config-exists` where there is one; then nothing is written at
 * all.
 */
export const prepareCi = (kind: CiKind, facts: CiFacts) => {
  const { path, text } = formatCi(kind, facts)
  const file = join(facts.root, path)
  if (existsSync(file)) throw alreadyThere(file, 'Edit it, or remove it first. Nothing was written.')
  return {
    nextSteps: ciNextSteps(kind, facts),
    /** Writes the job. Problem `config-exists` where another process has written one meanwhile. */
    write: async (): Promise<string> => {
      await makeFolders(dirname(file))
      await writeNew(file, text)
      return path
    },
  }
}

/** What a job depends on, from the configuration. */
export const toCiFacts = (config: Pick<Config, 'root' | 'output' | 'state' | 'sources'>): CiFacts => {
  const { root, output, state, sources } = config
  const kept = [output, ...(state === undefined ? [] : [state])]
  const places = [...kept, ...sources.map(({ place }) => place)].map(describePlace)
  const namesOf = (choose: (environment: PlaceDescription['environment']) => readonly string[]) => [
    ...new Set(places.flatMap(({ environment }) => choose(environment))),
  ]
  return {
    root,
    secrets: namesOf(({ secrets }) => secrets),
    variables: namesOf(({ variables }) => variables),
    folders: kept.flatMap((place) => folderOf(place) ?? []).map((path) => toFolder(root, path)),
    isBucketOutput: describePlace(output).bucket !== undefined,
    nodeFolder: dirname(process.execPath),
  }
}

/** Relative to the project, with "/"; a path outside of the project stays as it is. */
const toFolder = (root: string, path: string): string => {
  const way = relative(root, path)
  return way === '' || way.startsWith('..') || isAbsolute(way) ? path : way.split(sep).join('/')
}
