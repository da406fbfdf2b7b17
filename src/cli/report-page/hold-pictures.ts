import { mapInOrder } from '../../app/concurrency.ts'
import { contentTypeOf } from '../../core/format.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { ShownResult, ShownSource } from './record.ts'

/** A page of thrice as much is slow to open; a photograph's fifteen results are about a megabyte. */
const HELD_BYTES = 16 * 1024 * 1024
const READS_AT_ONCE = 16

/**
 * The gallery's first pictures as data URLs, up to 16 MiB, so that a page that is sent, or kept by CI, shows them
 * wherever it is. What is gone is left out; with the first that cannot be read it ends, for a store that fails makes one
 * wait for each.
 */
export const holdPictures = async (
  gallery: readonly ShownSource[],
  read: (key: VariantKey) => Promise<Uint8Array | undefined>,
): Promise<ReadonlyMap<VariantKey, string>> => {
  const held = new Map<VariantKey, string>()
  const pictures = mapInOrder(listResults(gallery), READS_AT_ONCE, async (result) => {
    const bytes = await read(result.key).catch(() => 'unreadable' as const)
    return { ...result, bytes }
  })
  let left = HELD_BYTES
  for await (const { key, format, bytes } of pictures) {
    if (bytes === 'unreadable') break
    if (bytes === undefined) continue
    left -= bytes.byteLength
    if (left < 0) break
    held.set(key, `data:${contentTypeOf(format)};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  return held
}

async function* listResults(gallery: readonly ShownSource[]): AsyncGenerator<ShownResult> {
  for (const { results } of gallery) yield* results
}
