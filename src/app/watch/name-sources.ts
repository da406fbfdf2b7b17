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

/** Turns the names of messages into sources; what cannot be an original, such as a result of ours, is left out. */
export const createNaming =
  (roots: readonly EventRoot[], originals: Pick<Originals, 'mayBe'>): Naming =>
  (names) => {
    const sources = new Map<SourceKey, number | undefined>()
    for (const name of names)
      for (const text of spell(name, roots)) {
        const key = parseSourceKey(text)
        if (key !== undefined && originals.mayBe(key)) sources.set(key, earliest(sources.get(key), name.at))
      }
    return sources
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
