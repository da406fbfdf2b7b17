import { compareBytes } from './byte-order.ts'

/** A part of all keys; an absent property sets no bound. */
export interface KeyRange {
  /** Only keys that begin with this text. */
  readonly prefix?: string
  /** Only keys that sort after this text. */
  readonly after?: string
  /** Only this key, and keys that sort before it. */
  readonly upTo?: string
}

/** Whether a key lies in a range. */
export const isInRange = (key: string, { prefix, after, upTo }: KeyRange): boolean =>
  (prefix === undefined || key.startsWith(prefix)) &&
  (after === undefined || compareBytes(key, after) > 0) &&
  (upTo === undefined || compareBytes(key, upTo) <= 0)

/**
 * The same range, of keys without the folder at their front; undefined where no key below the folder is in the range.
 */
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
