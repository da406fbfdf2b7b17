/** At-rules that hold rules of a page's elements. */
const GROUPS = /^@(?:media|supports|layer|container|scope|starting-style|document)\b/i

/** In which rule something stands: its selectors; "" outside of all; undefined where no selectors count. */
type Around = string | undefined

/**
 * The selectors of a style sheet's rules as they stand there, those of nested rules with the ones around them. What
 * is no CSS gives nothing, or something that no element matches.
 */
export const listSelectors = (css: string): readonly string[] => {
  const selectors: string[] = []
  const around: Around[] = ['']
  let begin = 0
  for (const { index, 0: mark } of css.matchAll(MARKS)) {
    const outer = around.at(-1)
    if (mark === '{') {
      const prelude = css.slice(begin, index).replace(COMMENTS, ' ').trim()
      const own = prelude.startsWith('@') ? (GROUPS.test(prelude) ? outer : undefined) : join(outer, prelude)
      if (own !== undefined && own !== outer) selectors.push(own)
      around.push(own)
    } else if (mark === '}' && around.length > 1) around.pop()
    if (/^[{};]$/.test(mark)) begin = index + 1
  }
  return selectors
}

/** What begins and ends rules, and what may hold such marks without that meaning: comments, texts, brackets. */
const MARKS = /\/\*.*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^()"']*\)|\([^(){}]*\)|\\.|[{};]/gis
const COMMENTS = /\/\*.*?\*\//gs

const join = (outer: Around, own: string): Around => {
  if (outer === undefined || outer === '') return outer === undefined ? undefined : own
  return own.includes('&') ? own.replaceAll('&', `:is(${outer})`) : `:is(${outer}) ${own}`
}
