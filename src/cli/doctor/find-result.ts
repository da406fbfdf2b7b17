import { PRIVATE_SEGMENT } from '../../core/source-key.ts'
import type { ReadableStore, StoredObject } from '../../store/port.ts'
import type { Keyring, VerifiedKey } from '../../url/keyring.ts'

/** A stored result. */
export interface FoundResult {
  readonly object: StoredObject
  readonly verified: VerifiedKey
}

/** The most objects that are looked at: a bucket may be full of foreign ones. */
const MOST_LOOKED_AT = 10_000

/** The first result that `serve` would answer: one that no retired secret has signed. */
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

/** The key of an object of ours that is not a result. */
export const findPrivateKey = async (
  store: ReadableStore,
  signal: AbortSignal,
): Promise<string | undefined> => {
  for await (const { key } of store.list({ prefix: `${PRIVATE_SEGMENT}/`, signal })) return key
  return undefined
}
