import { compilePlaces, compileSelectors, type PageRule } from './place-rules.ts'

/**
 * What a script does with elements that it looks up; it is read as text, and what it computes is not found.
 *
 * - It sets their `src`, which a `srcset` would hide: elements that it finds by a selector, an id or a name that it
 *   spells, and those whose id or name is that of the variable. What it finds by the kind of element alone (`img`) would
 *   be all, and is not counted.
 * - It finds them by their place (`.post > img`), or goes on from an `<img>` to what is around that.
 */
export const listScriptRules = (script: string): readonly PageRule[] => {
  const sets = listSets(script)
  // Lookups come in order, so that sets before one are before all later ones.
  const isSet = (variable = '', from: number) => {
    const places = sets.get(variable) ?? []
    if (variable.length > MINIFIED) return places.length > 0
    while ((places.at(-1) ?? Number.POSITIVE_INFINITY) < from) places.pop()
    return (places.at(-1) ?? Number.POSITIVE_INFINITY) < from + SCOPE
  }
  const setting = new Set<string>()
  const looking = new Set<string>()
  for (const { 0: all, 1: by = '', 3: text = '', index } of script.matchAll(LOOKUPS)) {
    const before = script.slice(Math.max(0, index - NEAR), index)
    const after = script.slice(index + all.length, index + all.length + FURTHER)
    if (
      SET_AT_ONCE.test(after) ||
      isSet(ASSIGNED.exec(before)?.[1], index) ||
      isSet(EACH.exec(after)?.[1], index)
    )
      setting.add(toSelector(by, text))
    if (FINDS_IMAGES.test(text) && AROUND.test(after)) looking.add(toPlain(text))
  }
  const called = [...script.matchAll(CALLS)].flatMap(({ 1: name }) => name ?? [])
  const named = [...sets.keys(), ...called].map((name) => `[id="${name}"],[name="${name}"]`)
  const placed = new Set([...script.matchAll(PLACED)].map(({ 2: text = '' }) => text))
  return [
    ...listRules(new Set([...setting, ...named]), 'set-source'),
    ...listRules(looking, 'look-around'),
    ...[...placed].filter((list) => !/picture/i.test(list)).flatMap((list) => compilePlaces(toPlain(list))),
  ]
}

const listRules = (lists: ReadonlySet<string>, does: NonNullable<PageRule['does']>): readonly PageRule[] =>
  [...lists].flatMap((list) => compileSelectors(list)).map((rule) => ({ ...rule, does }))

/** How much of a script around a place is looked at; and after a lookup, to where a script goes from there. */
const NEAR = 80
const FURTHER = 160

/** A minifier has names as short as this again in each function: they count as far as most of these reach. */
const MINIFIED = 2
const SCOPE = 1000

const SET = String.raw`\.src\s*=(?!=)|\.(?:attr|prop|setAttribute)\(\s*(?:\{\s*)?["']?src\b`
const SETS = new RegExp(SET, 'g')
const SET_AT_ONCE = new RegExp(`^(?:\\[\\w+\\]|\\.(?:eq|get|item|first)\\(\\w*\\))?(?:${SET})`)

/** A variable, a property, or `images["name"]`, and perhaps which of several it is. */
const VARIABLE = /(?:([\w$-]+)|\[["']([\w$-]+)["']\])(?:\[[^[\]"']*\])?$/

/** The variables of which a script sets the `src`, with the places where it does, the last first. */
const listSets = (script: string): ReadonlyMap<string, number[]> => {
  const sets = new Map<string, number[]>()
  for (const { index } of [...script.matchAll(SETS)].reverse()) {
    const [, plain, named = plain] = VARIABLE.exec(script.slice(Math.max(0, index - NEAR), index)) ?? []
    if (named === undefined) continue
    const places = sets.get(named) ?? []
    places.push(index)
    sets.set(named, places)
  }
  return sets
}

const LOOKUPS =
  /(?<![\w$])(getElementById|getElementsBy(?:Name|ClassName|TagName)|querySelector(?:All)?|find|\$|jQuery)\(\s*(["'`])((?:(?!\2)[^\\]){1,200})\2\s*\)/g
const ASSIGNED = /([\w$]+)\s*(?:[=:]|\bof)\s*(?:[\w$.]+\.)?$/
const EACH = /^\.(?:forEach|each)\(\s*(?:function\b[^(]{0,20})?\(?\s*([\w$]+)/

/** A call as Dreamweaver writes them for a picture that changes under the pointer: its name, and then another file. */
const CALLS = /\w\(\s*["']([\w-]+)["']\s*,[^()]{0,200}?\.(?:gif|png|jpe?g|webp|avif)["']/gi

const toSelector = (by: string, text: string): string => {
  if (by === 'getElementById') return `[id="${text}"]`
  if (by === 'getElementsByName') return `[name="${text}"]`
  if (by === 'getElementsByClassName') return text.trim().replace(/^|\s+/g, '.')
  return /[#.[]/.test(text) ? text : ''
}

/**
 * A selector of pictures, or of any class, by what they stand in or beside, whatever the script calls with it; not what is
 * code between two texts (`'…' + img + '…'`).
 */
const PLACED =
  /(["'`])(?!\s*\+)([^"'`<{}]{0,200}[>+~]\s*(?:img(?![\w-])|\.[a-z])[^"'`<{}]{0,100})(?<![>+~]\s*)\1/gi

/** A selector, or a list of some, of which one ends with `img`. A script that knows of pictures takes care itself. */
const FINDS_IMAGES = /^(?!.*picture)(?:.*[\s,>+~])?img(?![\w-])[^\s,>+~]*\s*(?:,|$)/is

/** How a script goes to elements around one. */
const AROUND =
  /\.(?:(?:parent|(?:un)?wrap|siblings)\(|parent(?:Node|Element)\b|(?:next|previous)(?:Element)?Sibling\b)/

/** As CSS has it: jQuery reads quotes in `:not()`, and what is looked up inside of an element may begin with `>`. */
const toPlain = (list: string): string =>
  list.replace(/:not\((["'])(.*?)\1\)/g, ':not($2)').replace(/(^|,)\s*(?=[>~])/g, '$1:not(picture) ')
