import type { Shard } from '../plan/shares.ts'
import type { Flags } from './flags.ts'
import { UsageError } from './usage-error.ts'

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
export const readShard = (flags: Flags, env: NodeJS.ProcessEnv): ChosenShard | undefined => {
  return flags.parsed('shard', 'i/n with i from 1 to n, such as 1/4, or auto', (text) => {
    if (text === 'auto') return readNumbering(env)
    const [, index, count] = /^([1-9][0-9]{0,5})\/([1-9][0-9]{0,5})$/.exec(text) ?? []
    return Number(index) > Number(count) || index === undefined
      ? undefined
      : { index: Number(index), count: Number(count) }
  })
}

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
