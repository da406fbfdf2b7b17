import { open } from 'node:fs/promises'
import { failWriting } from '../core/error-code.ts'
import { type Flags, UsageError } from './flags.ts'

/** A file that is written line by line while something runs. */
export interface LineFile {
  write(line: string): void
  /** How many lines were written so far, and their bytes. */
  written(): { readonly lines: number; readonly sizeBytes: number }
  /** Writes what is left. Problem `file-not-written`. */
  close(): Promise<void>
}

/** Means stdout or stdin instead of a file. */
export const STANDARD_STREAM = '-'

/**
 * Whether one of these flags writes to stdout, so that text for people goes to stderr. It is wrong usage if two do, or
 * one together with --json.
 */
export const takesStdout = (
  files: Readonly<Record<string, string | undefined>>,
  { isJson }: { readonly isJson: boolean },
): boolean => {
  const flags = Object.keys(files).filter((name) => files[name] === STANDARD_STREAM)
  const all = [...flags.map((name) => `--${name} -`), ...(isJson ? ['--json'] : [])]
  if (flags.length > 0 && all.length > 1)
    throw new UsageError(`${all.join(' and ')} do not go together: each writes to stdout`)
  return flags.length > 0
}

/** The file that a flag names; not `-`, because a page or an index is not a stream of lines. */
export const readFileFlag = (flags: Flags, name: string): string | undefined => {
  const path = flags.text(name)
  if (path === STANDARD_STREAM)
    throw new UsageError(`--${name} takes the name of a file, and no - for stdout`)
  return path
}

/**
 * Creates or empties `path` at once, so that a place that cannot be written to fails before the work. For `-`, each
 * line is printed.
 */
export const openLineFile = async (path: string, print: (line: string) => void): Promise<LineFile> => {
  const written = { lines: 0, sizeBytes: 0 }
  if (path === STANDARD_STREAM) return { write: print, written: () => written, close: async () => {} }
  const file = await open(path, 'w').catch(failWriting(path))
  const lines: string[] = []
  let writing: Promise<void> = Promise.resolve()
  const flush = (): void => {
    const text = lines.splice(0).join('')
    if (text !== '') writing = writing.then(() => file.appendFile(text))
    writing.catch(() => {}) // `close` throws the error
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
        await writing.catch(failWriting(path))
      } finally {
        await file.close()
      }
    },
  }
}

const LINES_KEPT = 1_000
