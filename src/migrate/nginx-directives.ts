import { Problem } from '../core/problem.ts'

/** A directive of an nginx configuration. */
export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  /** The content of its braces, if it has them. */
  readonly block?: readonly Directive[]
}

/** A comment, a quoted text, a sign, or a word. None is searched beyond its end, or more than once to the end. */
const TOKEN = /#[^\n]*|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([{};])|(?:\\.|\$\{\w*\}|[^\s;{}\\])+/gs

/** No real configuration is nested so deeply; the functions that read it are recursive. */
const MOST_DEEP = 64
const LONGEST_WORD = 4_096

/**
 * The directives of a configuration, in order. What is not understood is left out; missing closing braces are added.
 * Problem `nginx-too-deep`.
 */
export const parseNginx = (text: string): readonly Directive[] => {
  const root: Directive[] = []
  const open: Directive[][] = [root]
  let words: string[] = []
  for (const [token, double, single, sign] of text.matchAll(TOKEN)) {
    if (token.startsWith('#')) continue
    if (sign === undefined) {
      words.push((double ?? single ?? token).slice(0, LONGEST_WORD).replace(/\\(["'\\])/g, '$1'))
      continue
    }
    const [name, ...args] = words
    words = []
    if (sign === '}') {
      if (open.length > 1) open.pop()
      continue
    }
    const block: Directive[] = []
    if (name !== undefined) open.at(-1)?.push({ name, args, ...(sign === '{' && { block }) })
    if (sign === '{') open.push(block)
    if (open.length > MOST_DEEP)
      throw new Problem('nginx-too-deep', `A configuration of nginx is nested more than ${MOST_DEEP} deep.`)
  }
  return root
}
