/** A directive of an nginx configuration. */
export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  /** Of one with braces. */
  readonly block?: readonly Directive[]
}

/** A comment, a quoted text, a sign, or a word. */
const TOKEN = /#[^\n]*|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([{};])|(?:\\.|\$\{[^}]*\}|[^\s;{}\\])+/gs

/** The directives of a configuration, in order; what is not understood is left out, and an end that is missing is one. */
export const parseNginx = (text: string): readonly Directive[] => {
  const root: Directive[] = []
  const open: Directive[][] = [root]
  let words: string[] = []
  for (const [token, double, single, sign] of text.matchAll(TOKEN)) {
    if (token.startsWith('#')) continue
    if (sign === undefined) {
      words.push((double ?? single ?? token).replace(/\\(["'\\])/g, '$1'))
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
  }
  return root
}
