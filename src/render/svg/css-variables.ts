/**
 * A drawing with the values of its CSS variables in their places, because librsvg knows no variables: of each variable
 * the first value, which is that of a light colour scheme where one for dark follows. Not covered: values that differ
 * from element to element, and those that are more than a colour, a number or the name of a part.
 */
export const replaceVariables = (drawing: string): string => {
  if (!drawing.includes('var(')) return drawing
  const values = new Map<string, string>()
  for (const [, name = '', value = ''] of drawing.matchAll(DEFINITION))
    if (!values.has(name)) values.set(name, value.trim())
  return drawing.replaceAll(USE, (use, name: string, fallback?: string) => {
    const value = values.get(name) ?? fallback?.trim() ?? ''
    return PLAIN.test(value) ? value : use
  })
}

const DEFINITION = /(--[\w-]{1,100})\s*:([^;{}<>"]{1,100})/g
const USE = /var\(\s*(--[\w-]{1,100})\s*(?:,((?:[^()"<>]|\([^()"<>]{0,100}\)){0,100}))?\)/g
/** Nothing that could end the attribute or the element that it is written into, and short: a use is not much longer. */
const PLAIN = /^[\w#%.,() +-]{1,40}$/
