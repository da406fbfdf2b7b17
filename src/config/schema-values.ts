import * as z from 'zod'
import { parseBytes, parseDurationMs } from './units.ts'

/** A schema for every field of an input, so that the compiler finds one that is missing or of another type. */
export type Fields<Input> = {
  readonly [K in keyof Required<Input>]: z.ZodType<unknown, Input[K] | undefined>
}

/** An object with known fields; the message for an unknown one lists their names. */
export const object = <S extends Record<string, z.ZodType>>(shape: S) => {
  const names = Object.keys(shape)
  const example = `an object such as { ${names.slice(0, 3).join(', ')} }`
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? names.join(', ') : example),
  })
}

/** A whole number in a range. */
export const wholeNumber = (min: number, max: number = Number.MAX_SAFE_INTEGER) => {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `${min}..${max}`
  const error = `a whole number ${range}`
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error })
}

/** One of these words. */
export const choice = <const T extends readonly string[]>(words: T) =>
  z.enum(words, { error: words.join(', ') })

/** A list that is not empty; `allowed` names its entries in the message. */
export const list = <S extends z.ZodType>(entry: S, allowed: string) => {
  const error = `a list, not empty, of ${allowed}`
  return z.array(entry, { error }).min(1, { error })
}

/** True or false. */
export const boolean = z.boolean({ error: 'true or false' })

/** A text with a unit, which `parse` reads; the message says which units there are. */
const amount = (parse: (text: string) => number | undefined, max: number, allowed: string) =>
  z.string({ error: allowed }).transform((text, context) => {
    const value = parse(text)
    if (value !== undefined && value >= 1 && value <= max) return value
    context.addIssue({ code: 'custom', message: allowed })
    return z.NEVER
  })

const BYTES_ALLOWED = "bytes as a whole number from 1 or a text such as '64MB', '64MiB'"
/** Bytes as a number, or as a text with a unit. */
export const bytes = z.union([wholeNumber(1), amount(parseBytes, Number.MAX_SAFE_INTEGER, BYTES_ALLOWED)], {
  error: BYTES_ALLOWED,
})

/** Timers of Node have 31 bits; a longer one ends at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
/** A text with a unit, in milliseconds. */
export const duration = amount(
  parseDurationMs,
  MAX_TIMEOUT_MS,
  "a duration such as '15s', '500ms', '2m', at most 24d",
)

/** A text that can be the value of an HTTP header. */
export const headerValue = z
  .string({ error: 'a text, the value of the header' })
  .regex(/^[\x20-\x7e]+$/, { error: 'printable ASCII, the value of the header' })
