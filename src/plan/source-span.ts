import { compareBytes, type KeyRange } from '../core/byte-order.ts'
import { countFirst } from '../core/count-first.ts'
import { compareSources, endOfSource } from './source-order.ts'

/**
 * A part of the order of `compareSources`: negative for a source that comes before it, 0 for one inside, positive for
 * one that comes after it.
 */
export interface SourceSpan {
  (source: string): number
  /** The only source that lies in it, where there is only one. */
  readonly only?: string
}

/** One span for each of some sources, which come in the order of `compareSources`. */
export const spansOfSources = (sources: readonly string[]): readonly SourceSpan[] =>
  sources.map((source) => Object.assign((other: string) => compareSources(other, source), { only: source }))

/** Spans that hold all sources of a range of keys, and few others. They come in the order of `compareSources`. */
export const spansOfRange = ({ prefix = '', after, upTo }: KeyRange): readonly SourceSpan[] => [
  (source) => {
    const end = endOfSource(source)
    if (!end.startsWith(prefix)) return compareBytes(end, prefix)
    if (after !== undefined && compareBytes(end, after) <= 0) return -1
    return upTo !== undefined && compareBytes(end, endOfSource(upTo)) > 0 ? 1 : 0
  },
  ...spansOfSources(upTo === undefined ? [] : listStraddling(upTo)),
]

/**
 * The names that sort before `bound` and whose results, if they were sources, would sort after it: results of `a` lie
 * below "a/", after `a-b` and after `a/b`. All are prefixes of `bound`. In the order of `compareSources`.
 */
export const listStraddling = (bound: string): readonly string[] =>
  Array.from({ length: bound.length - 1 }, (_, i) => bound.length - 1 - i)
    .filter((end) => bound.charCodeAt(end) <= SLASH)
    .map((end) => bound.slice(0, end))

const SLASH = 0x2f

/** The part of a span that comes after a source. */
export const spanAfter =
  (last: string, span: SourceSpan): SourceSpan =>
  (source) =>
    compareSources(source, last) <= 0 ? -1 : span(source)

/** Everything, as one span. */
export const EVERYTHING: readonly SourceSpan[] = [() => 0]

/** Whether a source from `first` to `last` may lie in one of the spans, which are in order. */
export const meetsSpan = (spans: readonly SourceSpan[], first: string, last: string): boolean => {
  const span = findSpan(spans, first)
  return span !== undefined && span(last) >= 0
}

/** Whether a source lies in one of the spans, which are in order. */
export const isInSpan = (spans: readonly SourceSpan[], source: string): boolean =>
  findSpan(spans, source)?.(source) === 0

/** The first span that does not end before the source. */
const findSpan = (spans: readonly SourceSpan[], source: string): SourceSpan | undefined =>
  spans[countFirst(spans, (span) => span(source) > 0)]
