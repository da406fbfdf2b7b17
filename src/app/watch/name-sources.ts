import { parseSourceKey, type SourceKey } from '../../core/source-key.ts'
import type { EventName } from '../../events/message.ts'
import type { Originals } from '../originals.ts'

/** A configured source, as events know it. */
export interface EventRoot {
  /** What its keys begin with: `blog/`; "" for the only source. */
  readonly prefix: string
  /** The bucket that it lies in, and what its objects begin with there; absent where it is none. */
  readonly bucket?: { readonly name: string; readonly prefix: string }
}

/** Which sources a message names, each with the time of what happened, where it is told. */
export type NamedInMessage = ReadonlyMap<SourceKey, number | undefined>

export type Naming = (names: readonly EventName[]) => NamedInMessage

/** Buckets that are told of: whoever may push could name any number of them. */
const MOST_STRANGERS = 20

/**
 * Turns the names of messages into sources; what cannot be an original, such as a result of ours, is left out.
 * `onStranger` hears once of a bucket in which no source lies: either it, or the configuration, is not the right one.
 */
export const createNaming = (
  roots: readonly EventRoot[],
  originals: Pick<Originals, 'mayBe'> & Partial<Pick<Originals, 'sourceOfSidecar'>>,
  onStranger: (bucket: string) => void = () => {},
): Naming => {
  const strangers = new Set<string>()
  const note = (name: EventName): void => {
    if (name.kind === 'source' || roots.some(({ bucket }) => bucket?.name === name.bucket)) return
    if (strangers.has(name.bucket) || strangers.size >= MOST_STRANGERS) return
    strangers.add(name.bucket)
    onStranger(name.bucket)
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

const earliest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
