import { dirname, resolve } from 'node:path'
import { asProblem } from '../../core/problem.ts'
import { migrateImgproxy, presetsFileOf } from '../../migrate/from-imgproxy.ts'
import { migrateNginx } from '../../migrate/from-nginx.ts'
import { checkMigration, formatMigration, type Migration } from '../../migrate/migration.ts'
import { readRegularFile } from '../../migrate/regular-file.ts'
import type { Command, CommandContext } from '../command.ts'
import { type Flags, UsageError } from '../flags.ts'
import { formatTable } from '../format-numbers.ts'

const FLAGS = {
  'imgproxy-env': {
    type: 'string',
    group: 'What to read:',
    describe: 'The file that sets the variables of imgproxy',
  },
} as const

const run = async (flags: Flags, { cwd, terminal }: CommandContext): Promise<number> => {
  const [nginx, imgproxy] = [flags.text('file'), flags.text('imgproxy-env')]
  if ((nginx === undefined) === (imgproxy === undefined))
    throw new UsageError('name one of them: a configuration of nginx, or --imgproxy-env and its file')
  const migration =
    nginx === undefined
      ? await fromImgproxy(resolve(cwd, imgproxy ?? ''))
      : await fromNginx(resolve(cwd, nginx))
  for (const note of [...migration.notes, ...checkMigration(migration, cwd)]) terminal.log(note)
  terminal.print(formatMigration(migration).trimEnd())
  for (const line of listNextSteps(migration)) terminal.log(line)
  return 0
}

const fromNginx = async (file: string): Promise<Migration> => {
  const { readNginx } = await import('../../migrate/nginx-includes.ts') // only this command needs it
  const { directives, notes } = await readNginx(file)
  const migration = migrateNginx(directives)
  return { ...migration, notes: [...notes, ...migration.notes] }
}

/** The largest environment, or file of presets. */
const MOST_BYTES = 1024 * 1024

const fromImgproxy = async (file: string): Promise<Migration> => {
  const text = await readRegularFile(file, MOST_BYTES)
  const presetsFile = presetsFileOf(text)
  const presets =
    presetsFile === undefined ? undefined : await readIfThere(resolve(dirname(file), presetsFile))
  return migrateImgproxy(text, presets)
}

/** Undefined where the file does not exist, or this user may not read it: its content is then noted as missing. */
const readIfThere = (path: string): Promise<string | undefined> =>
  readRegularFile(path, MOST_BYTES).catch((error: unknown) => {
    asProblem(error)
    return undefined
  })

/** `imgsizes migrate`. */
export const command: Command = {
  examples: [
    ['imgsizes migrate nginx.conf > imgsizes.config.ts', 'from nginx'],
    ['imgsizes migrate --imgproxy-env .env', 'from imgproxy'],
  ],
  unusedFlags: ['config', 'source', 'output', 'json', 'quiet', 'verbose', 'concurrency'],
  usage:
    '$0 migrate [nginx.conf]\n\nPrints the configuration that answers the URLs of an nginx with image_filter, or of imgproxy. What could not be carried over is said on stderr. The printed text holds the secrets of what was read.',
  argument: ['file', { type: 'string', describe: 'The configuration of nginx' }],
  flags: FLAGS,
  run,
}

const listNextSteps = ({ config }: Migration): readonly string[] => [
  'Next: save what was printed as imgsizes.config.ts, look through its source and output, and run',
  ...formatTable(
    [
      ['  imgsizes init', 'a secret for our own URLs, into .env'],
      ['  imgsizes doctor', 'whether the originals can be read, and results stored'],
      ...(config.sizes === undefined ? [] : [['  imgsizes build', 'the sizes, made ahead']]),
      ['  imgsizes warm <access log> --dry-run', 'what visitors ask for; without --dry-run it is made'],
      ['  imgsizes serve', 'the server, which answers these URLs'],
    ],
    ['left', 'left'],
  ),
]
