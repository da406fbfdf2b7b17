/**
 * Where the shares of several machines begin and end: `shards.json` beside the ledger.
 *
 *     {"imgsizes":"shards","version":1,"bounds":["photos/a.jpg",…]}
 *
 * The bounds are sources in byte order, with about equally many sources between them. There are many more bounds than
 * machines, so that any number of shares can be made of them. Each bound is the last source of its piece, and what
 * sorts after the last bound is one more piece. So every source, also a new one, lies in exactly one share, and
 * machines with the same bounds need nothing else in common.
 */

import { createHash } from 'node:crypto'
import { compareBytes, type KeyRange } from '../core/byte-order.ts'
import { Problem } from '../core/problem.ts'

/** A share of the sources: `index` of `count`, from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** The range of keys of a share; undefined where it is empty, as happens when there are fewer pieces than shares. */
export const rangeOfShare = (
  bounds: readonly string[],
  { index, count }: Shard,
): Pick<KeyRange, 'after' | 'upTo'> | undefined => {
  const pieces = bounds.length + 1
  const from = Math.floor(((index - 1) * pieces) / count)
  const to = Math.floor((index * pieces) / count)
  if (from === to) return undefined
  const [after, upTo] = [bounds[from - 1], bounds[to - 1]]
  return { ...(after !== undefined && { after }), ...(upTo !== undefined && { upTo }) }
}

/**
 * Whether a named source is in a share, by its name alone. A list of named sources, for example of recent changes,
 * leaves most pieces empty, so bounds would not divide it evenly.
 */
export const isInShare = (source: string, { index, count }: Shard): boolean =>
  createHash('sha256').update(source).digest().readUInt32BE() % count === index - 1

/** While bounds are collected there may be twice as many. */
const MOST_BOUNDS = 2_048

/** Collects bounds from all sources, in any order; memory does not grow with their number. */
export const createBoundSampler = () => {
  let kept: string[] = []
  let every = 1
  let seen = 0
  return {
    add: (source: string): void => {
      if (seen++ % every !== 0) return
      kept.push(source)
      if (kept.length < 2 * MOST_BOUNDS) return
      kept = kept.filter((_, i) => i % 2 === 0)
      every *= 2
    },
    /** Bounds with equally many added sources between them. */
    bounds: (): readonly string[] => [...kept].sort(compareBytes).slice(0, -1),
  }
}

/** The number of shares that are compared to see whether bounds are still even. */
const COMPARED = 16
const UNEVEN = 1.5

/** Whether a share by `bounds` holds half as much again as one by `fresh` bounds, which were just made. */
export const areUneven = (bounds: readonly string[], fresh: readonly string[]): boolean => {
  const shares = Array.from({ length: COMPARED }, (_, i) =>
    rangeOfShare(bounds, { index: i + 1, count: COMPARED }),
  )
  const ends = shares.flatMap((range) => range?.upTo ?? [])
  const counts = new Array<number>(ends.length + 1).fill(0)
  for (const source of fresh) {
    const share = ends.findIndex((end) => compareBytes(source, end) <= 0)
    const place = share === -1 ? ends.length : share
    counts[place] = (counts[place] ?? 0) + 1
  }
  return fresh.length >= COMPARED && Math.max(...counts) > (UNEVEN * fresh.length) / COMPARED
}

const HEADER = { imgsizes: 'shards', version: 1 } as const

/** The text of shards.json; the inverse of {@link parseBounds}. */
export const formatBounds = (bounds: readonly string[]): string =>
  `${JSON.stringify({ ...HEADER, bounds })}\n`

/** Problem `shards-damaged`: machines with different bounds would leave gaps. */
export const parseBounds = (name: string, text: string): readonly string[] => {
  const { imgsizes, version, bounds } = parseJson(name, text) as Partial<typeof HEADER> & { bounds?: unknown }
  if (imgsizes !== HEADER.imgsizes) throw damaged(name, 'it does not begin as one')
  if (version !== HEADER.version)
    throw damaged(name, `it is of version ${version}, this program reads ${HEADER.version}`)
  if (!Array.isArray(bounds) || !bounds.every((bound) => typeof bound === 'string'))
    throw damaged(name, 'its bounds are not names')
  const texts: readonly string[] = bounds
  if (texts.some((text, i) => compareBytes(texts[i - 1] ?? '', text) >= 0))
    throw damaged(name, 'its bounds are not in order')
  return texts
}

const parseJson = (name: string, text: string): object => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch (cause) {
    throw damaged(name, 'it is not JSON', cause)
  }
}

const damaged = (name: string, what: string, cause?: unknown): Problem =>
  new Problem('shards-damaged', `${name} says where shards begin, but cannot be read: ${what}.`, {
    hint: 'Delete it while no shard runs; the next shard makes a new one.',
    subject: name,
    cause,
  })
