import { compileSelectors, type PageRule } from './place-rules.ts'

/**
 * The elements whose `src` a script sets, which a `srcset` would hide: those that it looks up by a selector, an id or a
 * name that it spells, and those whose id or name is that of the variable. The script is read as text: what it computes
 * is not found, nor is what it finds by the kind of element alone (`img`), which would be all.
 */
export const listScriptRules = (script: string): readonly PageRule[] => {
  const variables = new Set([...script.matchAll(SETS)].flatMap(({ index }) => variableBefore(script, index)))
  const isSet = (variable: string | undefined) => variable !== undefined && variables.has(variable)
  const looked = [...script.matchAll(LOOKUPS)].flatMap(({ 0: all, 1: by = '', 3: text = '', index }) => {
    const before = script.slice(Math.max(0, index - NEAR), index)
    const after = script.slice(index + all.length, index + all.length + NEAR)
    return SET_AT_ONCE.test(after) || isSet(ASSIGNED.exec(before)?.[1]) || isSet(EACH.exec(after)?.[1])
      ? [toSelector(by, text)]
      : []
  })
  const called = [...script.matchAll(CALLS)].flatMap(({ 1: name }) => name ?? [])
  const named = [...variables, ...called].map((name) => `[id="${name}"],[name="${name}"]`)
  return [...new Set([...looked, ...named])].flatMap((list) =>
    compileSelectors(list).map((rule) => ({ ...rule, setsSource: true })),
  )
}

/** How much of a script around a place is looked at. */
const NEAR = 80

const SET = String.raw`\.src\s*=(?!=)|\.(?:attr|prop|setAttribute)\(\s*(?:\{\s*)?["']?src\b`
const SETS = new RegExp(SET, 'g')
const SET_AT_ONCE = new RegExp(`^(?:\\[\\w+\\]|\\.(?:eq|get|item|first)\\(\\w*\\))?(?:${SET})`)

/** A variable, a property, or `images["name"]`, and perhaps which of several it is. */
const VARIABLE = /(?:([\w$-]+)|\[["']([\w$-]+)["']\])(?:\[[^[\]"']*\])?$/

const variableBefore = (script: string, index: number): readonly string[] => {
  const [, plain, named] = VARIABLE.exec(script.slice(Math.max(0, index - NEAR), index)) ?? []
  return (plain ?? named) ? [plain ?? named ?? ''] : []
}

const LOOKUPS =
  /(?<![\w$])(getElementById|getElementsByName|getElementsByClassName|querySelector(?:All)?|\$|jQuery)\(\s*(["'`])([^"'`]{1,200})\2\s*\)/g
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
