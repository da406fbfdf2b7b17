import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { buffer as readStream } from 'node:stream/consumers'
import { describeUnreadable } from '../core/error-code.ts'
import { parseSourceKey, type SourceKey, whyNotSourceKey } from '../core/source-key.ts'
import { type PlanFileHeader, type PlannedWork, parsePlan, takeShare } from '../plan/plan-file.ts'
import type { Shard } from '../plan/shares.ts'
import { compareSources } from '../plan/source-order.ts'
import { collect } from '../waiting/collect.ts'
import { type AgainFlags, formatAgainFlags } from './common-flags.ts'
import { UsageError } from './flags.ts'
import { STANDARD_STREAM } from './line-file.ts'

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

/**
 * The sources of a stored plan that are in this shard, in the plan's order; all of them without a shard. Wrong usage if
 * the plan was made with other flags than those of `again`: it would lack sources, or have some without work.
 */
export const readPlanFile = async (
  file: string,
  { shard, again }: { readonly shard: Shard | undefined; readonly again: AgainFlags },
): Promise<{ readonly header: PlanFileHeader; readonly keys: readonly SourceKey[] }> => {
  let header: PlanFileHeader = { again: '' }
  const open = () =>
    openPlan(file, (found) => {
      checkAgain(found.again, formatAgainFlags(again))
      header = found
    })
  // Read twice, so that only one share is in memory, however large the plan is; but stdin can only be read once.
  const read = file === STANDARD_STREAM ? await keep(open()) : open
  let total = 0
  for await (const { cost } of read()) total += cost
  const { index, count } = shard ?? { index: 1, count: 1 }
  return { header, keys: await collect(takeShare(read(), { index, count, total })) }
}

const keep = async (plan: AsyncIterable<PlannedWork>): Promise<() => readonly PlannedWork[]> => {
  const works = await collect(plan)
  return () => works
}

async function* openPlan(
  file: string,
  onHeader: (header: PlanFileHeader) => void,
): AsyncGenerator<PlannedWork> {
  const stream = file === STANDARD_STREAM ? process.stdin : createReadStream(file)
  try {
    const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
    yield* parsePlan(lines, onHeader)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new UsageError(`--plan: ${file} ${describeUnreadable(error)}`)
    throw error
  } finally {
    stream.destroy()
  }
}

const checkAgain = (made: string, given: string): void => {
  if (made === given) return
  const how = (flags: string): string =>
    flags === '' ? 'without a flag that makes more again' : `with ${flags}`
  throw new UsageError(
    `--plan: it was made ${how(made)}, and is to be built ${how(given)}: give both the same`,
  )
}
