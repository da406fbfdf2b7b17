/**
 * A stored plan: what `plan --out` writes and `build --plan` reads, lines of JSON.
 *
 *     {"imgsizes":"plan","version":1,"again":"--force","id":"7c0f…"}
 *     ["photos/a.jpg",1234]                  a source with work, and its predicted cost in milliseconds
 *     {"sources":1}                          the end: how many there are
 *
 * `again`: the flags that it was made with, if any. A plan by `--force` also has an `id`, and `only`, the glob of its
 * sources: its shares note which plan they belong to (`plan/forced.ts`).
 *
 * A plan without its end is incomplete, and no part of it is built.
 * Sources stand in the order of `compareSources`, each once. The plan does not say what to do with a source: `build`
 * looks again. So nothing goes wrong when a plan is old or is built twice.
 */

import { having, isNumber, isObject, isText } from '../core/json.ts'
import { Problem } from '../core/problem.ts'
import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import type { ForcedScope } from './forced.ts'
import { compareSources } from './source-order.ts'

/** A source with work. */
export interface PlannedWork {
  readonly source: SourceKey
  /** The predicted time, in milliseconds of one core. */
  readonly cost: number
}

const HEADER = { imgsizes: 'plan', version: 1 } as const

/** The first line of a plan. */
export interface PlanFileHeader extends Pick<ForcedScope, 'id' | 'only'> {
  /** The flags by which more is made again than what is missing or out of date; "" for none. */
  readonly again: string
}

/** The first line, without a line break. */
export const formatPlanHeader = ({ again, ...rest }: PlanFileHeader): string =>
  JSON.stringify({ ...HEADER, ...(again !== '' && { again }), ...rest })

/** The line of one source, without a line break. */
export const formatWork = ({ source, cost }: PlannedWork): string =>
  JSON.stringify([source, Math.max(1, Math.round(cost))])

/** The last line, without a line break. */
export const formatPlanEnd = (sources: number): string => JSON.stringify({ sources })

/**
 * Reads a plan from its lines; empty ones are skipped. `onHeader` is called first, with how the plan was made. Problem
 * `plan-damaged`, with the line's number.
 */
export async function* parsePlan(
  lines: AsyncIterable<string>,
  onHeader: (header: PlanFileHeader) => void,
): AsyncGenerator<PlannedWork> {
  let number = 0
  let sources = 0
  let last: SourceKey | undefined
  let hasEnded = false
  for await (const line of lines) {
    number++
    if (number === 1) onHeader(readHeader(line))
    else if (line !== '') {
      if (hasEnded) throw damaged(number, 'something stands after its end')
      const value = parseJson(line, number)
      if (isEnd(value)) {
        checkEnd(value, { number, sources })
        hasEnded = true
      } else {
        const work = toWork(value, number)
        if (last !== undefined && compareSources(last, work.source) >= 0)
          throw damaged(number, `${work.source} stands after ${last}`)
        last = work.source
        sources++
        yield work
      }
    }
  }
  if (number === 0) throw damaged(1, 'the file is empty')
  if (!hasEnded) throw damaged(number, 'it is cut off, or was not written to its end')
}

/**
 * The share `index` (1-based) of `count` of a plan whose costs add up to `total`: consecutive sources, so that all
 * shares cost the same up to one source. The middle of a source's cost decides in which share it is.
 */
export async function* takeShare(
  works: Iterable<PlannedWork> | AsyncIterable<PlannedWork>,
  { index, count, total }: { readonly index: number; readonly count: number; readonly total: number },
): AsyncGenerator<SourceKey> {
  let before = 0
  for await (const { source, cost } of works) {
    // Beside large costs a small one may be rounded away: the last source is in the last share all the same.
    const share = Math.min(count, Math.floor(((before + cost / 2) / total) * count) + 1)
    if (share > index) return
    if (share === index) yield source
    before += cost
  }
}

const readHeader = (line: string): PlanFileHeader => {
  const header = parseJson(line, 1)
  if (!isObject(header) || header.imgsizes !== HEADER.imgsizes || !isNumber(header.version))
    throw damaged(1, 'it does not begin as a plan')
  if (header.version !== HEADER.version)
    throw damaged(1, `it is of version ${header.version}, this program reads ${HEADER.version}`)
  const { again, id, only } = header
  return { again: isText(again) ? again : '', ...(isText(id) && { id }), ...(isText(only) && { only }) }
}

const isEnd = having({ sources: isNumber }) as (value: unknown) => value is { readonly sources: number }

const checkEnd = (
  end: { readonly sources: number },
  { number, sources }: { readonly number: number; readonly sources: number },
): void => {
  if (end.sources !== sources)
    throw damaged(number, `it comes after ${sources} sources, but ${end.sources} were written`)
}

const toWork = (value: unknown, number: number): PlannedWork => {
  const [name, cost] = Array.isArray(value) ? value : []
  const source = isText(name) ? parseSourceKey(name) : undefined
  if (source === undefined || !isNumber(cost) || cost <= 0)
    throw damaged(number, 'it is not a source with its cost')
  return { source, cost }
}

const parseJson = (line: string, number: number): unknown => {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw damaged(number, 'it is not JSON', cause)
  }
}

const damaged = (line: number, what: string, cause?: unknown): Problem =>
  new Problem('plan-damaged', `The plan cannot be read, line ${line}: ${what}.`, {
    hint: 'Write a new one: imgsizes plan --out <file>',
    cause,
  })
