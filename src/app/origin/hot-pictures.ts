import { LRUCache } from 'lru-cache'
import { isSameObject, type SeenObject } from '../../core/mark.ts'
import type { ReadableStore } from '../../store/port.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { type HeldFacts, type StoredPicture, toHeld } from './picture-body.ts'

/** A small result in memory, with the mark of the object that it was read from. */
interface HotPicture extends StoredPicture, SeenObject {
  readonly body: Uint8Array
}

/** `hotBytes`: memory for all results together. */
export interface HotPicturesOptions {
  readonly store: Pick<ReadableStore, 'head'>
  readonly hotBytes: number
  readonly now: () => number
}

/** How long a result from a bucket is shown without another check. Checking a file costs almost nothing. */
export const FRESH_MS = 5_000
/** What an entry takes in addition to its bytes. */
const ENTRY_BYTES = 1_000

interface Entry {
  readonly picture: HotPicture
  /** When its object was last checked. */
  seenAt: number
}

/**
 * Recently asked results, in bounded memory. Each is shown only if its object was checked now or a moment ago. When
 * memory is full, the result that was not asked for longest is dropped.
 */
export const createHotPictures = ({ store, hotBytes, now }: HotPicturesOptions) => {
  const entries = new LRUCache<VariantKey, Entry>({
    maxSize: Math.max(1, Math.floor(hotBytes)),
    sizeCalculation: ({ picture }) => picture.sizeBytes + ENTRY_BYTES,
  })
  return {
    get: (key: VariantKey): HotPicture | undefined => entries.get(key)?.picture,
    /** One whose object was checked a moment ago; undefined where there is none. */
    fresh: (key: VariantKey): HotPicture | undefined => {
      const entry = entries.get(key)
      return entry !== undefined && now() - entry.seenAt < FRESH_MS ? entry.picture : undefined
    },
    /** Checks the object, and gives the result if the object is still the same. */
    recall: async (key: VariantKey, signal: AbortSignal): Promise<HotPicture | undefined> => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entry.seenAt = now() // requests that come during the check need not check, too
      const facts = await store.head(key, { signal }).catch((error: unknown) => {
        entry.seenAt = Number.NEGATIVE_INFINITY
        throw error
      })
      if (isSameObject(facts, entry.picture)) return entry.picture
      entries.delete(key)
      return undefined
    },
    /** Keeps a result whose object shows a mark. */
    add: (key: VariantKey, facts: HeldFacts & SeenObject): HotPicture => {
      const { sizeBytes, mark } = facts
      const picture = { ...toHeld(facts), sizeBytes, mark }
      entries.set(key, { picture, seenAt: now() })
      return picture
    },
  }
}
