import pLimit from 'p-limit'
import {
  listPurge,
  listPurgedAliases,
  listPurgeOf,
  type PurgeChoice,
  type Purged,
  type PurgeInput,
} from '../app/batch/purge.ts'
import { compileMatch, isGlob, type KeyMatcher, literalPrefix, rangeOfPattern } from '../config/match.ts'
import { compareBytes } from '../core/byte-order.ts'
import { parseSourceKey, requireSourceKey, type SourceKey } from '../core/source-key.ts'
import { compareSources } from '../plan/source-order.ts'
import { type SourceSpan, spansOfRange, spansOfSources } from '../plan/source-span.ts'

/** One argument of `purge`: a source key or a glob. A source key may look like a glob. */
export interface PurgeTarget {
  readonly text: string
  /** Present where the text contains glob characters. */
  readonly isMatch?: KeyMatcher
  /** What every key of a matching source begins with. */
  readonly prefix: string
}

/** Problem `option-invalid` where the text cannot name a source. */
export const parsePurgeTarget = (text: string): PurgeTarget => {
  if (isGlob(text)) return { text, isMatch: compileMatch([text]), prefix: literalPrefix(text) }
  return { text, prefix: `${requireSourceKey(text)}/` }
}

/** The longest common beginning of all texts: the whole text if there is one, else up to a "/", to cut no character. */
export const commonPrefix = (texts: readonly string[]): string => {
  const [first = '', ...others] = texts
  if (others.length === 0) return first
  let length = 0
  while (length < first.length && others.every((text) => text[length] === first[length])) length++
  return first.slice(0, first.slice(0, length).lastIndexOf('/') + 1)
}

/** The results and second names that a purge of the targets deletes. */
export const findPurged = async (targets: readonly PurgeTarget[], input: PurgeInput): Promise<Purged> => {
  const { keys, isChosen } = await findKeys(targets, input)
  return { keys, aliases: await listPurgedAliases(input, { isChosen, spans: toSpans(targets) }) }
}

const toSpans = (targets: readonly PurgeTarget[]): readonly SourceSpan[] => {
  const names = [...new Set(targets.map(({ text }) => text))]
  if (targets.every(({ isMatch }) => isMatch === undefined)) return spansOfSources(names.sort(compareSources))
  return spansOfRange({ prefix: commonPrefix(names.map((text) => rangeOfPattern(text).prefix ?? '')) })
}

/** How many listings run at once; each is of one target. */
const LISTINGS_AT_ONCE = 8

/** A source whose name is exactly the text is taken first; then the text is not also used as a glob. */
const findKeys = async (
  targets: readonly PurgeTarget[],
  input: PurgeInput,
): Promise<Pick<PurgeChoice, 'isChosen'> & Pick<Purged, 'keys'>> => {
  const limit = pLimit(LISTINGS_AT_ONCE)
  const names = [...new Set(targets.map(({ text }) => text))]
  const literal = await limit.map(names, (text) => {
    const source = parseSourceKey(text)
    return source === undefined ? [] : listPurgeOf(input, source)
  })
  const found = new Set(names.filter((_, i) => literal[i]?.length))
  const globs = targets.filter(({ text, isMatch }) => isMatch !== undefined && !found.has(text))
  const matching = await limit.map(globs, ({ prefix, isMatch }) =>
    listPurge(input, { prefix, isChosen: (key) => !found.has(key) && isMatch?.(key) === true }),
  )
  const keys = [...new Set([...literal.flat(), ...matching.flat()])].sort(compareBytes)
  const isChosen = (key: SourceKey): boolean =>
    names.includes(key) || globs.some(({ isMatch }) => isMatch?.(key))
  return { keys, isChosen }
}
