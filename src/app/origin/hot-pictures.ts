import { LRUCache } from 'lru-cache'
import { isSameLook, type Look } from '../../core/mark.ts'
import type { ReadableStore } from '../../store/port.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { type HeldFacts, type StoredPicture, toHeld } from './picture.ts'

/** A small result in memory, and the object that it was read from. */
interface HotPicture extends StoredPicture, Look {
  readonly body: Uint8Array
}

/** The results asked for of late, in bounded memory. None is shown without a look at its object, now or a moment ago. */
export interface HotPictures {
  get(key: VariantKey): HotPicture | undefined
  /** One whose object was looked at a moment ago. */
  fresh(key: VariantKey): HotPicture | undefined
  /** One whose object is still the same: looks at it. */
  recall(key: VariantKey, signal: AbortSignal): Promise<HotPicture | undefined>
  /** Of an object that shows a mark. */
  add(key: VariantKey, facts: HeldFacts & Look): HotPicture
}

export interface HotPicturesOptions {
  readonly store: Pick<ReadableStore, 'head'>
  readonly hotBytes: number
  readonly now: () => number
}

/** How long a result in a bucket is shown without another look: where a file is, that costs next to nothing. */
export const FRESH_MS = 5_000
/** Of an entry beside its bytes. */
const ENTRY_BYTES = 1_000

interface Entry {
  readonly picture: HotPicture
  /** When its object was looked at. */
  seenAt: number
}

export const createHotPictures = ({ store, hotBytes, now }: HotPicturesOptions): HotPictures => {
  const entries = new LRUCache<VariantKey, Entry>({
    maxSize: Math.max(1, Math.floor(hotBytes)),
    sizeCalculation: ({ picture }) => picture.sizeBytes + ENTRY_BYTES,
  })
  return {
    get: (key) => entries.get(key)?.picture,
    fresh: (key) => {
      const entry = entries.get(key)
      return entry !== undefined && now() - entry.seenAt < FRESH_MS ? entry.picture : undefined
    },
    recall: async (key, signal) => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entry.seenAt = now() // who comes meanwhile need not look, too
      const facts = await store.head(key, { signal }).catch((error: unknown) => {
        entry.seenAt = Number.NEGATIVE_INFINITY
        throw error
      })
      if (isSameLook(facts, entry.picture)) return entry.picture
      entries.delete(key)
      return undefined
    },
    add: (key, facts) => {
      const { sizeBytes, mark } = facts
      const picture = { ...toHeld(facts), sizeBytes, mark }
      entries.set(key, { picture, seenAt: now() })
      return picture
    },
  }
}
