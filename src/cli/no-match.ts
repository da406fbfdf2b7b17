import { type Config, describePlace } from '../config/config.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Project } from '../wire/project.ts'
import { formatFolder, listSomeSources, suggestSource } from './known-sources.ts'
import type { Scope } from './scope.ts'

interface Looked {
  readonly scope: Scope
  /** `--only` as given. */
  readonly only: string | undefined
  /** Whether the sources are those of a stored plan. */
  readonly isPlanned?: boolean
  readonly cwd: string
  readonly signal: AbortSignal
}

/** Says that a run had no source to work on: what was looked for, where, and what existing names look like. */
export const noteNoSource = async (
  project: Project,
  { scope, only, isPlanned = false, cwd, signal }: Looked,
): Promise<string> => {
  const { keys } = scope.selection
  const places = describeSources(project, cwd)
  if (keys?.length === 0)
    return isPlanned
      ? 'Nothing to do: the plan has no source with work.'
      : 'Nothing to do: no source was named.'
  const names = await listSomeSources(project, signal)
  if (names?.length === 0) return `There are no pictures in ${places}: ${explainNone(project.config)}.`
  const wanted = [
    ...(keys === undefined ? [] : [formatNamed(keys)]),
    ...(only === undefined ? [] : [`--only ${only}`]),
  ].join(' and ')
  return `No source matches ${wanted}. ${explainNames(names ?? [], places, keys?.[0] ?? only ?? '')}`
}

/** What lets no name of a place in. */
const explainNone = ({ include, exclude }: Pick<Config, 'include' | 'exclude'>): string => {
  if (include.length === 0) return '`include` is empty'
  const left = exclude.length === 0 ? '' : ` and is not left out by ${exclude.join(', ')} (\`exclude\`)`
  return `no path below it matches ${include.join(', ')}${left}`
}

/** Says where names begin, with an existing one: the most similar to `asked`, else the first. */
export const explainNames = (names: readonly string[], places: string, asked: string): string => {
  const example = suggestSource(asked, names) ?? names[0]
  return `Names are paths below ${places}${example === undefined ? '' : `, such as ${example}`}.`
}

/** The places of the originals, folders as seen from here. */
const describeSources = (
  { config, sourceStores }: { readonly config: Pick<Config, 'sources'> } & Pick<Project, 'sourceStores'>,
  cwd: string,
): string =>
  config.sources
    .map(({ name, place }, index) => {
      const { folder, uri } = describePlace(place)
      const where = folder === undefined ? (sourceStores[index]?.place ?? uri) : formatFolder(folder, cwd)
      return name === undefined ? where : `${name} (${where})`
    })
    .join(', ')

const MOST_NAMED = 3

const formatNamed = (keys: readonly SourceKey[]): string => {
  const more = keys.length > MOST_NAMED ? ', …' : ''
  return `${keys.slice(0, MOST_NAMED).join(', ')}${more}`
}
