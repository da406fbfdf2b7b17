import { mapInOrder } from '../../app/concurrency.ts'
import { contentTypeOf } from '../../core/format.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { chooseShown, HELD_BYTES } from './gallery.ts'
import type { ShownResult, ShownSource } from './record.ts'

const READS_AT_ONCE = 16

/**
 * The gallery's first pictures as data URLs, so that a page that is sent, or kept by CI, shows them wherever it is.
 * What is gone is left out; with the first that cannot be read it ends, for a store that fails makes one wait for each.
 */
export const holdPictures = async (
  gallery: readonly ShownSource[],
  read: (key: VariantKey) => Promise<Uint8Array | undefined>,
): Promise<ReadonlyMap<VariantKey, string>> => {
  const held = new Map<VariantKey, string>()
  const pictures = mapInOrder(each(chooseShown(gallery)), READS_AT_ONCE, async (result) => {
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

async function* each(groups: readonly (readonly ShownResult[])[]): AsyncGenerator<ShownResult> {
  for (const group of groups) yield* group
}
