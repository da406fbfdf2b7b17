import picomatch from 'picomatch'
import type { KeyRange } from '../core/key-range.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'

/** Whether a source key is one of those that some globs mean. */
export type KeyMatcher = (key: SourceKey) => boolean

/**
 * Matches whole source keys that one of `patterns` (picomatch) fits; no pattern, no key. Letter case matters but
 * in the ending, the part after the last dot of the name; a key with a segment that begins with a dot never
 * matches. A pattern that {@link checkPattern} refuses is a Problem `pattern-invalid`.
 */
export const compileMatch = (patterns: readonly string[]): KeyMatcher => {
  const isMatch = compile(patterns, false)
  return (key) => !HIDDEN.test(key) && isMatch(key)
}

/**
 * The same for what is to be left out: dots mean nothing, or what lies hidden in a folder that is left out would be
 * the one thing of it that can be asked for.
 */
export const compileExclude = (patterns: readonly string[]): KeyMatcher => compile(patterns, true)

/** Whether everything below a folder is left out by one of `patterns` alone: such a folder need not be looked into. */
export const compileFolderExclude = (patterns: readonly string[]): ((folder: string) => boolean) => {
  const folders = patterns.flatMap((pattern) => WHOLE_FOLDER.exec(pattern)?.[1] ?? [])
  if (patterns.some((pattern) => EVERYTHING.test(pattern))) return () => true
  return folders.length === 0 ? () => false : picomatch(folders, { ...OPTIONS, dot: true, flags: 's' })
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

/** Characters that mean something to picomatch somewhere; one too many here costs only a longer listing. */
const GLOB_CHARACTER = /[*?[\]{}()!+@|\\"^$]/

/** Whether a pattern is more than the name of one source. */
export const isGlob = (pattern: string): boolean => GLOB_CHARACTER.test(pattern)

/** Where all keys lie that a pattern fits. `a/**` fits `a` as well, which sorts before all that lies below it. */
export const rangeOfPattern = (pattern: string): KeyRange => {
  const prefix = literalPrefix(pattern)
  return prefix.endsWith('/') ? { prefix: prefix.slice(0, -1), upTo: `${prefix}\u{10ffff}` } : { prefix }
}

/** What every key that a pattern fits begins with, or would with a "/" after it: no special character, and no ending. */
export const literalPrefix = (pattern: string): string => {
  const end = pattern.search(GLOB_CHARACTER)
  const literal = end === -1 ? pattern : pattern.slice(0, end)
  // picomatch passes over it.
  if (literal.startsWith('./')) return ''
  const dot = literal.lastIndexOf('.')
  // An ending fits in any letter case.
  return dot > literal.lastIndexOf('/') ? literal.slice(0, dot + 1) : literal
}

/** What patterns must be, where `pattern` is not that; undefined where it is good. */
export const checkPattern = (pattern: string): string | undefined => {
  if (pattern === '') return 'a glob, not empty'
  if (/^!(?!\()/.test(pattern)) return 'a glob without "!" before it; say what to leave out under exclude'
  if (pattern.startsWith('/')) return 'a glob over source keys, which never begin with "/"'
  return undefined
}

// Keys are no paths of this machine: "/" on every system. "s": a name may hold U+2028.
const OPTIONS = { windows: false, nonegate: true } as const

const HIDDEN = /(?:^|\/)\./

/** Longer endings are spelled in lower and upper case only: 2^n spellings are too many, and no picture has one. */
const MAX_SPELLED = 6

/**
 * `key` with every letter case of its ending. "Endings in any letter case" means: the pattern fits one of these.
 * Defined on keys, not on patterns, for a pattern's ending cannot be told from its text (`*.{jpg,tar.gz}`, `a.*`).
 * Not covered: an ending inside a negation, `!(*.jpg)`, is seen in the key's own letter case.
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
