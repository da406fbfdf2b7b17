import type * as z from 'zod'
import { isObject } from '../core/json.ts'
import type { ConfigFault } from './config-problem.ts'
import { describeFound, describeHidden } from './found.ts'
import { suggestName } from './suggest.ts'

/** Collects what is wrong while a configuration is read, so that all of it is told at once. */
export class Faults {
  readonly #byPath = new Map<string, ConfigFault>()

  get list(): readonly ConfigFault[] {
    return [...this.#byPath.values()]
  }

  get count(): number {
    return this.#byPath.size
  }

  /** One fault for each path: the first says what must be put right first. */
  add(fault: ConfigFault): void {
    if (!this.#byPath.has(fault.path)) this.#byPath.set(fault.path, fault)
  }

  /** An option that nobody knows; its value is never shown, for it may be a secret in the wrong place. */
  addUnknown(path: string, known: readonly string[]): void {
    const suggestion = suggestName(path.slice(path.lastIndexOf('.') + 1), known)
    this.add({
      path,
      found: 'unknown option',
      allowed: known.join(', '),
      ...(suggestion !== undefined && { suggestion }),
    })
  }
}

/** Where a value is read, and where its faults go. */
export interface ReadContext {
  readonly path: string
  readonly faults: Faults
  /** The value may be a secret: faults say only what kind of thing it is. */
  readonly isHidden?: boolean
}

/**
 * `value` as `schema` reads it, for an object whose fields are all optional: a wrong field, however deep, is told and then
 * left out, so that what depends on the right ones can still be checked in the same run. Undefined where nothing is right.
 */
export const readObject = <S extends z.ZodObject>(
  schema: S,
  value: unknown,
  context: ReadContext,
): z.output<S> | undefined => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  addIssues(result.error.issues, value, context)
  let { issues } = result.error
  for (let right: unknown = value; ; ) {
    right = issues.flatMap(pathsOf).reduce(leaveOut, right)
    if (right === undefined) return undefined
    const read = schema.safeParse(right)
    if (read.success) return read.data
    issues = read.error.issues
  }
}

const pathsOf = (issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] =>
  issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]

/** `value` without the field at the path; undefined where that field is what it cannot do without, or it is no object. */
const leaveOut = (value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown => {
  if (!isObject(value) || key === undefined || !(key in value)) return undefined
  const { [String(key)]: inner, ...others } = value
  const left = rest.length > 0 ? leaveOut(inner, rest) : undefined
  return left === undefined ? others : { ...others, [String(key)]: left }
}

/** `path` of a field within the thing at `path`. */
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
      const describe = context.isHidden === true ? describeHidden : describeFound
      const suggestion = context.isHidden === true ? undefined : suggestWord(found, issue)
      context.faults.add({
        path,
        found: describe(found),
        allowed: issue.message,
        ...(suggestion !== undefined && { suggestion }),
      })
    }
  }
}

/** Of one of several words, the one that a wrong one looks like. */
const suggestWord = (found: unknown, issue: z.core.$ZodIssue): string | undefined => {
  if (typeof found !== 'string' || issue.code !== 'invalid_value') return undefined
  const words = issue.values.filter((value) => typeof value === 'string')
  return suggestName(found, words)
}

/** Of a union, the issues of the member that is of the right kind; without one, what the union says. */
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
