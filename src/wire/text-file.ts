import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { TextSink } from '../app/images.ts'
import { Problem } from '../core/problem.ts'
import { partialOf, sweepPartials } from './partial-file.ts'

/**
 * Writes a text file beside `path` and renames it to `path` at the end, so that whoever reads there sees the file
 * of before or the whole new one; a file that says the same already is not touched. `id` is a text that no one else
 * makes. Problem `file-not-written`.
 */
export const openTextFile = async (path: string, id: string): Promise<TextSink> => {
  const partial = partialOf(path, id)
  await sweepPartials(path)
  const told = <T>(work: Promise<T>): Promise<T> => work.catch((cause: unknown) => refuse(path, cause))
  const file: FileHandle = await told(
    mkdir(dirname(path), { recursive: true }).then(() => open(partial, 'wx')),
  )
  return {
    write: (text) => told(file.appendFile(text)),
    commit: async () => {
      await told(file.close())
      const isNew = !(await areSame(partial, path))
      await told(isNew ? rename(partial, path) : rm(partial))
      return isNew
    },
    discard: async () => {
      await file.close().catch(() => {}) // it is thrown away
      await rm(partial, { force: true })
    },
  }
}

const areSame = async (one: string, other: string): Promise<boolean> => {
  const sizes = await Promise.all(
    [one, other].map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => -1,
      ),
    ),
  )
  if (sizes[0] !== sizes[1]) return false
  const [a, b] = await Promise.all([one, other].map((path) => readFile(path)))
  return a !== undefined && b !== undefined && a.equals(b)
}

const refuse = (path: string, cause: unknown): never => {
  const why = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause)
  throw new Problem('file-not-written', `${path} cannot be written (${why})`, { subject: path, cause })
}
