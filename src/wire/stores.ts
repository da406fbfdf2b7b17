import type { Place, S3Place, WritablePlace } from '../config/config.ts'
import { openFolderStore } from '../store/folder.ts'
import type { ReadableStore, WritableStore } from '../store/port.ts'

// The SDK and undici are loaded only for places that need them: loading the SDK takes longer than the rest of `plan`.

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

/**
 * Opens a place to write to. A missing folder counts as empty, and is made by the first write, unless it `mustExist`: a
 * command that deletes or checks must not take a disk that is not mounted for an empty one (law Prune).
 */
export const openOutput = async (
  place: WritablePlace,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<WritableStore> => {
  switch (place.kind) {
    case 'folder':
      return openFolderStore({ path: place.path, create: !mustExist })
    case 's3':
      return openBucket(place)
  }
}

const openBucket = async ({ bucket, prefix, settings }: S3Place): Promise<WritableStore> => {
  const { openS3Store } = await import('../store/s3.ts')
  return openS3Store({ bucket, prefix, settings })
}
