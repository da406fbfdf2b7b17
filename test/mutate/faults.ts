/** One change to a file of `src/` that should make a test fail. */
export interface Fault {
  readonly line: number
  readonly offset: number
  readonly from: string
  readonly to: string
}

const SWAPS: readonly (readonly [string, string])[] = [
  ['===', '!=='],
  ['&&', '||'],
  ['<=', '<'],
  ['>=', '>'],
  ['true', 'false'],
  ['Math.min', 'Math.max'],
  ['Math.floor', 'Math.ceil'],
  ['.some(', '.every('],
]

const REPLACED: ReadonlyMap<string, string> = new Map([
  ...SWAPS.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]),
  [' < ', ' <= '],
  [' > ', ' >= '],
  [' + ', ' - '],
  [' - ', ' + '],
  ['<', '<='],
  ['>', '>='],
  ['Math.round', 'Math.floor'],
])

/** A number after `] ?? ` is only for the compiler, as a rule. */
const TOKEN =
  /===|!==|&&|\|\||<=|>=(?!>)| [<>+-] (?!\|)|\btrue\b|\bfalse\b|Math\.(?:min|max|floor|ceil|round)|\.(?:some|every)\(|(?<![\w.'"-]|\] \?\? )\d[\d_]*(?![\w.'"])|!(?=[\w(])/g

/** What stands in `${}` of a template, if it has no braces of its own. */
const EMBEDDED = /\$\{((?:[^{}`]|`[^`]*`)*)\}/g

/**
 * Comments, texts, patterns and types, where a change is no fault, as blanks of the same length; also the defaults of
 * arrays that are taken apart, which only the compiler asks for.
 */
const withoutWords = (text: string): string =>
  text.replace(
    /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{)|\$\{(?:[^{}`]|`[^`]*`)*\})*`|(?<=[(=,] ?)\/(?![*/])(?:[^/\\\n]|\\.)+\/\w*|const \[[^\]]*\] = |^\s*readonly .*$|^(?:export )?(?:type|interface) .*$|^import .*$/gm,
    (words) => (words.startsWith('`') ? keepEmbedded(words) : toBlanks(words)),
  )

const toBlanks = (words: string): string => words.replace(/[^\n]/g, ' ')

const keepEmbedded = (template: string): string => {
  let kept = toBlanks(template)
  for (const { 1: code = '', index } of template.matchAll(EMBEDDED))
    kept = kept.slice(0, index + 2) + withoutWords(code) + kept.slice(index + 2 + code.length)
  return kept
}

/** Every fault that can be planted in a file, in its order. */
export const listFaults = (text: string): readonly Fault[] =>
  [...withoutWords(text).matchAll(TOKEN)].flatMap(({ 0: from, index: offset }) => {
    const to = from === '!' ? '' : (REPLACED.get(from) ?? String(Number(from.replaceAll('_', '')) + 1))
    return { line: text.slice(0, offset).split('\n').length, offset, from, to }
  })
