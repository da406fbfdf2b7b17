import { compareBytes, isInRange, type KeyRange } from '../../core/byte-order.ts'
import type { SourceGroup } from '../../plan/group.ts'
import {
  areUneven,
  createBoundSampler,
  formatBounds,
  parseBounds,
  rangeOfShare,
  type Shard,
} from '../../plan/shares.ts'
import type { ObjectHeaders, WritableStore } from '../../store/port.ts'
import { type Originals, UNTOLD } from '../originals.ts'
import type { Selection } from './select-groups.ts'

interface SharesOptions {
  /** The store of the ledger. */
  readonly store: WritableStore
  readonly prefix: string
  readonly originals: Pick<Originals, 'list'>
}

/** The shares of several machines that build one output together. */
export type Shares = ReturnType<typeof createShares>

/** Sees all sources, and sets new bounds where the shares have become uneven. */
export interface SharesWatch {
  readonly observe: (group: SourceGroup) => void
  finish(): Promise<void>
}

const HEADERS: ObjectHeaders = { contentType: 'application/json', cacheControl: 'no-store', metadata: {} }

/** Keeps the bounds in one file, `shards.json`, beside the ledger. */
export const createShares = ({ store, prefix, originals }: SharesOptions) => {
  const name = `${prefix}shards.json`
  const read = async (signal: AbortSignal | undefined): Promise<readonly string[] | undefined> => {
    const object = await store.get(name, { signal })
    return object && parseBounds(name, new TextDecoder().decode(object.bytes))
  }
  const write = (bounds: readonly string[], createOnly: boolean) =>
    store.put(name, new TextEncoder().encode(formatBounds(bounds)), { headers: HEADERS, createOnly })
  const make = async (signal: AbortSignal | undefined): Promise<readonly string[]> => {
    const sampler = createBoundSampler()
    // Paths that cannot be listed are told by the build that follows.
    for await (const { key, isIncluded } of originals.list({ ...UNTOLD, signal }))
      if (isIncluded) sampler.add(key)
    const bounds = sampler.bounds()
    const { kind } = await write(bounds, true)
    return kind === 'stored' ? bounds : ((await read(signal)) ?? bounds)
  }
  return {
    /**
     * The sources of one share; undefined where it is empty. The bounds beside the ledger decide, so they are the same
     * for every machine at any time; where there are none, the first machine that has listed the originals sets them.
     */
    find: async (shard: Shard, { signal }: { readonly signal?: AbortSignal | undefined } = {}) =>
      rangeOfShare((await read(signal)) ?? (await make(signal)), shard),
    /** For a run that sees every source; undefined where nobody has asked for a share yet. */
    watch: async ({
      signal,
    }: {
      readonly signal?: AbortSignal | undefined
    } = {}): Promise<SharesWatch | undefined> => {
      const bounds = await read(signal)
      if (bounds === undefined) return undefined
      const sampler = createBoundSampler()
      return {
        observe: ({ source }) => {
          if (source?.isIncluded) sampler.add(source.key)
        },
        finish: async () => {
          const fresh = sampler.bounds()
          if (areUneven(bounds, fresh)) await write(fresh, false)
        },
      }
    },
  }
}

/** The part of a selection that lies in a share, as `Shares.find` gives it; nothing where the share is empty. */
export const narrowToShare = (
  { isSelected = () => true, range = {} }: Selection,
  share: Pick<KeyRange, 'after' | 'upTo'> | undefined,
): Selection => {
  if (share === undefined) return { keys: [] }
  const [upTo] = [range.upTo, share.upTo].filter((text) => text !== undefined).sort(compareBytes)
  return {
    range: { ...range, ...share, ...(upTo !== undefined && { upTo }) },
    isSelected: (key) => isInRange(key, share) && isSelected(key),
  }
}
