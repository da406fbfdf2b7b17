import { existsSync } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { errorCodeOf, unwritten } from '../core/error-code.ts'
import { Problem } from '../core/problem.ts'

/** Problem `config-exists`. */
export const alreadyThere = (file: string, hint?: string): Problem =>
  new Problem('config-exists', `${file} exists and was left as it is`, { subject: file, hint })

/** Writes a file that must not exist yet. Problem `config-exists`. */
export const writeNew = (file: string, text: string): Promise<void> =>
  writeFile(file, text, { flag: 'wx' }).catch((error: unknown) => {
    throw errorCodeOf(error) === 'EEXIST' ? alreadyThere(file) : unwritten(file, error)
  })

/** The file with a project's secrets, beside its configuration. */
export const SECRET_FILE = '.env'

/** Adds IMGSIZES_SECRET to `.env` unless it is set there; returns whether it was added. A new file is private. */
export const ensureSecret = async (root: string, secret: string): Promise<boolean> => {
  const file = join(root, SECRET_FILE)
  const text = await readIfAny(file)
  if ((parseEnv(text).IMGSIZES_SECRET ?? '') !== '') return false
  await appendFile(file, `${toOwnLine(text)}IMGSIZES_SECRET=${secret}\n`, { mode: 0o600 })
  return true
}

/** Adds names to `.gitignore`, unless a line covers them in a usual spelling; returns those that were added. */
export const ensureIgnored = async (root: string, names: readonly string[]): Promise<readonly string[]> => {
  const file = join(root, '.gitignore')
  const text = await readIfAny(file)
  const lines = new Set(text.split(/\r?\n/).map((line) => line.trim()))
  const added = names.filter((name) => !spellingsOf(name).some((spelling) => lines.has(spelling)))
  if (added.length > 0) await appendFile(file, `${toOwnLine(text)}${added.join('\n')}\n`)
  return added
}

/** Lines that ignore `.env`, or `/public/img/`: the path itself, and each folder that contains it. */
const spellingsOf = (name: string): readonly string[] => {
  const segments = name.split('/').filter((segment) => segment !== '')
  return segments
    .map((_, index) => segments.slice(0, index + 1).join('/'))
    .flatMap((path) => [path, `${path}*`, `*${path}`, `${path}/`, `${path}/*`, `${path}/**`])
    .flatMap((spelling) => [spelling, `/${spelling}`])
}

/** Whether git is used: the folder lies in a work tree, or has a `.gitignore`. */
export const isUnderGit = (root: string): boolean =>
  existsSync(join(root, '.gitignore')) || findWorkTree(root) !== undefined

/** The top folder of the repository in which a folder lies. */
export const findWorkTree = (folder: string): string | undefined => {
  if (existsSync(join(folder, '.git'))) return folder
  return dirname(folder) === folder ? undefined : findWorkTree(dirname(folder))
}

/** Whether the project's package.json lists this package; true also where there is none that can be read. */
export const isDependency = async (root: string): Promise<boolean> => {
  try {
    const { name, ...fields }: PackageFields = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const { dependencies, devDependencies, optionalDependencies } = fields
    return name === OWN_NAME || OWN_NAME in { ...dependencies, ...devDependencies, ...optionalDependencies }
  } catch {
    return true
  }
}

const OWN_NAME = 'imgsizes'

type PackageFields = { readonly name?: string } & {
  readonly [K in 'dependencies' | 'devDependencies' | 'optionalDependencies']?: Readonly<
    Record<string, string>
  >
}

const readIfAny = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return ''
    throw new Problem('file-not-read', `${file} cannot be read`, { subject: file, cause: error })
  }
}

/** If the last line has no line break, ours would be appended to it. */
const toOwnLine = (text: string): string => (text === '' || text.endsWith('\n') ? '' : '\n')
