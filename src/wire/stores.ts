import { relative, sep } from 'node:path'
import type { Place, SourceConfig, WritablePlace } from '../config/config.ts'
import { openFolderStore } from '../store/folder.ts'
import { openHttpsStore } from '../store/https.ts'
import type { ReadableStore, WritableStore } from '../store/port.ts'
import { openS3Store } from '../store/s3.ts'

/** Opens a place to read originals from. */
export const openSource = (place: Place, limits: { readonly fetchTimeoutMs: number }): ReadableStore => {
  switch (place.kind) {
    case 'folder':
      return openFolderStore({ path: place.path, trustChangeTime: true })
    case 's3':
      return openS3Store({ bucket: place.bucket, prefix: place.prefix, settings: place.settings })
    case 'https': {
      const { url, allowPrivate, headers } = place
      return openHttpsStore({ url, allowPrivate, headers, timeoutMs: limits.fetchTimeoutMs })
    }
  }
}

/** Opens a place to write to; a folder is made at the first use. */
export const openOutput = (place: WritablePlace): WritableStore =>
  place.kind === 'folder'
    ? openFolderStore({ path: place.path, create: true })
    : openS3Store({ bucket: place.bucket, prefix: place.prefix, settings: place.settings })

/** What every key of `output` begins with in the listing of `source`, where the one lies inside the other. */
export const findOutputPrefix = ({ place }: SourceConfig, output: WritablePlace): string | undefined => {
  if (place.kind === 'folder' && output.kind === 'folder') {
    const way = relative(place.path, output.path)
    const isInside = way !== '' && way !== '..' && !way.startsWith(`..${sep}`)
    return isInside ? `${way.split(sep).join('/')}/` : undefined
  }
  if (place.kind === 's3' && output.kind === 's3') {
    const isSameBucket =
      place.bucket === output.bucket && place.settings.endpoint === output.settings.endpoint
    const isInside = isSameBucket && output.prefix.startsWith(place.prefix) && output.prefix !== place.prefix
    return isInside ? output.prefix.slice(place.prefix.length) : undefined
  }
  return undefined
}
