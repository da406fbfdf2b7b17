/**
 * Where the shares of several machines begin and end: `shards.json` beside the ledger.
 *
 *     {"imgsizes":"shards","version":1,"bounds":["photos/a.jpg",…]}
 *
 * The bounds are sources in byte order, with about equally many sources between them: many more than there are ever
 * machines, so that any number of shares is made of them. Each is the last source of its piece; what sorts after the last
 * bound is a piece as well. So whatever becomes of the originals, each lies in one share, and machines that go by the
 * same bounds need share nothing else.
 */

import { createHash } from 'node:crypto'
import { compareBytes } from '../core/byte-order.ts'
import type { KeyRange } from '../core/key-range.ts'
import { Problem } from '../core/problem.ts'

/** A share of the sources: `index` of `count`, from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** The keys of a share; undefined where it is empty, as some are where there are fewer pieces than shares. */
export const rangeOfShare = (
  bounds: readonly string[],
  { index, count }: Shard,
): Pick<KeyRange, 'after' | 'upTo'> | undefined => {
  const pieces = bounds.length + 1
  const from = Math.floor(((index - 1) * pieces) / count)
  const to = Math.floor((index * pieces) / count)
  if (from === to) return undefined
  const [after, upTo] = [bounds[from - 1], bounds[to - 1]]
  return { ...(after !== undefined && { after }), ...(upTo !== undefined && to < pieces && { upTo }) }
}

/**
 * Whether a source that was named is in a share: by its name alone. Of a list that somebody makes, as of what has just
 * changed, hardly anything lies in most pieces.
 */
export const isInShare = (source: string, { index, count }: Shard): boolean =>
  createHash('sha256').update(source).digest().readUInt32BE() % count === index - 1

/** Twice as many at most while they are collected. */
const MOST_BOUNDS = 2_048

/** Collects bounds from all sources, which come in any order, in memory that does not grow with their number. */
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
    /** Bounds between equally many of what was added. */
    bounds: (): readonly string[] => [...kept].sort(compareBytes).slice(0, -1),
  }
}

/** The shares that are compared to see whether bounds are even still. */
const COMPARED = 16
const UNEVEN = 1.5

/** Whether one of several shares by `bounds` has got half as much again as by `fresh` ones, that were just made. */
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

export const formatBounds = (bounds: readonly string[]): string =>
  `${JSON.stringify({ ...HEADER, bounds })}\n`

/** Problem `shards-damaged`: whoever went by others would leave gaps. */
export const parseBounds = (name: string, text: string): readonly string[] => {
  const { imgsizes, version, bounds } = parseJson(name, text) as Partial<typeof HEADER> & { bounds?: unknown }
  if (imgsizes !== HEADER.imgsizes) throw damaged(name, 'it does not begin as one')
  if (version !== HEADER.version)
    throw damaged(name, `it is of version ${version}, this program reads ${HEADER.version}`)
  if (!Array.isArray(bounds) || !bounds.every((bound) => typeof bound === 'string'))
    throw damaged(name, 'its bounds are no names')
  const texts: readonly string[] = bounds
  if (texts.some((text, i) => compareBytes(texts[i - 1] ?? '', text) >= 0))
    throw damaged(name, 'its bounds go backwards')
  return texts
}

const parseJson = (name: string, text: string): object => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch (cause) {
    throw damaged(name, 'it is no JSON', cause)
  }
}

const damaged = (name: string, what: string, cause?: unknown): Problem =>
  new Problem('shards-damaged', `${name} says where shards begin, and cannot be read: ${what}.`, {
    hint: 'Delete it while no shard runs: the next one makes it anew.',
    subject: name,
    cause,
  })
