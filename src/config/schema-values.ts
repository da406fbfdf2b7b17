import * as z from 'zod'
import { parseBytes, parseDurationMs } from './units.ts'

/**
 * What a schema takes, readonly. Its properties keep the comments of the rows that they are made from: those are what
 * editors show, and what the reference and the JSON Schema say (docs/generate/options.ts).
 */
export type Input<S> = S extends z.ZodOptional<infer T> | z.ZodExactOptional<infer T>
  ? Input<T> | undefined
  : S extends z.ZodPrefault<infer T>
    ? Input<T> | undefined
    : S extends z.ZodPipe<infer T>
      ? Input<T>
      : S extends z.ZodArray<infer T>
        ? readonly Input<T>[]
        : S extends z.ZodRecord<infer _, infer T>
          ? { readonly [name: string]: Input<T> }
          : S extends z.ZodUnion<infer T>
            ? Input<T[number]>
            : S extends z.ZodObject<infer F>
              ? Needed<F, Exclude<keyof F, OptionalKey<F>>> & Optional<F, OptionalKey<F>>
              : S extends z.ZodTuple
                ? Readonly<z.input<S>>
                : z.input<S>

type OptionalKey<F> = {
  [K in keyof F]: F[K] extends z.ZodOptional | z.ZodExactOptional | z.ZodPrefault ? K : never
}[keyof F]

// Mapped over keys of `F` by a type parameter, so that the compiler takes over the comments of its properties.
type Needed<F, K extends keyof F> = { readonly [P in K]: Input<F[P]> }
type Optional<F, K extends keyof F> = { readonly [P in K]?: Input<F[P]> | undefined }

const LOOKS = new WeakMap<object, z.ZodType>()

/** A value that is read elsewhere, with better words than a schema has; `like` says to editors what it looks like. */
export const readElsewhere = <T>(like: z.ZodType) => {
  const schema = z.custom<T>()
  LOOKS.set(schema, like)
  return schema
}

/** What {@link readElsewhere} was told of a schema. */
export const lookOf = (schema: object): z.ZodType | undefined => LOOKS.get(schema)

/** The same for a value that has the type of what it looks like. */
export const checkedLater = <S extends z.ZodType>(like: S) => readElsewhere<Input<S>>(like)

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

/** A number in a range. */
export const numberIn = (min: number, max: number) => {
  const error = `a number ${min}..${max}`
  return z.number({ error }).min(min, { error }).max(max, { error })
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

/** A share of a whole. */
export const share = numberIn(0, 1)
