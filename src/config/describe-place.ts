import { unreachable } from '../core/unreachable.ts'
import type { Place } from './config.ts'

/** What the program asks of a place, whatever its kind. A new kind answers here. */
export interface PlaceDescription {
  /** What messages call it. */
  readonly noun: 'folder' | 'bucket' | 'server'
  /** As in a configuration, without its settings. */
  readonly uri: string
  /** Its path, where it is on this machine. */
  readonly folder?: string
  /** A bucket, and what the names of its objects begin with: "" or ending in "/". */
  readonly bucket?: { readonly name: string; readonly prefix: string }
  /** What the URLs of its originals on pages begin with. */
  readonly url?: string
  /** The environment variables that open it on another machine. */
  readonly environment: { readonly secrets: readonly string[]; readonly variables: readonly string[] }
}

const NO_VARIABLES = { secrets: [], variables: [] }
const OF_AWS = { secrets: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'], variables: ['AWS_REGION'] }

/** A place as its kind describes it. */
export const describePlace = (place: Place): PlaceDescription => {
  switch (place.kind) {
    case 'folder':
      return { noun: 'folder', uri: place.path, folder: place.path, environment: NO_VARIABLES }
    case 's3': {
      const { bucket: name, prefix } = place
      return { noun: 'bucket', uri: `s3://${name}/${prefix}`, bucket: { name, prefix }, environment: OF_AWS }
    }
    case 'https':
      return { noun: 'server', uri: place.url, url: place.url, environment: NO_VARIABLES }
    default:
      return unreachable(place)
  }
}

/** The path of a folder on this machine; undefined where bytes are elsewhere. */
export const folderOf = (place: Place): string | undefined => describePlace(place).folder
