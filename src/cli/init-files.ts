import { access, appendFile, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { Problem } from '../core/problem.ts'

/** Writes a file that must not be there yet. Problem `config-exists`. */
export const writeNew = async (file: string, text: string): Promise<void> => {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new Problem('config-exists', `${file} exists and was left as it is`, {
        subject: file,
        cause: error,
      })
    throw new Problem('file-not-written', `${file} cannot be written (${code})`, {
      subject: file,
      cause: error,
    })
  }
}

/** Where secrets of a project are kept, beside its configuration. */
export const SECRET_FILE = '.env'

/** Adds IMGSIZES_SECRET to `.env` unless it is set there; whether it was added. Others may not read a new file. */
export const ensureSecret = async (root: string, secret: string): Promise<boolean> => {
  const file = join(root, SECRET_FILE)
  const text = await readIfAny(file)
  if ((parseEnv(text).IMGSIZES_SECRET ?? '') !== '') return false
  await appendFile(file, `${toOwnLine(text)}IMGSIZES_SECRET=${secret}\n`, { mode: 0o600 })
  return true
}

/** Adds names to `.gitignore`, but for those that a line covers in some usual spelling; gives those that were added. */
export const ensureIgnored = async (root: string, names: readonly string[]): Promise<readonly string[]> => {
  const file = join(root, '.gitignore')
  const text = await readIfAny(file)
  const lines = new Set(text.split(/\r?\n/).map((line) => line.trim()))
  const added = names.filter((name) => !spellingsOf(name).some((spelling) => lines.has(spelling)))
  if (added.length > 0) await appendFile(file, `${toOwnLine(text)}${added.join('\n')}\n`)
  return added
}

/** Lines that ignore `.env`, or `/public/img/`: the path itself, and each folder that it lies in. */
const spellingsOf = (name: string): readonly string[] => {
  const segments = name.split('/').filter((segment) => segment !== '')
  return segments
    .map((_, index) => segments.slice(0, index + 1).join('/'))
    .flatMap((path) => [path, `${path}*`, `*${path}`, `${path}/`, `${path}/*`, `${path}/**`])
    .flatMap((spelling) => [spelling, `/${spelling}`])
}

/** Whether git may ever see the folder: it lies in a work tree, or says itself what to ignore. */
export const isUnderGit = async (root: string): Promise<boolean> =>
  (await exists(join(root, '.gitignore'))) || (await isInWorkTree(root))

const isInWorkTree = async (folder: string): Promise<boolean> =>
  (await exists(join(folder, '.git'))) ||
  (dirname(folder) !== folder && (await isInWorkTree(dirname(folder))))

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Whether the project's package.json lists us; true also where there is none, or none that can be read. */
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new Problem('file-not-read', `${file} cannot be read`, { subject: file, cause: error })
  }
}

/** A last line without an end would swallow ours. */
const toOwnLine = (text: string): string => (text === '' || text.endsWith('\n') ? '' : '\n')
