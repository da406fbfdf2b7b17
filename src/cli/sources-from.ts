import { readFile } from 'node:fs/promises'
import { text as readStream } from 'node:stream/consumers'
import { parseSourceKey, type SourceKey, whyNotSourceKey } from '../core/source-key.ts'
import { compareSources } from '../plan/source-order.ts'
import { describeUnreadable, UsageError } from './usage-error.ts'

/** The sources that a file names, or stdin for `-`, in the order that the plan wants, each once. */
export const readSourcesFrom = async (file: string): Promise<readonly SourceKey[]> => {
  const text =
    file === '-' ? await readStream(process.stdin) : await readFile(file, 'utf8').catch(refuse(file))
  return parseSourceLines(text.replace(/^\ufeff/, ''))
}

/** One source key a line; empty lines are passed over, and a line may end as on Windows. */
export const parseSourceLines = (text: string): readonly SourceKey[] => {
  const keys = text.split('\n').flatMap((line, index) => {
    const name = line.replace(/\r$/, '')
    return name === '' ? [] : [parseLine(name, index + 1)]
  })
  return [...new Set(keys)].sort(compareSources)
}

const parseLine = (name: string, line: number): SourceKey => {
  const key = parseSourceKey(name)
  if (key !== undefined) return key
  throw new UsageError(`--sources-from, line ${line}: ${JSON.stringify(name)} ${whyNotSourceKey(name)}`)
}

const refuse =
  (file: string) =>
  (error: unknown): never => {
    throw new UsageError(`--sources-from: ${file} ${describeUnreadable(error)}`)
  }
