import type { Options } from 'yargs'
import type { Forcing } from '../app/batch/forced.ts'
import { isInShare, type Shard } from '../plan/shares.ts'
import { IMAGES_OPTIONS, type ImagesFlags, readImagesFlags } from './build-images.ts'
import type { CommandContext } from './command.ts'
import {
  AGAIN_OPTIONS,
  type AgainFlags,
  type CommonFlags,
  memoryFlag,
  readAgainFlags,
  readCommonFlags,
  readMemory,
  valueFlag,
} from './common-flags.ts'
import { type Flags, UsageError } from './flags.ts'
import { readFileFlag, takesStdout } from './line-file.ts'
import { readScope, SCOPE_OPTIONS, type Scope } from './scope.ts'
import { type NamedSources, readPlanFile, readSourcesFrom } from './sources-from.ts'

const WORK = 'What to do:'
const REPORTS = 'Reports:'

/** The flags of `build`. */
export const BUILD_OPTIONS: Readonly<Record<string, Options>> = {
  ...SCOPE_OPTIONS,
  shard: valueFlag(
    'Which pictures and results:',
    'This share of the sources: 1/4, 2/4, …; auto: as CI or the cluster numbers its workers',
  ),
  plan: valueFlag(
    'Which pictures and results:',
    'The sources of a plan by `plan --out`, - for stdin; with --shard, cut by predicted cost',
  ),
  'sources-from': valueFlag(
    'Which pictures and results:',
    'These sources alone, one a line, from a file or - for stdin: made where they are there, deleted where not',
  ),
  ...AGAIN_OPTIONS,
  memory: memoryFlag(WORK),
  changed: valueFlag(
    REPORTS,
    'File for the URLs whose bytes were replaced, for a CDN to purge; - for stdout',
  ),
  'report-failures': valueFlag(REPORTS, 'File for every failure, one JSON object a line; - for stdout'),
  report: valueFlag(REPORTS, 'File for a page of what was done, with a gallery'),
  ...IMAGES_OPTIONS,
}

/** What a command line of `build` asks for. */
export interface BuildFlags {
  readonly common: CommonFlags
  readonly scope: Scope
  readonly only: string | undefined
  readonly again: AgainFlags
  /** What `--force` makes again; undefined where sources are named one by one, so that nobody needs to know. */
  readonly forcing?: Forcing
  /** Whether the sources are those of a stored plan. */
  readonly isPlanned: boolean
  readonly shard: ChosenShard | undefined
  readonly memoryBytes: number
  readonly changedFile: string | undefined
  readonly failuresFile: string | undefined
  /** Whether one of those is stdout. */
  readonly isStdoutTaken: boolean
  readonly pageFile: string | undefined
  readonly images: ImagesFlags
  /** Names in `--sources-from` that cannot be sources. */
  readonly skipped: NamedSources['skipped']
}

/** Reads the flags, and the list of sources that one of them may name: a file or stdin. */
export const readBuildFlags = async (
  flags: Flags,
  { host, env }: Pick<CommandContext, 'host' | 'env'>,
): Promise<BuildFlags> => {
  const sourcesFrom = flags.text('sources-from')
  const planFile = flags.text('plan')
  if (sourcesFrom !== undefined && planFile !== undefined)
    throw new UsageError('--sources-from and --plan do not go together: both name the sources')
  const shard = readShard(flags, env)
  const common = readCommonFlags(flags, host)
  const again = readAgainFlags(flags)
  const changedFile = flags.text('changed')
  const failuresFile = flags.text('report-failures')
  const rest = {
    shard,
    common,
    only: flags.text('only'),
    again,
    isPlanned: planFile !== undefined,
    memoryBytes: readMemory(flags, host),
    changedFile,
    failuresFile,
    isStdoutTaken: takesStdout({ changed: changedFile, 'report-failures': failuresFile }, common),
    pageFile: readFileFlag(flags, 'report'),
    images: readImagesFlags(flags),
  }
  const scope = readScope(flags) // wrong usage is told before waiting for stdin
  if (planFile !== undefined) {
    const { header, keys } = await readPlanFile(planFile, { shard, again })
    const { id, only } = header
    const forcing = id !== undefined && {
      forcing: { id, ...(only !== undefined && { only }), ...scope.narrowing },
    }
    return { ...rest, skipped: [], scope: readScope(flags, keys), ...forcing }
  }
  if (sourcesFrom === undefined) return { ...rest, skipped: [], scope, forcing: toForcing(rest, scope) }
  const { keys, skipped } = await readSourcesFrom(sourcesFrom)
  const own = shard === undefined ? keys : keys.filter((key) => isInShare(key, shard))
  return { ...rest, skipped, scope: readScope(flags, own) }
}

