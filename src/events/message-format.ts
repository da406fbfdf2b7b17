import { decodePercent } from '../core/percent.ts'
import { textAt } from './json-path.ts'

/** What a message names. Nothing else of it is believed: the originals' present state decides. */
export type EventName =
  /** An object of a bucket, with each of the keys that it may have. */
  | {
      readonly kind: 'object'
      readonly bucket: string
      readonly keys: readonly string[]
      /** When it happened, by the sender's clock: milliseconds since 1970. */
      readonly at?: number
    }
  /** A source by its key in the configuration. */
  | { readonly kind: 'source'; readonly key: string; readonly at?: number }

/** What a message says. */
export type ParsedMessage =
  | { readonly kind: 'names'; readonly names: readonly EventName[] }
  /** Nothing happened: a test message, for example when the sender was set up. */
  | { readonly kind: 'test'; readonly what: string }
  /** The sender asks to confirm the address by opening this URL. */
  | { readonly kind: 'confirmation'; readonly url: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** One format: what a JSON value of it says; undefined where the value is not of it. */
export type MessageFormat = (value: unknown) => ParsedMessage | undefined

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
