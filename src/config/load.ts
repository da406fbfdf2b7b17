import { constants, existsSync } from 'node:fs'
import { access, readdir, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { errorCodeOf } from '../core/error-code.ts'
import { isObject } from '../core/json.ts'
import { Problem } from '../core/problem.ts'
import type { Config } from './config.ts'
import { SYSTEM_DISK } from './disk.ts'
import { anchorPlace } from './places.ts'
import { compilePlainModule } from './plain-module.ts'
import { resolveConfig } from './resolve.ts'

/** As `process.env`, without the types of Node. */
type Environment = Record<string, string | undefined>

/** Which configuration is loaded, and what replaces parts of it. */
export interface LoadOptions {
  /** The file to read, relative to `cwd`; if undefined, it is searched for. */
  readonly configFile?: string | undefined
  /** Where the search begins; default: the working folder. */
  readonly cwd?: string
  /**
   * The environment that `.env` is loaded into and HOME is read from; default: that of the process, as configs see it.
   */
  readonly env?: Environment
  /** Whether the caller needs a secret: see `ConfigOrigin`. */
  readonly needsSecret?: boolean
  /** Places of the command line; folders are relative to `cwd`, not to the file. */
  readonly overrides?: { readonly source?: string | undefined; readonly output?: string | undefined }
}

/** Names of the file; the first that exists is read. */
const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map((ending) => `imgsizes.config.${ending}`)

/**
 * Finds, runs and checks the configuration. Problems: `config-not-found`; `config-failed` (it or `.env` beside it
 * cannot be read; it throws, has a syntax error or no default export); `config-invalid` (a `ConfigProblem`).
 */
export const loadConfig = async (options: LoadOptions = {}): Promise<Config> => {
  const cwd = resolve(options.cwd ?? process.cwd())
  const env = options.env ?? process.env
  const file = await findConfigFile(cwd, homeOf(env), options.configFile)
  await checkFile(file)
  await loadEnv(join(dirname(file), '.env'), env)
  const input = file.endsWith('.json') ? withSecret(await readJson(file), env) : await runModule(file)
  const { needsSecret = false } = options
  const { source, output } = options.overrides ?? {}
  try {
    const overridden = isObject(input)
      ? {
          ...input,
          ...(source !== undefined && { source: anchorPlace(source, cwd) }),
          ...(output !== undefined && { output: anchorPlace(output, cwd) }),
        }
      : input
    return resolveConfig(overridden, { root: dirname(file), file, disk: SYSTEM_DISK, needsSecret })
  } catch (error) {
    // A getter of the configuration may throw.
    throw error instanceof Problem || lineOf(file, error) === undefined ? error : toFailure(file, error)
  }
}

/** The folder where the search for a configuration ends at the latest. */
export const homeOf = (env: Environment): string => resolve(env.HOME ?? homedir())

/** The configuration file for `cwd`, as an absolute path. Problem `config-not-found`. */
export const findConfigFile = async (cwd: string, home: string, configFile?: string): Promise<string> => {
  if (configFile !== undefined) {
    const file = resolve(cwd, configFile)
    if (existsSync(file)) return file
    throw new Problem('config-not-found', `${file} does not exist`, {
      subject: file,
      hint: 'Check the path after --config: it is relative to the working folder.',
    })
  }
  const searched: string[] = []
  for (const folder of listUpwards(cwd)) {
    searched.push(folder)
    for (const name of CONFIG_NAMES) if (existsSync(join(folder, name))) return join(folder, name)
    const misnamed = await findMisnamed(folder, cwd)
    if (misnamed !== undefined) throw notFound(cwd, misnamed)
    if (folder === home || existsSync(join(folder, '.git'))) break
  }
  throw notFound(cwd, await findNearConfig(cwd, searched))
}

const notFound = (cwd: string, near: string | undefined): Problem =>
  new Problem('config-not-found', `no imgsizes.config.{ts,mts,js,mjs,json} in ${cwd} or above it`, {
    subject: cwd,
    hint: near === undefined ? FIND_HINT : `${near} Or run \`imgsizes init\` to write one.`,
  })

const FIND_HINT = 'Run `imgsizes init` to write one, or name it with --config.'

const listUpwards = (folder: string): readonly string[] => {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...listUpwards(parent)]
}

const checkFile = async (file: string): Promise<void> => {
  try {
    await access(file, constants.R_OK)
    if (!(await stat(file)).isDirectory()) return
  } catch (error) {
    throw toUnreadable(file, error)
  }
  throw new Problem('config-failed', `${file} is a folder`, { subject: file, hint: 'Name the file in it.' })
}

const toUnreadable = (file: string, cause: unknown): Problem => {
  const why = errorCodeOf(cause) || cause
  return new Problem('config-failed', `${file} cannot be read (${why})`, {
    subject: file,
    ...(why === 'EACCES' && { hint: 'Check its owner and permissions, and the user this runs as.' }),
    cause,
  })
}

/** As `process.loadEnvFile`, for any environment: what is set already, even to "", stays. */
const loadEnv = async (file: string, env: Environment): Promise<void> => {
  if (!existsSync(file)) return
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw toUnreadable(file, error)
  })
  for (const [name, value] of Object.entries(parseEnv(text))) if (!(name in env)) env[name] = value
}

/** JSON cannot read the environment. If it has no secret, the one that `init` writes into `.env` is used. */
const withSecret = (input: unknown, { IMGSIZES_SECRET: secret }: Environment): unknown =>
  isObject(input) && !('secret' in input) && (secret ?? '') !== '' ? { ...input, secret } : input

