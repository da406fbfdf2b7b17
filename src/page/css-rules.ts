/** What a rule says of a box, as it is written: how a picture fills it, how high it is, and its shape. */
export type Declared = Readonly<Partial<Record<'fit' | 'height' | 'ratio', string>>>

/** A rule of a style sheet. */
export interface CssRule {
  /** As written; of a nested rule with the outer ones. */
  readonly selectors: string
  /** Undefined where it says nothing of that, or for wide windows alone. */
  readonly declares?: Declared
}

/** At-rules that contain rules for a page's elements. */
const GROUPS = /^@(?:media|supports|layer|container|scope|starting-style|document)\b/i
/** Those of them that mean no narrow window. */
const WIDE = /^@(?:media\b.*(?:min-width|print|>)|container\b)/is

/** The selectors around something; "" outside of rules; undefined where selectors mean something else. */
interface Around {
  readonly selectors: string | undefined
  readonly isWide: boolean
  /** The place of its rule among all. */
  readonly rule?: number
}

/** The rules of a style sheet. Invalid CSS gives nothing, or selectors that match no element. */
export const listRules = (css: string): readonly CssRule[] => {
  const rules: CssRule[] = []
  const around: Around[] = [{ selectors: '', isWide: false }]
  const join = createJoin()
  let begin = 0
  for (const { index, 0: mark } of css.matchAll(MARKS)) {
    const outer = around.at(-1)
    const text = /^[{};]$/.test(mark) ? css.slice(begin, index) : ''
    if (mark === '{') {
      const prelude = text.replace(COMMENTS, ' ').trim()
      const isGroup = GROUPS.test(prelude)
      const selectors = isGroup
        ? outer?.selectors
        : prelude.startsWith('@')
          ? undefined
          : join(outer?.selectors, prelude)
      const isWide = outer?.isWide === true || WIDE.test(prelude)
      const isRule = selectors !== undefined && !isGroup
      around.push({ selectors, isWide, ...(isRule && { rule: rules.length }) })
      if (isRule) rules.push({ selectors })
    } else if (text !== '' && outer?.rule !== undefined && !outer.isWide) {
      const { rule: at } = outer
      const [rule, declares] = [rules[at], readDeclared(text)]
      if (rule && declares) rules[at] = { ...rule, declares: { ...rule.declares, ...declares } }
    }
    if (mark === '}' && around.length > 1) around.pop()
    if (/^[{};]$/.test(mark)) begin = index + 1
  }
  return rules
}

/** What a declaration says of a box; undefined: nothing. */
export const readDeclared = (declaration: string): Declared | undefined => {
  const plain = declaration.includes('/*') ? declaration.replace(COMMENTS, ' ') : declaration
  const colon = plain.indexOf(':')
  const name = plain.slice(0, Math.max(0, colon)).trim().toLowerCase()
  const what = TELLING.get(name)
  if (what === undefined) return undefined
  const text = plain
    .slice(colon + 1)
    .trim()
    .toLowerCase()
  const value = text.replace(/!\s*important$/, '').trim()
  if (name === 'inset') return /^0(?:px)?$/.test(value) ? { height: '100%' } : undefined
  return value.includes('!') ? undefined : { [what]: value }
}

const TELLING: ReadonlyMap<string, keyof Declared> = new Map([
  ['object-fit', 'fit'],
  ['aspect-ratio', 'ratio'],
  ['height', 'height'],
  ['min-height', 'height'],
  ['inset', 'height'],
])

/** Marks that begin and end rules, and texts in which they mean nothing: comments, strings, brackets. */
const MARKS =
  /\/\*.*?(?:\*\/|$)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^()"']*\)|\([^(){}]*\)|\\.|[{};]/gis
/** One that is not closed goes to the end, as in browsers; and what hides a `<style>` from older ones and from XML. */
const COMMENTS = /\/\*.*?(?:\*\/|$)|<!--|-->|<!\[CDATA\[|\]\]>/gs

/** More than the nested rules of any page come to: each may say all around it again, and each `&` once more. */
const MOST_NESTED = 1_000_000

/** Joins nested selectors to those around them; undefined where these have no meaning, and once they are too long. */
const createJoin = () => {
  let left = MOST_NESTED
  return (outer: string | undefined, own: string): string | undefined => {
    if (outer === undefined || outer === '') return outer === undefined ? undefined : own
    const whole = `:is(${outer})`
    const parts = own.split('&')
    left -= own.length + whole.length * parts.length
    if (left < 0) return undefined
    return parts.length > 1 ? parts.join(whole) : `${whole} ${own}`
  }
}
