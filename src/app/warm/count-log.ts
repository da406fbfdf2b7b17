import { errorCodeOf } from '../../core/error-code.ts'
import { Problem } from '../../core/problem.ts'
import type { Frequent } from './frequent.ts'
import { createLineReader } from './log-line.ts'
import { readLines } from './log-lines.ts'
import type { ReadLogUrl } from './read-log-url.ts'

/** What was counted in logs, so far or at their end. */
export interface LogCounts {
  lines: number
  /** Numbers of GET and HEAD requests. */
  urls: number
  /** Those of `urls` that name nothing that may be made. */
  refused: number
  /** How many were refused by each code. */
  readonly refusals: Map<string, number>
}

/** All zero. */
export const noLogCounts = (): LogCounts => ({ lines: 0, urls: 0, refused: 0, refusals: new Map() })

/** How URLs are read, and where they are counted. */
export interface CountInput {
  readonly readUrl: ReadLogUrl
  /** Receives every variant, each time it was asked for. */
  readonly wanted: Pick<Frequent, 'add'>
  readonly counts: LogCounts
}

/** Counts what the visitors of one log asked for, while it is read. Problem `log-damaged`. */
export const countLog = async (
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  { readUrl, wanted, counts }: CountInput,
): Promise<void> => {
  const readLine = createLineReader()
  const addLine = (line: string): void => {
    counts.lines++
    const request = readLine(line)
    if (request === undefined || !METHODS.has(request.method)) return
    counts.urls++
    const outcome = readUrl(request)
    if (!('kind' in outcome)) for (const key of outcome) wanted.add(key)
    else {
      counts.refused++
      counts.refusals.set(outcome.code, (counts.refusals.get(outcome.code) ?? 0) + 1)
    }
  }
  try {
    for await (const lines of readLines(chunks)) for (const line of lines) addLine(line)
  } catch (cause) {
    if (!errorCodeOf(cause).startsWith('Z_')) throw cause // no error of zlib
    throw new Problem('log-damaged', `${name} cannot be read to its end: its gzip is damaged or cut off.`, {
      subject: name,
      hint: 'A log that is still being written must be read uncompressed; for a damaged file: zcat <file> | imgsizes warm -',
      cause,
    })
  }
}

/** In a log without methods, requests count as GET. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', ''])
