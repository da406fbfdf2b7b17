import { type FileHandle, open } from 'node:fs/promises'
import { Problem } from '../core/problem.ts'

/** A file that is written line by line while something runs. */
export interface LineFile {
  write(line: string): void
  /** How many lines were written so far, and their bytes. */
  written(): { readonly lines: number; readonly sizeBytes: number }
  /** Writes what is left. Problem `file-not-written`. */
  close(): Promise<void>
}

/** Creates or empties `path` at once, so that a place that cannot be written fails before the work and not after. */
export const openLineFile = async (path: string): Promise<LineFile> => {
  const file = await open(path, 'w').catch((cause: NodeJS.ErrnoException) => refuse(path, cause))
  const lines: string[] = []
  const written = { lines: 0, sizeBytes: 0 }
  let writing: Promise<void> = Promise.resolve()
  const flush = (): void => {
    const text = lines.splice(0).join('')
    if (text !== '') writing = writing.then(() => append(file, text))
    writing.catch(() => {}) // told by close
  }
  return {
    write: (line) => {
      lines.push(`${line}\n`)
      written.lines++
      written.sizeBytes += Buffer.byteLength(line) + 1
      if (lines.length >= LINES_KEPT) flush()
    },
    written: () => written,
    close: async () => {
      flush()
      try {
        await writing.catch((cause: NodeJS.ErrnoException) => refuse(path, cause))
      } finally {
        await file.close()
      }
    },
  }
}

const LINES_KEPT = 1_000

const append = async (file: FileHandle, text: string): Promise<void> => {
  await file.appendFile(text)
}

const refuse = (path: string, cause: NodeJS.ErrnoException): never => {
  throw new Problem('file-not-written', `${path} cannot be written (${cause.code ?? cause.message})`, {
    subject: path,
    cause,
  })
}
