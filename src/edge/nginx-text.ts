import { compact } from '../core/defined.ts'
import { Problem } from '../core/problem.ts'

/** A text as one argument of a directive. nginx cannot escape `$`: Problem `edge-unfit`. */
export const nginxText = (text: string): string => {
  if (/[$\u0000-\u001f]/.test(text))
    throw new Problem(
      'edge-unfit',
      `an nginx configuration cannot contain "$" or a control character: ${JSON.stringify(text)}`,
    )
  return quote(text)
}

/** A regular expression as one argument, in which `$` keeps its meaning. `flag`: `~` is case-sensitive, `~*` is not. */
export const nginxPattern = (flag: '~' | '~*', pattern: string): string => quote(flag + pattern)

/** The same without a flag, which is a separate argument of `location`. */
export const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** A regular expression that matches exactly this text. */
export const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Lines, alone or several; a condition that does not hold leaves them out. */
type Parts = readonly (string | readonly string[] | false | undefined)[]

/** The lines of these parts. */
export const toLines = (...parts: Parts): readonly string[] => compact(...parts.flat())

/** Makes blocks with lines in them, indented by this; empty lines stay empty. */
export const blockIndentedBy =
  (space: string) =>
  (head: string, parts: Parts): readonly string[] => [
    `${head} {`,
    ...toLines(...parts).map((line) => (line === '' ? '' : space + line)),
    '}',
  ]

/** A block of nginx with these lines in it. */
export const block = blockIndentedBy('    ')
