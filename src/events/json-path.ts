/** The value in a JSON value below these names; undefined where there is none. */
export const valueAt = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  )

/** The same where it is a text and not empty. */
export const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const text = valueAt(value, ...path)
  return typeof text === 'string' && text !== '' ? text : undefined
}

/** The same where it is a list. */
export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] | undefined => {
  const list = valueAt(value, ...path)
  return Array.isArray(list) ? list : undefined
}
