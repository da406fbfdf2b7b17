import { compareBytes } from './byte-order.ts'

/** A piece of a keyspace; what is absent bounds nothing. */
export interface KeyRange {
  /** Keys that begin with this text. */
  readonly prefix?: string
  /** Keys that sort after this text. */
  readonly after?: string
  /** Keys that sort before this text, and the one that is it. */
  readonly upTo?: string
}

export const isInRange = (key: string, { prefix, after, upTo }: KeyRange): boolean =>
  (prefix === undefined || key.startsWith(prefix)) &&
  (after === undefined || compareBytes(key, after) > 0) &&
  (upTo === undefined || compareBytes(key, upTo) <= 0)

/** The same range of keys without the folder that they begin with; undefined where no key below it is in the range. */
export const rangeBelow = (range: KeyRange, folder: string): KeyRange | undefined => {
  if (!reachesInto(range, folder)) return undefined
  const ends = Object.entries(range).filter(([, text]) => text?.startsWith(folder))
  return Object.fromEntries(ends.map(([name, text]) => [name, text.slice(folder.length)]))
}

/** Whether a key below this folder, which ends in "/", can be in the range. */
export const reachesInto = ({ prefix = '', after, upTo }: KeyRange, folder: string): boolean =>
  (folder.startsWith(prefix) || prefix.startsWith(folder)) &&
  (after === undefined || after.startsWith(folder) || compareBytes(folder, after) > 0) &&
  (upTo === undefined || compareBytes(folder, upTo) <= 0)
