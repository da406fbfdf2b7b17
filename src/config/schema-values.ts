import * as z from 'zod'
import { parseBytes, parseDurationMs } from './units.ts'

/** A schema for every field of an input, so that the compiler sees one that is missing or of another type. */
export type Fields<Input> = {
  readonly [K in keyof Required<Input>]: z.ZodType<unknown, Input[K] | undefined>
}

/** An object that knows its fields: for an unknown one, the message is the list of names. */
export const object = <S extends Record<string, z.ZodType>>(shape: S) => {
  const names = Object.keys(shape)
  const example = `an object such as { ${names.slice(0, 3).join(', ')} }`
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? names.join(', ') : example),
  })
}

export const wholeNumber = (min: number, max: number = Number.MAX_SAFE_INTEGER) => {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `${min}..${max}`
  const error = `a whole number ${range}`
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error })
}

export const choice = <const T extends readonly string[]>(words: T) =>
  z.enum(words, { error: words.join(', ') })

export const list = <S extends z.ZodType>(entry: S, allowed: string) => {
  const error = `a list, not empty, of ${allowed}`
  return z.array(entry, { error }).min(1, { error })
}

export const boolean = z.boolean({ error: 'true or false' })

/** A text in `parse`'s units; its message says which. */
const amount = (parse: (text: string) => number | undefined, max: number, allowed: string) =>
  z.string({ error: allowed }).transform((text, context) => {
    const value = parse(text)
    if (value !== undefined && value >= 1 && value <= max) return value
    context.addIssue({ code: 'custom', message: allowed })
    return z.NEVER
  })

const BYTES_ALLOWED = "bytes as a whole number from 1 or a text such as '64MB', '64MiB'"
export const bytes = z.union([wholeNumber(1), amount(parseBytes, Number.MAX_SAFE_INTEGER, BYTES_ALLOWED)], {
  error: BYTES_ALLOWED,
})

/** Timers of Node hold 31 bits; a longer one fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
export const duration = amount(
  parseDurationMs,
  MAX_TIMEOUT_MS,
  "a duration such as '15s', '500ms', '2m', at most 24d",
)

export const headerValue = z
  .string({ error: 'a text, the value of the header' })
  .regex(/^[\x20-\x7e]+$/, { error: 'printable ASCII, the value of the header' })
