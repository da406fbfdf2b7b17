import type { SourceKey } from '../core/source-key.ts'
import type { VariantKey } from '../url/keyring.ts'
import type { Tell } from './event.ts'
import { deleteKeys } from './prune.ts'
import type { Results } from './results.ts'

export interface PurgeInput {
  readonly results: Results
  /** Which sources lose their results. */
  readonly isChosen: (key: SourceKey) => boolean
  /** What every key of a chosen source begins with; "" where nothing is known. */
  readonly prefix: string
  readonly tell: Tell
  readonly signal?: AbortSignal
}

/** The results that {@link purge} would delete, in byte order. Whether the sources exist does not matter. */
export const listPurge = async ({
  results,
  isChosen,
  prefix,
  signal,
}: PurgeInput): Promise<readonly VariantKey[]> => {
  const keys: VariantKey[] = []
  for await (const { key, variant } of results.list({ prefix, ...(signal && { signal }) }))
    if (isChosen(variant.source)) keys.push(key)
  return keys
}

/** Deletes results now, with no guard but the caller's question. Problem `delete-incomplete`. */
export const purge = async (input: PurgeInput, keys: readonly VariantKey[]): Promise<void> => {
  await deleteKeys(input, keys)
  for (const key of keys) input.tell({ kind: 'result-deleted', key })
}
