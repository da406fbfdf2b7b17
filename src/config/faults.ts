import type * as z from 'zod'
import { countBytes } from '../core/byte-order.ts'
import { isObject } from '../core/json.ts'
import type { ConfigFault } from './config-problem.ts'
import { suggestName } from './suggest.ts'

/** Collects all mistakes while a configuration is read, so that they are told at once. */
export class Faults {
  readonly #byPath = new Map<string, ConfigFault>()

  get list(): readonly ConfigFault[] {
    return [...this.#byPath.values()]
  }

  get count(): number {
    return this.#byPath.size
  }

  /** Whether there is a fault at this option or within it. */
  has(option: string): boolean {
    const isWithin = (path: string): boolean =>
      path.startsWith(option) && /^(?:$|[.[])/.test(path.slice(option.length))
    return [...this.#byPath.keys()].some(isWithin)
  }

  /** Only the first fault of a path is kept: it must be corrected first. Gives undefined, for what could not be read. */
  add(path: string, found: string, allowed: string, suggestion?: string): undefined {
    if (!this.#byPath.has(path)) this.#byPath.set(path, { path, found, allowed, suggestion })
  }

  /** Adds an unknown option. Its value is never shown: it may be a secret in the wrong place. */
  addUnknown(path: string, known: readonly string[]): void {
    this.add(
      path,
      'unknown option',
      known.join(', '),
      suggestName(path.slice(path.lastIndexOf('.') + 1), known),
    )
  }
}

/** Where a value is read, and where its faults are collected. */
export interface ReadContext {
  readonly path: string
  readonly faults: Faults
  /** The value may be a secret: faults only say of which kind it is. */
  readonly isHidden?: boolean
  /** Whether the schema reads thousands of values, so that to compile it is worth its 10 ms. */
  readonly isRepeated?: boolean
}

/**
 * `value` as `schema` reads it, for an object whose fields are all optional. A wrong field, however deep, is told and
 * then left out, so that everything else can still be checked in the same run. Undefined where nothing is right.
 */
export const readObject = <S extends z.ZodObject>(
  schema: S,
  value: unknown,
  context: ReadContext,
): z.output<S> | undefined => {
  const jitless = context.isRepeated !== true
  const result = schema.safeParse(value, { jitless })
  if (result.success) return result.data
  addIssues(result.error.issues, value, context)
  let { issues } = result.error
  for (let right: unknown = value; ; ) {
    right = leaveOut(right, issues.flatMap(pathsOf))
    if (right === undefined) return undefined
    const read = schema.safeParse(right, { jitless })
    if (read.success) return read.data
    issues = read.error.issues
  }
}

const pathsOf = (issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] =>
  issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]

/** `value` without the fields at these paths; undefined where it is useless without one, or is no object. */
const leaveOut = (value: unknown, paths: readonly (readonly PropertyKey[])[]): unknown => {
  if (!isObject(value)) return undefined
  const byKey = new Map<string, (readonly PropertyKey[])[]>()
  for (const [key, ...rest] of paths) {
    const name = String(key)
    // Without the object itself, or without a field that it needs, nothing is left.
    if (key === undefined || (rest.length === 0 && !(name in value))) return undefined
    if (byKey.get(name)?.push(rest) === undefined) byKey.set(name, [rest])
  }
  const fields = Object.entries(value).flatMap(([name, inner]) => {
    const within = byKey.get(name)
    const left = within === undefined ? inner : leaveOut(inner, within)
    return within !== undefined && left === undefined ? [] : [[name, left]]
  })
  return Object.fromEntries(fields)
}

/** The path of a field inside the value at `path`. */
export const joinPath = (path: string, key: PropertyKey): string => {
  const name = String(key)
  if (typeof key === 'number') return `${path}[${name}]`
  const segment = /^[\w$-]+$/.test(name) ? name : JSON.stringify(name)
  return path === '' ? segment : `${path}.${segment}`
}

const addIssues = (issues: readonly z.core.$ZodIssue[], value: unknown, context: ReadContext): void => {
  for (const issue of issues.flatMap(openUnion)) {
    const path = issue.path.reduce<string>(joinPath, context.path)
    if (issue.code === 'unrecognized_keys') {
      const known = issue.message.split(', ')
      for (const key of issue.keys) context.faults.addUnknown(joinPath(path, key), known)
    } else {
      const found = issue.path.reduce<unknown>(valueAt, value)
      const allowed = issue.message
      if (context.isHidden) context.faults.add(path, describeHidden(found), allowed)
      else context.faults.add(path, describeFound(found), allowed, suggestWord(found, issue))
    }
  }
}

/** The allowed word that is most similar to a wrong one. */
const suggestWord = (found: unknown, issue: z.core.$ZodIssue): string | undefined => {
  if (typeof found !== 'string' || issue.code !== 'invalid_value') return undefined
  const words = issue.values.filter((value) => typeof value === 'string')
  return suggestName(found, words)
}

/** The issues of the member of a union that the value seems to be; if there is none, the union's own message. */
const openUnion = (issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] => {
  if (issue.code !== 'invalid_union') return [issue]
  const member = issue.errors.find(
    (issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  )
  return member?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue]
}

const valueAt = (value: unknown, key: PropertyKey): unknown => {
  if (Array.isArray(value)) return value[Number(key)]
  return isObject(value) ? value[String(key)] : undefined
}

const MAX_TEXT = 60

/** A value of a configuration in a few words, without possible credentials of a URI. */
export const describeFound = (value: unknown): string => {
  if (typeof value === 'string') return quote(redactUri(value))
  if (Array.isArray(value)) return describeList(value)
  if (typeof value === 'object' && value !== null)
    return shorten(`an object { ${Object.keys(value).join(', ')} }`)
  return describeKind(value)
}

/** As {@link describeFound} for a secret: says its kind and length, never its content. */
export const describeHidden = (value: unknown): string => {
  if (typeof value === 'string') return `a text of ${countBytes(value)} bytes`
  const kind = describeKind(value)
  // A secret may be written without its quotes; no other option has so many digits.
  return /\d{8}/.test(kind) ? 'a long number' : kind
}

/**
 * `text` with possible credentials replaced: everything between "://" and the last "@".
 * Greedy on purpose: S3 secret keys contain "/" and "+", so no parser of URIs finds their end.
 */
const redactUri = (text: string): string => text.replace(/:\/\/.*@/s, '://***@')

/** `text` in quotes, cut to a length that fits its line. */
export const quote = (text: string): string => JSON.stringify(shorten(text))

const shorten = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text)

const describeList = (list: readonly unknown[]): string => {
  const isPlain = list.every((entry) => typeof entry === 'number' || typeof entry === 'boolean')
  return isPlain ? shorten(`[${list.join(', ')}]`) : `a list of ${list.length}`
}

const describeKind = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