const readJson = async (file: string): Promise<unknown> => {
  const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '')
  try {
    return JSON.parse(text)
  } catch (error) {
    const offset = /at position ([0-9]+)/.exec(messageOf(error))?.[1]
    throw toFailure(file, error, offset === undefined ? undefined : lineAt(text, Number(offset)))
  }
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

/**
 * Runs a config: a plain one by itself, any other with jiti, on every version of Node, so that the version makes no
 * difference. `imgsizes` in it means this package, which need not be installed near the file: it may run by npx or be
 * installed globally.
 */
const runModule = async (file: string): Promise<unknown> => {
  // A config in JSON needs none of this, nor does what bundles this package to sign URLs: there this file has no URL.
  const require = createRequire(import.meta.url)
  const load = (name: string): unknown => require(name === 'imgsizes' ? ownIndex() : name)
  let exported: unknown
  try {
    const run = compilePlainModule(file, await readFile(file, 'utf8'), load)
    exported = await (run?.() ?? runWithJiti(file))
  } catch (error) {
    throw toFailure(file, error)
  }
  if (isObject(exported) && 'default' in exported) return exported.default
  throw new Problem('config-failed', `${file} has no default export`, {
    subject: file,
    hint: 'End it with `export default defineConfig({ … })`.',
  })
}

/** Nothing is cached: jiti's cache is in a folder that others can read, and a config may contain secrets. */
const runWithJiti = (file: string): Promise<unknown> => {
  const { createJiti }: typeof import('jiti') = createRequire(import.meta.url)('jiti')
  const jiti = createJiti(file, {
    alias: { imgsizes: ownIndex() },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    tryNative: false,
  })
  return jiti.import(file)
}

/**
 * In a configuration, `imgsizes` means this package, wherever the file lies. Its code is named, not its face, which is
 * an ES module: what Node needs to run one takes a tenth of a short command.
 */
const ownIndex = (): string => createRequire(import.meta.url).resolve('../../dist/index.cjs')

const toFailure = (file: string, error: unknown, knownLine?: number): Problem => {
  const [firstLine = ''] = messageOf(error).split('\n')
  const line = knownLine ?? lineOf(file, error)
  const where = line === undefined ? file : `${file}:${line}`
  // Where an import is called, jiti names the variable that stands for the module.
  const said = firstLine.replace(/^ParseError: |\(0 , \w+\.(?=\w+\))|(?<=\(0 , \w+\.\w+)\)/g, '').trim()
  return new Problem('config-failed', `${where}: ${said}`, {
    subject: file,
    cause: error,
    hint: /\b_imgsizes\.|\bdefineConfig\b/.test(firstLine) ? IMPORT_HINT : `Correct ${basename(file)}.`,
  })
}

const IMPORT_HINT = "Begin it with `import { defineConfig } from 'imgsizes'`."

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The line of `file` in an error's message or stack. Columns would be those of jiti's output. */
const lineOf = (file: string, error: unknown): number | undefined => {
  const text = error instanceof Error ? `${error.message}\n${error.stack}` : ''
  const [, after = ''] = text.split(`${file}:`, 2)
  const [, line] = /^([0-9]+):[0-9]+/.exec(after) ?? []
  return line === undefined ? undefined : Number(line)
}

/** What to do with a file of this folder that was meant to be the configuration, but has another name. */
const findMisnamed = async (folder: string, cwd: string): Promise<string | undefined> => {
  const name = (await listNames(folder)).find((each) => MISNAMED.test(each))
  if (name === undefined) return undefined
  const path = relative(cwd, join(folder, name))
  if (CONFIG_NAMES.includes(name)) return `${path} is a link to nothing.`
  const ending = /\.[cm]?([jt]s)$/.exec(name)?.[1] ?? 'json'
  return `${path} is not read: ${/[jt]s(?:on)?$/.test(name) ? 'rename it to' : 'write it as'} imgsizes.config.${ending}.`
}

/** A configuration that lies where it is not looked for, and what to do with it. */
const findNearConfig = async (cwd: string, searched: readonly string[]): Promise<string | undefined> => {
  const [below] = (await Promise.all((await listFolders(cwd)).map((folder) => findIn(cwd, folder)))).flat()
  const [above] = (await Promise.all(listAbove(searched).map((folder) => findIn(cwd, folder)))).flat()
  const found = below ?? above
  if (found === undefined) return undefined
  const why = below === undefined ? 'above where the search ends' : 'in a folder below'
  return `${found} is ${why}: name it with --config ${found}, or move it.`
}

const NAME = /^imgsizes\.config\.[cm]?[jt]s$|^imgsizes\.config\.json$/
/** Asked only where no name of a configuration is there. */
const MISNAMED = /^\.?imgsizes?\.conf(?:ig)?\.(?:[cm]?[jt]s|json[c5]?|ya?ml|toml)$/i

const findIn = async (cwd: string, folder: string): Promise<readonly string[]> =>
  (await listNames(folder))
    .filter((name) => NAME.test(name))
    .slice(0, 1)
    .map((name) => relative(cwd, join(folder, name)))

const listNames = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])

/** One level of folders, without those of tools. */
const listFolders = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => join(folder, name))
}

/** The folders above the last one that was searched. */
const listAbove = (searched: readonly string[]): readonly string[] => {
  const last = searched.at(-1)
  const parent = last === undefined ? undefined : dirname(last)
  return parent === undefined || parent === last ? [] : [parent, ...listAbove([parent])]
}
