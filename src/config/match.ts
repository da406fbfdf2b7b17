import picomatch from 'picomatch'
import type { KeyRange } from '../core/byte-order.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'

/** Whether some globs match a source key. */
export type KeyMatcher = (key: SourceKey) => boolean

/**
 * Whether one of `patterns` (picomatch) matches a whole source key; without patterns, no key matches. Letter case
 * matters, except in the ending (after the last dot of the name). A key with a segment that begins with a dot never
 * matches. A pattern that {@link checkPattern} refuses is a Problem `pattern-invalid`.
 */
export const compileMatch = (patterns: readonly string[]): KeyMatcher => {
  const isMatch = compile(patterns, false)
  return (key) => !HIDDEN.test(key) && isMatch(key)
}

/**
 * The same for what is left out, but a dot has no special meaning: otherwise hidden files in an excluded folder would
 * be the only ones there that could still be asked for.
 */
export const compileExclude = (patterns: readonly string[]): KeyMatcher => compile(patterns, true)

/**
 * Whether nothing below a folder can be an original: its name begins with a dot, or one of `patterns` excludes all of
 * it. Then it need not be read.
 */
export const compileFolderExclude = (patterns: readonly string[]): ((folder: string) => boolean) => {
  const folders = patterns.flatMap((pattern) => WHOLE_FOLDER.exec(pattern)?.[1] ?? [])
  if (patterns.some((pattern) => EVERYTHING.test(pattern))) return () => true
  const isExcluded =
    folders.length > 0 ? picomatch(folders, { ...OPTIONS, dot: true, flags: 's' }) : undefined
  return (folder) => HIDDEN_FOLDER.test(folder) || isExcluded?.(folder) === true
}

const WHOLE_FOLDER = /^(.+?)\/\*\*(?:\/\*)?$/
const EVERYTHING = /^\*\*(?:\/\*)?$/

const compile = (patterns: readonly string[], dot: boolean): KeyMatcher => {
  for (const pattern of patterns) {
    const allowed = checkPattern(pattern)
    if (allowed !== undefined)
      throw new Problem('pattern-invalid', `${JSON.stringify(pattern)} is no pattern; allowed: ${allowed}`)
  }
  if (patterns.length === 0) return () => false
  const isMatch = picomatch([...patterns], { ...OPTIONS, dot, flags: 's' })
  const isMatchInAnyCase = picomatch([...patterns], { ...OPTIONS, dot, flags: 'si' })
  return (key) =>
    isMatch(key) || (isMatchInAnyCase(key) && spellEnding(key).some((spelling) => isMatch(spelling)))
}

/** Characters with a meaning for picomatch; a superfluous one here only makes a listing longer. */
const GLOB_CHARACTER = /[*?[\]{}()!+@|\\"^$]/

/** Whether a pattern may match more than one source. */
export const isGlob = (pattern: string): boolean => GLOB_CHARACTER.test(pattern)

/**
 * A range that holds all keys that a pattern matches. `a/**` matches `a` as well, which sorts before all keys below
 * it.
 */
export const rangeOfPattern = (pattern: string): KeyRange => {
  const prefix = literalPrefix(pattern)
  return prefix.endsWith('/') ? { prefix: prefix.slice(0, -1), upTo: `${prefix}\u{10ffff}` } : { prefix }
}

/** What every matching key begins with, or would with a "/" after it: up to the first special character or ending. */
export const literalPrefix = (pattern: string): string => {
  const end = pattern.search(GLOB_CHARACTER)
  const literal = end === -1 ? pattern : pattern.slice(0, end)
  // picomatch ignores it.
  if (literal.startsWith('./')) return ''
  const dot = literal.lastIndexOf('.')
  // An ending matches in any letter case.
  return dot > literal.lastIndexOf('/') ? literal.slice(0, dot + 1) : literal
}

/** What a pattern must be, in words, if `pattern` is not valid; undefined where it is. */
export const checkPattern = (pattern: string): string | undefined => {
  if (pattern === '') return 'a glob, not empty'
  if (pattern.length > LONGEST_PATTERN) return `a glob of at most ${LONGEST_PATTERN} characters`
  if (/^!(?!\()/.test(pattern)) return 'a glob without "!" before it; say what to leave out under exclude'
  if (pattern.length > 1 && NO_KEY.test(pattern))
    return 'a glob over source keys, such as drafts/**: they have no "..", no "//" and no "/" at the end'
  if (pattern.startsWith('/')) return 'a glob over source keys, which never begin with "/"'
  if (WINDOWS_PATH.test(pattern))
    return `a glob with "/" between folders; "\\" is for a name's own *, ?, [ and the like`
  return undefined
}

/** picomatch reads it as it stands: it matches nothing. */
const NO_KEY = /(?:^|\/)\.\.(?:\/|$)|\/\.\/|\/\/|\/$/

/** A "\" before "**", or before a letter or digit that means nothing to picomatch then, as \d, \s and \w do. */
const WINDOWS_PATH = /\\(?:(?![dsw])[\p{L}\p{N}_]|\*\*)/iu

/** picomatch throws for a longer one. */
const LONGEST_PATTERN = 65_536

// Keys are not paths of this machine: "/" on every system. "s": a name may contain U+2028.
const OPTIONS = { windows: false, nonegate: true } as const

const HIDDEN = /(?:^|\/)\./
const HIDDEN_FOLDER = /(?:^|\/)\.[^/]*$/

/**
 * Longer endings are tried only in lower and upper case: 2^n spellings are too many, and no picture has such an
 * ending.
 */
const MAX_SPELLED = 6

/**
 * `key` with its ending in every letter case. A pattern matches "in any letter case" if it matches one of these. This
 * is done on keys, because the ending of a pattern cannot be found in its text (`*.{jpg,tar.gz}`, `a.*`). Not covered:
 * an ending inside a negation, `!(*.jpg)`, is compared in the key's own letter case.
 */
const spellEnding = (key: string): readonly string[] => {
  const dot = key.lastIndexOf('.')
  const ending = key.slice(dot + 1)
  if (dot < 0 || ending.includes('/')) return []
  const stem = key.slice(0, dot + 1)
  const plain = [ending.toLowerCase(), ending.toUpperCase()]
  if (ending.length > MAX_SPELLED) return plain.map((spelling) => stem + spelling)
  const spellings = [...ending].reduce<readonly string[]>(
    (starts, letter) =>
      [...new Set([letter.toLowerCase(), letter.toUpperCase()])].flatMap((letterCase) =>
        starts.map((start) => start + letterCase),
      ),
    [''],
  )
  return [...plain, ...spellings].map((spelling) => stem + spelling)
}
