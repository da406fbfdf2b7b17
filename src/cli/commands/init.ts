import { randomBytes } from 'node:crypto'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Argv } from 'yargs'
import { Problem } from '../../core/problem.ts'
import { CI_KINDS, type CiFacts, type CiKind } from '../ci-template.ts'
import type { Command, CommandContext } from '../command.ts'
import { type CommonFlags, readCommonFlags, VALUE } from '../common-flags.ts'
import { formatConfigFile } from '../config-template.ts'
import type { Flags } from '../flags.ts'
import { formatCount } from '../format.ts'
import { namesBucket, prepareCi } from '../init-ci.ts'
import { ensureIgnored, ensureSecret, writeNew } from '../init-files.ts'
import type { Style } from '../style.ts'
import type { Survey } from '../survey.ts'
import { UsageError } from '../usage-error.ts'

const define = (yargs: Argv): Argv =>
  yargs
    .usage(
      '$0 init\n\nLooks for pictures, writes a commented imgsizes.config.ts that fits, and a random secret into .env. Never overwrites anything.',
    )
    .options({
      ci: {
        ...VALUE,
        group: 'What to write besides:',
        describe: `A job that builds: ${CI_KINDS.join(', ')}`,
      },
    })

/** 32 bytes: as many as HMAC-SHA256 gives back. */
const SECRET_BYTES = 32

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal, cwd } = context
  const common = readCommonFlags(flags, context.host)
  const file = resolve(cwd, common.configFile ?? 'imgsizes.config.ts')
  if (!file.endsWith('.ts') && !file.endsWith('.mts'))
    throw new UsageError(`--config is ${basename(file)}; init writes a file that ends in .ts`)
  const root = dirname(file)
  const ci = flags.word('ci', CI_KINDS)
  const existing = await findExisting(root, common.configFile === undefined)
  if (existing !== undefined && ci !== undefined) {
    const hasBucket = await namesBucket(join(root, existing))
    await writeCi(ci, { root, hasBucket }, common, context)
    return 0
  }
  if (existing !== undefined) throw refusal(join(root, existing))
  // Loaded late, like all that only one command needs.
  const { surveyFolder } = await import('../survey.ts')
  const survey = await surveyFolder(root)
  const choice = {
    ...survey,
    ...(common.source !== undefined && { source: common.source }),
    ...(common.output !== undefined && { output: common.output }),
  }
  const hasBucket = `${choice.source} ${choice.output}`.includes('s3://')
  const job = ci && prepareCi(ci, toCiFacts({ root, hasBucket }))
  await writeNew(file, formatConfigFile(choice))
  const isSecretNew = await ensureSecret(join(root, '.env'), randomBytes(SECRET_BYTES).toString('base64url'))
  const isIgnoreNew = await ensureIgnored(join(root, '.gitignore'), '.env')
  const jobFile = await job?.write()
  const written = {
    file: relative(cwd, file),
    isSecretNew,
    isIgnoreNew,
    ...(job && jobFile !== undefined && { jobFile, nextSteps: job.nextSteps }),
  }
  if (common.isJson)
    terminal.print(
      JSON.stringify({
        version: 1,
        config: file,
        source: choice.source,
        output: choice.output,
        pictures: survey.pictures,
        secret: isSecretNew ? 'written' : 'kept',
        ...(jobFile !== undefined && { ci: jobFile }),
      }),
    )
  else if (!common.isQuiet) terminal.report(formatInit(choice, written, terminal.style))
  return 0
}

/** Any configuration in the folder, whatever its ending: it would be hidden by ours or hide it. */
const findExisting = async (root: string, looksForOthers: boolean): Promise<string | undefined> => {
  if (!looksForOthers) return undefined // writeNew refuses the very file
  const { default: fastGlob } = await import('fast-glob')
  const [found] = await fastGlob('imgsizes.config.{ts,mts,js,mjs,json}', { cwd: root, onlyFiles: false })
  return found
}

const refusal = (file: string): Problem =>
  new Problem('config-exists', `${file} exists and was left as it is`, {
    subject: file,
    hint: 'Edit it, or remove it first. Nothing was written.',
  })

const toCiFacts = (facts: Pick<CiFacts, 'root' | 'hasBucket'>): CiFacts => ({
  ...facts,
  nodeFolder: dirname(process.execPath),
})

/** The job for a project that is set up already. */
const writeCi = async (
  kind: CiKind,
  facts: Pick<CiFacts, 'root' | 'hasBucket'>,
  { isJson, isQuiet }: CommonFlags,
  { terminal }: CommandContext,
): Promise<void> => {
  const job = prepareCi(kind, toCiFacts(facts))
  const file = await job.write()
  const { style } = terminal
  if (isJson) terminal.print(JSON.stringify({ version: 1, ci: file }))
  else if (!isQuiet)
    terminal.report([`${style.green('wrote')} ${file}`, ...formatNext(job.nextSteps)].join('\n'))
}

const formatNext = (steps: readonly string[]): readonly string[] => [
  '',
  'Next:',
  ...steps.map((step) => `  ${step}`),
]

interface Written {
  readonly file: string
  readonly isSecretNew: boolean
  readonly isIgnoreNew: boolean
  readonly jobFile?: string
  readonly nextSteps?: readonly string[]
}

const formatInit = (
  { source, output, pictures, others }: Survey,
  { file, isSecretNew, isIgnoreNew, jobFile, nextSteps = [] }: Written,
  style: Style,
): string => {
  const found =
    pictures > 0
      ? `Found ${formatCount(pictures, 'picture')} in ${style.bold(source)}.`
      : `Found no pictures in the usual folders, so the configuration says ${style.bold(source)}: correct \`source\` in it.`
  const also = others.slice(0, 3).map(({ folder, pictures: count }) => `${folder} (${count})`)
  return [
    found,
    ...(also.length > 0 ? [style.dim(`There are others in ${also.join(', ')}.`)] : []),
    '',
    `${style.green('wrote')} ${file}: from ${source} to ${output}`,
    isSecretNew
      ? `${style.green('wrote')} a random IMGSIZES_SECRET into .env; keep it, for it signs every URL`
      : 'kept the IMGSIZES_SECRET that is in .env',
    ...(isIgnoreNew ? [`${style.green('added')} .env to .gitignore`] : []),
    ...(jobFile === undefined ? [] : [`${style.green('wrote')} ${jobFile}`]),
    ...formatNext(nextSteps),
    `  look through ${file}, above all \`sizes\``,
    `  ${style.cyan('imgsizes build')}                make every size`,
    `  ${style.cyan('imgsizes url <picture>')}        print its signed URLs`,
    `  ${style.cyan('imgsizes serve')}                answer what is not made yet`,
    style.dim(`Results are made, not written: ${output} belongs into .gitignore, too.`),
  ].join('\n')
}

export const initCommand: Command = {
  usage: 'init',
  summary: 'Write a configuration that fits this folder',
  examples: [
    ['imgsizes init', 'in this folder'],
    ['imgsizes init --ci github', 'and a workflow; in a project that is set up, the workflow alone'],
    ['imgsizes init --source ./photos --output ./public/img', 'these folders, whatever is found'],
  ],
  unusedFlags: ['verbose', 'concurrency'],
  define,
  run,
}
