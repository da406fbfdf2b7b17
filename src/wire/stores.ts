import type { Place, WritablePlace } from '../config/config.ts'
import { openFolderStore } from '../store/folder.ts'
import type { ReadableStore, WritableStore } from '../store/port.ts'

// The SDK and undici are loaded where a place needs them: the one takes longer than all else that `plan` does.

/** Opens a place to read originals from. */
export const openSource = async (
  place: Place,
  limits: { readonly fetchTimeoutMs: number },
): Promise<ReadableStore> => {
  switch (place.kind) {
    case 'folder':
      return openFolderStore({ path: place.path, trustChangeTime: true })
    case 's3':
      return openBucket(place)
    case 'https': {
      const { url, allowPrivate, headers } = place
      const { openHttpsStore } = await import('../store/https.ts')
      return openHttpsStore({ url, allowPrivate, headers, timeoutMs: limits.fetchTimeoutMs })
    }
  }
}

/** Opens a place to write to; a folder is made at the first use. */
export const openOutput = async (place: WritablePlace): Promise<WritableStore> =>
  place.kind === 'folder' ? openFolderStore({ path: place.path, create: true }) : openBucket(place)

const openBucket = async ({
  bucket,
  prefix,
  settings,
}: Extract<WritablePlace, { kind: 's3' }>): Promise<WritableStore> => {
  const { openS3Store } = await import('../store/s3.ts')
  return openS3Store({ bucket, prefix, settings })
}
