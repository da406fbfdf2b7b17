import { readFile } from 'node:fs/promises'
import { buffer as readStream } from 'node:stream/consumers'
import { describeUnreadable } from '../core/error-code.ts'
import { parseSourceKey, type SourceKey, whyNotSourceKey } from '../core/source-key.ts'
import { compareSources } from '../plan/source-order.ts'
import { UsageError } from './usage-error.ts'

/** Sources that a user has named. */
export interface NamedSources {
  /** In the order of the plan, each once. */
  readonly keys: readonly SourceKey[]
  /** Names that cannot be sources, with the reason and the line. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
}

/** The sources in a file, or in stdin for `-`. */
export const readSourcesFrom = async (file: string): Promise<NamedSources> =>
  parseSourceLines(file === '-' ? await readStream(process.stdin) : await readFile(file).catch(refuse(file)))

/**
 * One source key a line, also with `./` before it, or as git prints names that are not plain ASCII: in quotes, with
 * escapes. Empty lines are skipped, and lines may end as on Windows.
 */
export const parseSourceLines = (bytes: Uint8Array): NamedSources => {
  const keys = new Set<SourceKey>()
  const skipped: { readonly name: string; readonly reason: string }[] = []
  // One character for each byte, because each line may or may not be UTF-8.
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n')
  for (const [index, line] of lines.entries()) {
    const name = decode(unquote(line.replace(/\r$/, ''))).replace(/^(?:\.\/)+/, '')
    const key = parseSourceKey(name)
    if (key !== undefined) keys.add(key)
    else if (name !== '') skipped.push({ name, reason: `${whyNotSourceKey(name)} (line ${index + 1})` })
  }
  return { keys: [...keys].sort(compareSources), skipped }
}

const QUOTED = /^"((?:[^"\\]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*)"$/
const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' }

/** As git's `core.quotePath` writes names: `"\303\251t\303\251.jpg"`. */
const unquote = (line: string): string =>
  QUOTED.exec(line)?.[1]?.replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
    escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped),
  ) ?? line

/** Bytes that are not UTF-8 become lone surrogates, which no source key can contain. */
const decode = (line: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(line, 'latin1'))
  } catch {
    return line.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)))
  }
}

const refuse =
  (file: string) =>
  (error: unknown): never => {
    throw new UsageError(`--sources-from: ${file} ${describeUnreadable(error)}`)
  }