const toForcing = ({ only, shard }: Pick<BuildFlags, 'only' | 'shard'>, { narrowing }: Scope): Forcing => ({
  ...(only !== undefined && { only }),
  ...(shard && { isShare: true }),
  ...narrowing,
})

/** A share of the sources, and a line for the log that says where it comes from, if not from the command line. */
export interface ChosenShard extends Shard {
  readonly origin?: string
}

/** How a system tells a worker its number, and how many there are. */
interface WorkerNumbering {
  readonly system: string
  readonly index: string
  readonly count: string
  readonly first: 0 | 1
}

const NUMBERINGS: readonly WorkerNumbering[] = [
  // Kubernetes only sets the index; the Job must set the other to its `completions`.
  { system: 'Kubernetes Indexed Job', index: 'JOB_COMPLETION_INDEX', count: 'JOB_COMPLETIONS', first: 0 },
  {
    system: 'AWS Batch array job',
    index: 'AWS_BATCH_JOB_ARRAY_INDEX',
    count: 'AWS_BATCH_JOB_ARRAY_SIZE',
    first: 0,
  },
  // The workflow must set them to `strategy.job-index` and `strategy.job-total`: GitHub puts neither into the
  // environment.
  { system: 'GitHub Actions matrix', index: 'STRATEGY_JOB_INDEX', count: 'STRATEGY_JOB_TOTAL', first: 0 },
  { system: 'GitLab CI', index: 'CI_NODE_INDEX', count: 'CI_NODE_TOTAL', first: 1 },
  { system: 'CircleCI', index: 'CIRCLE_NODE_INDEX', count: 'CIRCLE_NODE_TOTAL', first: 0 },
  { system: 'Buildkite', index: 'BUILDKITE_PARALLEL_JOB', count: 'BUILDKITE_PARALLEL_JOB_COUNT', first: 0 },
]

/** `--shard i/n`, or `--shard auto` to read the environment; undefined without the flag. */
export const readShard = (flags: Flags, env: NodeJS.ProcessEnv): ChosenShard | undefined =>
  flags.parsed('shard', 'i/n with i from 1 to n, such as 1/4, or auto', (text) => {
    if (text === 'auto') return readNumbering(env)
    const [, index, count] = /^([1-9][0-9]{0,5})\/([1-9][0-9]{0,5})$/.exec(text) ?? []
    return Number(index) > Number(count) || index === undefined
      ? undefined
      : { index: Number(index), count: Number(count) }
  })

const readNumbering = (env: NodeJS.ProcessEnv): ChosenShard => {
  const found = NUMBERINGS.filter(({ index }) => (env[index] ?? '') !== '')
  const [numbering] = found
  if (numbering === undefined)
    throw new UsageError(
      `--shard auto finds no worker's number in the environment; looked for:\n${NUMBERINGS.map(formatNumbering).join('\n')}`,
    )
  if (found.length > 1)
    throw new UsageError(`--shard auto finds more than one number:\n${found.map(formatNumbering).join('\n')}`)
  const { system, index, count, first } = numbering
  const number = Number(env[index]) - first + 1
  const total = Number(env[count])
  if (!isWhole(env[index]) || !isWhole(env[count]) || number < 1 || number > total)
    throw new UsageError(
      `--shard auto (${system}): ${say(env, index)} and ${say(env, count)}; expected whole numbers, of which the first counts from ${first}`,
    )
  const origin = `Shard ${number} of ${total}, by ${say(env, index)} and ${say(env, count)} (${system}).`
  return { index: number, count: total, origin }
}

const isWhole = (text: string | undefined): boolean => /^[0-9]{1,6}$/.test(text ?? '')

const say = (env: NodeJS.ProcessEnv, name: string): string =>
  env[name] === undefined ? `${name} is not set` : `${name}=${env[name]}`

const formatNumbering = ({ system, index, count }: WorkerNumbering): string =>
  `  ${index} and ${count} (${system})`
