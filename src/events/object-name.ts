import { textAt } from './json.ts'
import type { EventName } from './message.ts'

/** How a sender writes keys: as in the query of a URL, or perhaps as they are. */
export type KeySpelling = 'encoded' | 'unsure'

/** An object's name; undefined where bucket or key is missing. */
export const toObjectName = (
  bucket: string | undefined,
  key: string | undefined,
  { spelling, time }: { readonly spelling: KeySpelling; readonly time?: string | undefined },
): EventName | undefined => {
  if (bucket === undefined || key === undefined) return undefined
  const decoded = decodeKey(key)
  // A name that was not meant is looked for in vain, and that is all.
  const keys = spelling === 'encoded' ? [decoded ?? key] : [...new Set([key, decoded ?? key])]
  return { kind: 'object', bucket, keys, ...toTime(time) }
}

/** As `application/x-www-form-urlencoded`; undefined where it is not. */
const decodeKey = (key: string): string | undefined => {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** A time that cannot be read is none. */
export const toTime = (text: string | undefined): { readonly at?: number } => {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? {} : { at }
}

/** The time of whatever this is, by the names that senders give it. */
export const timeOf = (value: unknown): string | undefined =>
  textAt(value, 'eventTime') ?? textAt(value, 'time') ?? textAt(value, 'updated')
