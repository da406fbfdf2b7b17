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
  const edited = new Edit(before, entries).apply(source, change)
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

class Edit {
  readonly #text: string
  readonly #entries: readonly JsonEntry[]
  readonly #break: string

  constructor(text: string, entries: readonly JsonEntry[]) {
    this.#text = text
    this.#entries = entries
    this.#break = text.includes('\r\n') ? '\r\n' : '\n'
  }

  apply(source: SourceKey, change: ChangeOverride): string {
    const at = this.#find(source)
    const entry = this.#entries[at]
    const before = entry === undefined ? {} : toInput(this.#text.slice(entry.valueStart, entry.end))
    const after = change(before) ?? {}
    if (isSame(before, after)) return this.#text
    const text = format(order(after, before), INDENT, this.#break)
    const isEmpty = text === '{}'
    if (entry === undefined)
      return isEmpty ? this.#text : this.#insert(source, `${JSON.stringify(toOverrideName(source))}: ${text}`)
    return isEmpty ? this.#remove(at) : this.#replace(entry.valueStart, entry.end, text)
  }

  /** The entry of a source, by its name as it is, else in Unicode's other form; -1 where there is none. */
  #find(source: SourceKey): number {
    const names = this.#entries.map(({ name }) => (isOverrideGlob(name) ? '' : toPlainName(name)))
    const at = names.indexOf(source)
    return at === -1 ? names.findIndex((name) => listForms(name).includes(source)) : at
  }

  #replace(start: number, end: number, text: string): string {
    return this.#text.slice(0, start) + text + this.#text.slice(end)
  }

  #insert(source: SourceKey, text: string): string {
    const next = this.#entries.find(
      ({ name }) => !isOverrideGlob(name) && compareBytes(toPlainName(name), source) > 0,
    )
    if (next !== undefined) return this.#replace(next.start, next.start, `${text},${this.#break}${INDENT}`)
    const last = this.#entries.at(-1)
    if (last !== undefined) return this.#replace(last.end, last.end, `,${this.#break}${INDENT}${text}`)
    return `{${this.#break}${INDENT}${text}${this.#break}}${this.#break}`
  }

  #remove(at: number): string {
    const [before, entry, next] = [this.#entries[at - 1], this.#entries[at], this.#entries[at + 1]]
    if (entry === undefined) return this.#text
    if (next !== undefined) return this.#replace(entry.start, next.start, '')
    if (before !== undefined) return this.#replace(before.end, entry.end, '')
    return `{}${this.#break}`
  }
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
