import { decodePercent } from '../core/percent.ts'
import { textAt } from './json-path.ts'
import type { EventName } from './message-format.ts'

/** How a sender writes keys: as in the query of a URL, or possibly as they are. */
export type KeySpelling = 'encoded' | 'unsure'

/** An object's name; undefined where bucket or key is missing. */
export const toObjectName = (
  bucket: string | undefined,
  key: string | undefined,
  time: string | undefined,
  spelling: KeySpelling = 'unsure',
): EventName | undefined => {
  if (bucket === undefined || key === undefined) return undefined
  const decoded = decodePercent(key.replaceAll('+', ' '))
  // A wrong name does no harm: nothing is found under it.
  const keys = spelling === 'encoded' ? [decoded ?? key] : [...new Set([key, decoded ?? key])]
  return { kind: 'object', bucket, keys, ...toTime(time) }
}

/** A time that cannot be read is left out. */
export const toTime = (text: string | undefined): { readonly at?: number } => {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? {} : { at }
}

/** The time of an event, under any of the names that senders use. */
export const timeOf = (value: unknown): string | undefined =>
  textAt(value, 'eventTime') ?? textAt(value, 'time') ?? textAt(value, 'updated')
