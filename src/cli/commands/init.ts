import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type Config, describePlace, folderOf, type PlaceDescription } from '../../config/config.ts'
import { findConfigFile, homeOf, loadConfig } from '../../config/load.ts'
import { resolveConfig } from '../../config/resolve.ts'
import { asProblem } from '../../core/problem.ts'
import { makeFolders } from '../../store/make-folders.ts'
import { CI_KINDS, type CiFacts, type CiKind, ciNextSteps, formatCi } from '../ci-template.ts'
import type { Command, CommandContext } from '../command.ts'
import { type CommonFlags, readCommonFlags, valueFlag } from '../common-flags.ts'
import { formatConfigFile, formatJsonConfig } from '../config-template.ts'
import { type Flags, UsageError } from '../flags.ts'
import { findPackageManager } from '../init/package-manager.ts'
import type { SiteFolder } from '../init/site-folders.ts'
import {
  alreadyThere,
  ensureIgnored,
  ensureSecret,
  findWorkTree,
  isDependency,
  isUnderGit,
  SECRET_FILE,
  writeNew,
} from '../init-files.ts'
import { formatInit, formatJob, formatSecret } from '../init-report.ts'
import type { Survey } from '../survey.ts'

const FLAGS = { ci: valueFlag('What to write besides:', `A job that builds: ${CI_KINDS.join(', ')}`) }

/** 32 bytes, the length of an HMAC-SHA256. */
const newSecret = (): string => randomBytes(32).toString('base64url')

interface Job {
  readonly file: string
  readonly ci: CiKind | undefined
  readonly common: CommonFlags
  readonly context: CommandContext
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const common = readCommonFlags(flags, context.host)
  const file = resolve(context.cwd, common.configFile ?? 'imgsizes.config.ts')
  const ci = flags.word('ci', CI_KINDS)
  const existing = await findExisting(file, common.configFile === undefined)
  if (existing !== undefined) await complete({ file: existing, ci, common, context })
  else await setUp({ file, ci, common, context })
  return 0
}

/** The file itself, or any other configuration beside it: one of the two would hide the other. */
const findExisting = async (file: string, looksForOthers: boolean): Promise<string | undefined> => {
  const { default: fastGlob } = await import('fast-glob')
  const cwd = dirname(file)
  const pattern = looksForOthers
    ? 'imgsizes.config.{ts,mts,js,mjs,json}'
    : fastGlob.escapePath(basename(file))
  const [found] = await fastGlob(pattern, { cwd, onlyFiles: false })
  return found === undefined ? undefined : join(cwd, found)
}

/** What a project with a configuration lacks: the job that is asked for, or else the secret. */
const complete = async (job: Job): Promise<void> => {
  const { file, ci, context } = job
  const loading = loadConfig({ cwd: context.cwd, configFile: file })
  if (ci !== undefined) return writeJob(await loading, ci, job)
  // Errors in the configuration are told by other commands.
  const config = await loading.catch((error: unknown) => void asProblem(error))
  if (config === undefined || config.secrets.length > 0)
    throw alreadyThere(file, 'Edit it, or remove it first. Nothing was written.')
  if ((context.env.IMGSIZES_SECRET ?? '') !== '')
    throw alreadyThere(file, 'IMGSIZES_SECRET is set: say `secret: process.env.IMGSIZES_SECRET` in it.')
  await writeSecret(config, job)
}

const writeSecret = async (
  { root }: Config,
  { file, common: { isJson, isQuiet }, context: { terminal, cwd } }: Job,
): Promise<void> => {
  await ensureSecret(root, newSecret())
  const ignored = await ensureIgnored(root, [SECRET_FILE])
  if (isJson) terminal.print(JSON.stringify({ version: 1, config: file, secret: 'written' }))
  else if (!isQuiet) terminal.report(formatSecret({ file: relative(cwd, file), ignored }, terminal.style))
}

/** The job for a project that is set up already. */
const writeJob = async (
  config: Config,
  kind: CiKind,
  { common: { isJson, isQuiet }, context: { terminal } }: Job,
): Promise<void> => {
  const job = prepareCi(kind, toCiFacts(config))
  const path = await job.write()
  if (isJson) terminal.print(JSON.stringify({ version: 1, ci: path }))
  else if (!isQuiet) terminal.report(formatJob(path, job.nextSteps, terminal.style))
}

