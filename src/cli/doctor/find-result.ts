import { PRIVATE_SEGMENT } from '../../core/source-key.ts'
import type { ReadableStore, StoredObject } from '../../store/port.ts'
import type { Keyring, VerifiedKey } from '../../url/keyring.ts'

export interface FoundResult {
  readonly object: StoredObject
  readonly verified: VerifiedKey
}

/** Foreign objects before the first result, at most: a bucket may be full of them. */
const MOST_LOOKED_AT = 10_000

/** The first result of the store that a retired secret did not sign, as `serve` would have it. */
export const findResult = async (
  store: ReadableStore,
  keyring: Keyring,
  signal: AbortSignal,
): Promise<FoundResult | undefined> => {
  let looked = 0
  for await (const object of store.list({ signal, onUnlisted: () => {} })) {
    const verified = keyring.verify(object.key)
    if (verified !== undefined && keyring.secrets[verified.secretIndex]?.isRetired === false)
      return { object, verified }
    if (++looked >= MOST_LOOKED_AT) return undefined
  }
  return undefined
}

/** A key of something that is ours and no result. */
export const findPrivateKey = async (
  store: ReadableStore,
  signal: AbortSignal,
): Promise<string | undefined> => {
  for await (const { key } of store.list({ prefix: `${PRIVATE_SEGMENT}/`, signal })) return key
  return undefined
}
