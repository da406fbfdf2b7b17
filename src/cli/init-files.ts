import { appendFile, readFile, writeFile } from 'node:fs/promises'
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

/** Adds IMGSIZES_SECRET to `.env` unless it is set there; whether it was added. Others may not read a new file. */
export const ensureSecret = async (file: string, secret: string): Promise<boolean> => {
  const text = await readIfAny(file)
  if ((parseEnv(text).IMGSIZES_SECRET ?? '') !== '') return false
  await appendFile(file, `${toOwnLine(text)}IMGSIZES_SECRET=${secret}\n`, { mode: 0o600 })
  return true
}

/** Adds `name` to a `.gitignore` unless one of its lines says so; whether it was added. */
export const ensureIgnored = async (file: string, name: string): Promise<boolean> => {
  const text = await readIfAny(file)
  const names = new Set([name, `/${name}`, `${name}*`, `*${name}`])
  if (text.split(/\r?\n/).some((line) => names.has(line.trim()))) return false
  await appendFile(file, `${toOwnLine(text)}${name}\n`)
  return true
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