/** A project that has no configuration yet. */
const setUp = async ({ file, ci, common, context }: Job): Promise<void> => {
  if (!/\.(?:m?ts|json)$/.test(file))
    throw new UsageError(`--config is ${basename(file)}; init writes a file that ends in .ts or .json`)
  const root = dirname(file)
  // Loaded only now, because only this command needs it.
  const { surveyFolder, toSitePath } = await import('../survey.ts')
  const survey = await surveyFolder(root)
  const choice = choose(survey, common, toSitePath)
  const text = file.endsWith('.json') ? formatJsonConfig(choice) : formatConfigFile(choice)
  const { source, output, state } = choice
  const places = resolveConfig({ source, output, ...(state !== undefined && { state }) }, { root })
  const ciJob = ci && prepareCi(ci, toCiFacts(places))
  await warnOfConfigAbove(root, context)
  const folders = isUnderGit(root) ? toCiFacts(places).folders.filter((path) => !isAbsolute(path)) : []
  await writeNew(file, text)
  const isSecretNew = await ensureSecret(root, newSecret())
  const ignored = await ensureIgnored(root, [SECRET_FILE, ...folders.map((folder) => `/${folder}/`)])
  const jobFile = await ciJob?.write()
  if (common.isJson)
    context.terminal.print(
      JSON.stringify({
        version: 1,
        config: file,
        source,
        output,
        ...(state !== undefined && { state }),
        baseUrl: choice.baseUrl,
        pictures: survey.pictures,
        secret: isSecretNew ? 'written' : 'kept',
        ...(jobFile !== undefined && { ci: jobFile }),
      }),
    )
  else if (!common.isQuiet)
    context.terminal.report(
      formatInit(
        choice,
        {
          file: relative(context.cwd, file),
          isSecretNew,
          ignored,
          isInstalled: await isDependency(root),
          addCommand: findPackageManager(root).add,
          hasBucket: describePlace(places.output).bucket !== undefined,
          jobFile,
          jobSteps: ciJob?.nextSteps ?? [],
        },
        context.terminal.style,
      ),
    )
}

/** What was found, unless the command line says otherwise, and what follows from it. */
const choose = (
  survey: Survey,
  { source, output }: Pick<CommonFlags, 'source' | 'output'>,
  toSitePath: (output: string, site: SiteFolder) => string | undefined,
): Survey => {
  const { exclude, state, ...found } = survey
  const isFound = source === undefined
  const sitePath = output === undefined ? survey.baseUrl : toSitePath(output, survey.site)
  // A ledger outside of what the site shows is not published; and it must not lie among the originals.
  const isApart = sitePath !== undefined && (isFound || !/^\.?\/?$/.test(source))
  return {
    ...found,
    ...(isFound && exclude && { exclude }),
    ...(state !== undefined && isApart && { state }),
    ...(source !== undefined && { source }),
    ...(output !== undefined && { output, baseUrl: sitePath ?? '/img/' }),
  }
}

/** In a folder inside a project that is set up, a second configuration is probably a mistake. */
const warnOfConfigAbove = async (root: string, { terminal, env, cwd }: CommandContext): Promise<void> => {
  const above = await findConfigFile(root, homeOf(env)).catch(() => undefined)
  if (above === undefined) return
  terminal.log(
    `${terminal.logStyle.yellow('warning:')} ${relative(cwd, above)} exists already; in this folder and below it, the new configuration is used instead.`,
  )
}

/** `imgsizes init`. */
export const command: Command = {
  examples: [
    ['imgsizes init', 'in this folder'],
    ['imgsizes init --ci github', 'and a workflow; in a project that is set up, the workflow alone'],
    ['imgsizes init --source ./photos --output ./public/img', 'these folders, whatever is found'],
  ],
  unusedFlags: ['verbose', 'concurrency'],
  usage:
    '$0 init\n\nLooks for pictures, writes a commented imgsizes.config.ts that fits, and a random secret into .env. Never overwrites anything: in a project that is set up, it writes what is missing.',
  flags: FLAGS,
  run,
}

/**
 * A job that `init --ci` writes. Prepares a job. Problem `config-exists` where there is one; then nothing is written at
 * all.
 */
const prepareCi = (kind: CiKind, facts: CiFacts) => {
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
const toCiFacts = (config: Pick<Config, 'root' | 'output' | 'state' | 'sources'>): CiFacts => {
  const { root, output, state, sources } = config
  const kept = [output, ...(state === undefined ? [] : [state])]
  const places = [...kept, ...sources.map(({ place }) => place)].map(describePlace)
  const namesOf = (choose: (environment: PlaceDescription['environment']) => readonly string[]) => [
    ...new Set(places.flatMap(({ environment }) => choose(environment))),
  ]
  return {
    root,
    below: relative(findWorkTree(root) ?? root, root)
      .split(sep)
      .join('/'),
    secrets: namesOf(({ secrets }) => secrets),
    variables: namesOf(({ variables }) => variables),
    folders: kept.flatMap((place) => folderOf(place) ?? []).map((path) => toFolder(root, path)),
    isBucketOutput: describePlace(output).bucket !== undefined,
    nodeFolder: dirname(process.execPath),
    packages: findPackageManager(root),
  }
}

/** Relative to the project, with "/"; a path outside of the project stays as it is. */
const toFolder = (root: string, path: string): string => {
  const way = relative(root, path)
  return way === '' || way.startsWith('..') || isAbsolute(way) ? path : way.split(sep).join('/')
}
