import { compareBytes } from '../core/byte-order.ts'
import { isObject } from '../core/json.ts'
import type { SourceKey } from '../core/source-key.ts'
import { type JsonEntry, readJsonEntries } from './json-entries.ts'
import {
  isOverrideGlob,
  listForms,
  type OverridesContext,
  parseOverrides,
  parseSidecar,
  toOverrideName,
  toPlainName,
} from './overrides.ts'
import type { OverrideInput } from './overrides-schema.ts'

/** The new override of a picture, given the old one; undefined, or an object without fields, removes it. */
export type ChangeOverride = (before: OverrideInput) => OverrideInput | undefined

/**
 * A file of overrides in which the entry of one source, by its own name, is changed, and nothing else: the order stays,
 * and a new name is inserted before the first one that sorts after it. Problem `overrides-invalid` where the file is
 * wrong before or after.
 */
export const editOverrides = (
  text: string,
  source: SourceKey,
  change: ChangeOverride,
  context: OverridesContext,
): string => {
  const before = text.trim() === '' ? '{}\n' : text
  parseOverrides(before, context)
  const entries = readJsonEntries(before)
  if ('offset' in entries) throw new Error('it was read a moment ago')
  const edited = edit(before, entries, source, change)
  parseOverrides(edited, context)
  return edited
}

/** The same for a sidecar; where nothing is left, its text is `{}`. */
export const editSidecar = (text: string, change: ChangeOverride, context: OverridesContext): string => {
  const before = text.trim() === '' ? '{}' : text
  parseSidecar(before, context)
  const was = toInput(before)
  const now = change(was) ?? {}
  if (isSame(was, now)) return text
  const edited = `${format(order(now, was), '', '\n')}\n`
  parseSidecar(edited, context)
  return edited
}

/** A text that the schema accepts, parsed. */
const toInput = (json: string): OverrideInput => JSON.parse(json) as OverrideInput

const isSame = (a: OverrideInput, b: OverrideInput): boolean =>
  format(order(a, a), '', '') === format(order(b, a), '', '')

/** The entry of a source, by its name as it is, else in Unicode's other form; -1 where there is none. */
const find = (entries: readonly JsonEntry[], source: SourceKey): number => {
  const names = entries.map(({ name }) => (isOverrideGlob(name) ? '' : toPlainName(name)))
  const at = names.indexOf(source)
  return at === -1 ? names.findIndex((name) => listForms(name).includes(source)) : at
}

const edit = (
  text: string,
  entries: readonly JsonEntry[],
  source: SourceKey,
  change: ChangeOverride,
): string => {
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n'
  const at = find(entries, source)
  const entry = entries[at]
  const was = entry === undefined ? {} : toInput(text.slice(entry.valueStart, entry.end))
  const now = change(was) ?? {}
  if (isSame(was, now)) return text
  const value = format(order(now, was), INDENT, lineBreak)
  const isEmpty = value === '{}'
  const replace = (start: number, end: number, by: string): string =>
    text.slice(0, start) + by + text.slice(end)

  if (entry === undefined) {
    if (isEmpty) return text
    const added = `${JSON.stringify(toOverrideName(source))}: ${value}`
    const after = entries.find(
      ({ name }) => !isOverrideGlob(name) && compareBytes(toPlainName(name), source) > 0,
    )
    if (after !== undefined) return replace(after.start, after.start, `${added},${lineBreak}${INDENT}`)
    const last = entries.at(-1)
    if (last !== undefined) return replace(last.end, last.end, `,${lineBreak}${INDENT}${added}`)
    return `{${lineBreak}${INDENT}${added}${lineBreak}}${lineBreak}`
  }
  if (!isEmpty) return replace(entry.valueStart, entry.end, value)
  const [before, next] = [entries[at - 1], entries[at + 1]]
  if (next !== undefined) return replace(entry.start, next.start, '')
  if (before !== undefined) return replace(before.end, entry.end, '')
  return `{}${lineBreak}`
}

const INDENT = '  '

/** The order of new fields. */
const FIELDS = ['focus', 'quality', 'background', 'sizes', 'alt', 'exclude']

/** The fields of `now`, in the order that they had before; undefined ones are left out. */
const order = (now: object, before: object): object => {
  const names = [...new Set([...Object.keys(before), ...FIELDS, ...Object.keys(now)])]
  const values = new Map<string, unknown>(Object.entries(now))
  const stood = new Map<string, unknown>(Object.entries(before))
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values.get(name)
      const was = stood.get(name)
      const inner = isObject(value) ? order(value, isObject(was) ? was : {}) : value
      const isNothing = inner === undefined || (isObject(inner) && Object.keys(inner).length === 0)
      return isNothing ? [] : [[name, inner]]
    }),
  )
}

/** JSON with one field a line and lists on one. */
const format = (value: unknown, indent: string, lineBreak: string): string => {
  if (Array.isArray(value)) return `[${value.map((entry) => JSON.stringify(entry)).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const inner = indent + INDENT
  const fields = Object.entries(value).map(
    ([name, field]) => `${inner}${JSON.stringify(name)}: ${format(field, inner, lineBreak)}`,
  )
  return fields.length === 0 ? '{}' : `{${lineBreak}${fields.join(`,${lineBreak}`)}${lineBreak}${indent}}`
}
