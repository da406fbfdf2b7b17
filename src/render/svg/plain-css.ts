import { toPlainColours } from './plain-colours.ts'
import { changeSheets, changeStyled, listStyled } from './styled.ts'

/** A drawing whose styles librsvg reads as browsers do, as far as they are plain: it knows no groups of rules and no variables. */
export const toPlainCss = (drawing: string): string =>
  toPlainColours(replaceFonts(replaceVariables(openSheets(drawing))))

const replaceFonts = (drawing: string): string =>
  drawing.includes('serif')
    ? changeStyled(drawing, (styled) =>
        styled.replaceAll(GENERIC_FONT, (name) => BROWSER_FONTS[name] ?? name),
      )
    : drawing

/** What browsers on every system show for them, or letters as wide. fontconfig's own are wider, and leave their places. */
const BROWSER_FONTS: Readonly<Record<string, string>> = {
  'sans-serif': 'Arial,sans-serif',
  serif: 'Times New Roman,serif',
}
/** In values of fonts; not at the end of another name. It begins with letters, so that it is looked for fast. */
const GENERIC_FONT =
  /(?:sans-serif(?<![\w-]sans-serif)|serif(?<=[,:"]\s{0,9}serif))(?![\w-])(?<=(?:[;{"']\s{0,40}font(?:-family)?\s{0,9}:|\sfont-family=["'])[^;{}<>=]{0,200})/g

/**
 * With the rules of `@media`, `@supports` and `@layer` in place of these groups, where they count on an ordinary screen of a
 * light colour scheme, and without those that do not. Groups that depend on more stay, and are passed over. Without lengths
 * of text that have no unit, which only attributes may lack.
 */
const openSheets = (drawing: string): string =>
  changeSheets(drawing, (sheet) => openGroupsOf(sheet, 0).replaceAll(WITHOUT_UNIT, '$1'))

const WITHOUT_UNIT =
  /([{;]\s*)(?:font-size|(?:letter|word)-spacing)\s*:\s*[+-]?(?=[\d.]*[1-9])[\d.]+\s*(?=[;}])/gi
/** In one pass, because a drawing may be made to take long: nothing is looked at twice at one depth. */
const openGroupsOf = (css: string, depth: number): string => {
  const parts: string[] = []
  let kept = 0
  for (let at = css.indexOf('@'); at >= 0; ) {
    const start = findNext(css, at)
    if (start < 0) break
    const end = css[start] === '{' ? findEnd(css, start + 1) : start
    if (end === undefined || depth > DEEPEST) break
    const counts = findCounts(css.slice(at, Math.min(start, at + LONGEST)), css[start] === '{')
    if (counts !== undefined) {
      parts.push(css.slice(kept, at), counts ? openGroupsOf(css.slice(start + 1, end), depth + 1) : '')
      kept = end + 1
    }
    at = css.indexOf('@', end + 1)
  }
  return parts.join('') + css.slice(kept)
}

const DEEPEST = 4
const LONGEST = 500

/** The next character that begins a block, or ends something. */
const findNext = (css: string, from: number): number => {
  const pattern = /[{};]/g
  pattern.lastIndex = from
  return pattern.exec(css)?.index ?? -1
}

/** Where the block ends that begins before `start`. */
const findEnd = (css: string, start: number): number | undefined => {
  let open = 1
  for (let at = start; at < css.length; at++) {
    if (css[at] === '{') open++
    else if (css[at] === '}' && --open === 0) return at
  }
  return undefined
}

/** Whether the rules of a group count; undefined where that is not known, and for what is no group. */
const findCounts = (head: string, hasBlock: boolean): boolean | undefined => {
  const [, name, condition = ''] = hasBlock ? (/^@(media|supports|layer)\b([\s\S]*)/i.exec(head) ?? []) : []
  if (name === undefined) return undefined
  return name.toLowerCase() === 'media' ? findMatch(condition) : !/\bnot\b/.test(condition)
}

/** Whether a list of media queries is met; undefined where that depends on more than is known. */
const findMatch = (queries: string): boolean | undefined => {
  const met = queries
    .toLowerCase()
    .split(',')
    .map((query) => {
      const terms = query.replace(/^\s*only\s/, '').split(/\sand\s|\sand(?=\()/)
      const known = terms.map((term) => MEDIA[term.replaceAll(/\s/g, '')])
      return known.includes(false) ? false : known.includes(undefined) ? undefined : true
    })
  return met.includes(true) ? true : met.includes(undefined) ? undefined : false
}

const MEDIA: Readonly<Record<string, boolean>> = {
  all: true,
  screen: true,
  '(prefers-color-scheme:light)': true,
  '(prefers-reduced-motion:no-preference)': true,
  '(prefers-contrast:no-preference)': true,
  print: false,
  speech: false,
  '(prefers-color-scheme:dark)': false,
  '(prefers-reduced-motion)': false,
  '(prefers-reduced-motion:reduce)': false,
  '(prefers-contrast:more)': false,
  '(forced-colors:active)': false,
}

/**
 * With the values of CSS variables in their places: of each variable the first value, which is that of a light colour
 * scheme where one for dark follows. Not covered: values that differ from element to element, and those that are more than
 * a colour, a number or the name of a part.
 */
const replaceVariables = (drawing: string): string => {
  if (!drawing.includes('var(')) return drawing
  const values = new Map<string, string>()
  for (const styled of listStyled(drawing))
    for (const [, name = '', value = ''] of styled.matchAll(DEFINITION))
      if (!values.has(name)) values.set(name, value.trim())
  const findValue = (use: string, name: string, fallback?: string): string => {
    const value = values.get(name) ?? fallback?.trim() ?? ''
    return PLAIN.test(value) ? value : use
  }
  // A variable may stand for one that stands for another.
  for (let step = 0; step < 3; step++)
    for (const [name, value] of values) values.set(name, value.replaceAll(USE, findValue))
  return changeStyled(drawing, (styled) => styled.replaceAll(USE, findValue))
}

const DEFINITION = /(--[\w-]{1,100})\s*:([^;{}<>"]{1,100})/g
const USE = /var\(\s*(--[\w-]{1,100})\s*(?:,((?:[^()"<>]|\([^()"<>]{0,100}\)){0,100}))?\)/g
/** Nothing that could end the attribute or the element that it is written into, and short: a use is not much longer. */
const PLAIN = /^[\w#%.,() +-]{1,40}$/
