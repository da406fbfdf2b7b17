import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { TextSink } from '../app/images.ts'
import { Problem } from '../core/problem.ts'

/**
 * Writes a text file beside `path` and renames it to `path` at the end, so that whoever reads there sees the file
 * of before or the whole new one. `id` is a text that no one else makes. Problem `file-not-written`.
 */
export const openTextFile = async (path: string, id: string): Promise<TextSink> => {
  const partial = join(dirname(path), `.${basename(path)}.${id}.partial`)
  const told = <T>(work: Promise<T>): Promise<T> => work.catch((cause: unknown) => refuse(path, cause))
  const file: FileHandle = await told(
    mkdir(dirname(path), { recursive: true }).then(() => open(partial, 'wx')),
  )
  return {
    write: (text) => told(file.appendFile(text)),
    commit: async () => {
      await told(file.close())
      await told(rename(partial, path))
    },
    discard: async () => {
      await file.close().catch(() => {}) // it is thrown away
      await rm(partial, { force: true })
    },
  }
}

const refuse = (path: string, cause: unknown): never => {
  const why = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause)
  throw new Problem('file-not-written', `${path} cannot be written (${why})`, { subject: path, cause })
}
