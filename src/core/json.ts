/** Whether a value from JSON has the form that its reader expects. */
export type Form = (value: unknown) => boolean

/** A string, also an empty one. */
export const isText = (value: unknown): value is string => typeof value === 'string'

/** The value that `text` spells; undefined where it is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A finite number: JSON reads 1e999 as Infinity. */
export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)

/** An object; not null, not a list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A list of any length, of such values. */
export const listOf =
  (form: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every(form)

/** A list that begins with such values; more may follow. */
export const startingWith =
  (...forms: readonly Form[]): Form =>
  (value) =>
    Array.isArray(value) && forms.every((form, i) => form(value[i]))

/** An object with these properties; it may have others. */
export const having = (forms: Readonly<Record<string, Form>>): Form => {
  const properties = Object.entries(forms)
  return (value) => isObject(value) && properties.every(([name, form]) => form(value[name]))
}

/** Such a value, or undefined. */
export const maybe =
  (form: Form): Form =>
  (value) =>
    value === undefined || form(value)
