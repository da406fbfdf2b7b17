import { parseSourceKey, type SourceKey } from '../../core/source-key.ts'
import type { EventName } from '../../events/message-format.ts'
import type { Originals } from '../originals.ts'

/** A configured source, as events name it. */
export interface EventRoot {
  /** What its keys begin with: `blog/`; "" where it is the only source. */
  readonly prefix: string
  /** Its bucket, and what its objects begin with there; undefined where it is not in a bucket. */
  readonly bucket?: { readonly name: string; readonly prefix: string } | undefined
}

/** The sources that a message names, each with the time of its event, where known. */
export type NamedInMessage = ReadonlyMap<SourceKey, number | undefined>

/** Finds the sources that the names in a message mean. */
export type Naming = (names: readonly EventName[]) => NamedInMessage

/** How many unknown buckets are told: a sender could name any number of them. */
const MOST_UNKNOWN = 20

/**
 * Turns the names in messages into sources; what cannot be an original, such as a result of ours, is left out.
 * `onUnknownBucket` is called once for a bucket without any source: either it or the configuration is wrong.
 */
export const createNaming = (
  roots: readonly EventRoot[],
  originals: Pick<Originals, 'mayBe'> & Partial<Pick<Originals, 'sourceOfSidecar'>>,
  onUnknownBucket: (bucket: string) => void = () => {},
): Naming => {
  const unknown = new Set<string>()
  const note = (name: EventName): void => {
    if (name.kind === 'source' || roots.some(({ bucket }) => bucket?.name === name.bucket)) return
    if (unknown.has(name.bucket) || unknown.size >= MOST_UNKNOWN) return
    unknown.add(name.bucket)
    onUnknownBucket(name.bucket)
  }
  return (names) => {
    const sources = new Map<SourceKey, number | undefined>()
    for (const name of names) {
      note(name)
      for (const text of spell(name, roots)) {
        const key = originals.sourceOfSidecar?.(text) ?? parseSourceKey(text)
        if (key !== undefined && originals.mayBe(key)) sources.set(key, earliest(sources.get(key), name.at))
      }
    }
    return sources
  }
}

const spell = (name: EventName, roots: readonly EventRoot[]): readonly string[] => {
  if (name.kind === 'source') return [name.key]
  return roots.flatMap(({ prefix, bucket }) =>
    bucket?.name === name.bucket
      ? name.keys.flatMap((key) =>
          key.startsWith(bucket.prefix) ? [prefix + key.slice(bucket.prefix.length)] : [],
        )
      : [],
  )
}

/** The earlier of two times; one that is not known does not count. */
export const earliest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
