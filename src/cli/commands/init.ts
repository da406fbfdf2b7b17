import { randomBytes } from 'node:crypto'
import { basename, dirname, join, relative, resolve } from 'node:path'
import fastGlob from 'fast-glob'
import type { Argv } from 'yargs'
import { Problem } from '../../core/problem.ts'
import type { Command, CommandContext } from '../command.ts'
import { readCommonFlags } from '../common-flags.ts'
import { formatConfigFile } from '../config-template.ts'
import type { Flags } from '../flags.ts'
import { formatCount } from '../format.ts'
import { ensureIgnored, ensureSecret, writeNew } from '../init-files.ts'
import type { Style } from '../style.ts'
import { type Survey, surveyFolder } from '../survey.ts'
import { UsageError } from '../usage-error.ts'

const define = (yargs: Argv): Argv =>
  yargs
    .usage(
      '$0 init\n\nLooks for pictures, writes a commented imgsizes.config.ts that fits, and a random secret\ninto .env. Never overwrites anything.',
    )
    .example('imgsizes init', 'here')
    .example('imgsizes init --source ./photos --output ./public/img', 'these folders, whatever is found')

/** 32 bytes: as many as HMAC-SHA256 gives back. */
const SECRET_BYTES = 32

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal, cwd } = context
  const common = readCommonFlags(flags, context.host)
  const file = resolve(cwd, common.configFile ?? 'imgsizes.config.ts')
  if (!file.endsWith('.ts') && !file.endsWith('.mts'))
    throw new UsageError(`--config is ${basename(file)}; init writes a file that ends in .ts`)
  const root = dirname(file)
  await refuseExisting(root, common.configFile === undefined)
  const survey = await surveyFolder(root)
  const choice = {
    ...survey,
    ...(common.source !== undefined && { source: common.source }),
    ...(common.output !== undefined && { output: common.output }),
  }
  await writeNew(file, formatConfigFile(choice))
  const isSecretNew = await ensureSecret(join(root, '.env'), randomBytes(SECRET_BYTES).toString('base64url'))
  const isIgnoreNew = await ensureIgnored(join(root, '.gitignore'), '.env')
  const written = { file: relative(cwd, file), isSecretNew, isIgnoreNew }
  if (common.isJson)
    terminal.print(
      JSON.stringify({
        version: 1,
        config: file,
        source: choice.source,
        output: choice.output,
        pictures: survey.pictures,
        secret: isSecretNew ? 'written' : 'kept',
      }),
    )
  else if (!common.isQuiet) terminal.print(formatInit(choice, written, terminal.style))
  return 0
}

/** Any configuration in the folder, whatever its ending, would be hidden by ours or hide it. */
const refuseExisting = async (root: string, looksForOthers: boolean): Promise<void> => {
  if (!looksForOthers) return // writeNew refuses the very file
  const [found] = await fastGlob('imgsizes.config.{ts,mts,js,mjs,json}', { cwd: root, onlyFiles: false })
  if (found === undefined) return
  throw new Problem('config-exists', `${join(root, found)} exists and was left as it is`, {
    subject: join(root, found),
    hint: 'Edit it, or remove it first. Nothing was written.',
  })
}

interface Written {
  readonly file: string
  readonly isSecretNew: boolean
  readonly isIgnoreNew: boolean
}

const formatInit = (
  { source, output, pictures, others }: Survey,
  { file, isSecretNew, isIgnoreNew }: Written,
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
    '',
    'Next:',
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
  define,
  run,
}
