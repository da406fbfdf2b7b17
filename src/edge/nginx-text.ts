import { Problem } from '../core/problem.ts'

/** A text as one argument of a directive. nginx has no escape for `$`: Problem `edge-unfit`. */
export const nginxText = (text: string): string => {
  if (/[$\u0000-\u001f]/.test(text))
    throw new Problem('edge-unfit', `nginx can hold no "$" and no control character: ${JSON.stringify(text)}`)
  return quote(text)
}

/** A regular expression as one argument; `$` is itself there. `flag`: `~` minds letter case, `~*` does not. */
export const nginxPattern = (flag: '~' | '~*', pattern: string): string => quote(flag + pattern)

/** The same for `location`, which takes its flag apart. */
export const locationPattern = (pattern: string): string => quote(pattern)

const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** A text that a regular expression matches as it stands. */
export const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Lines, each behind `depth` steps of four blanks; empty ones stay empty. */
export const indent = (lines: readonly string[], depth = 1): readonly string[] =>
  lines.map((line) => (line === '' ? '' : '    '.repeat(depth) + line))
