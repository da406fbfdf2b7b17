import { countBytes } from '../core/byte-order.ts'

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
export const describeHidden = (value: unknown): string =>
  typeof value === 'string' ? `a text of ${countBytes(value)} bytes` : describeKind(value)

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
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
