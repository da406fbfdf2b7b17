import type { WritableStore } from '../store/port.ts'
import type { Tell } from './event.ts'

export interface LedgerOptions {
  readonly store: WritableStore
  /** Where in that store: ".imgsizes/" in an output, "" in a state place of its own. */
  readonly prefix: string
  readonly now: () => number
  /** A text that no one else makes: a UUID. */
  readonly newId: () => string
  readonly tell: Tell
}

type Place = Pick<LedgerOptions, 'prefix'>

export const ledgerFolder = ({ prefix }: Place): string => `${prefix}ledger/`

const PART_ENDING = '.ndjson.gz'
const MANIFEST_ENDING = `.manifest${PART_ENDING}`

/** `<time in base 36>-<id>`: sorts by time. */
const newName = (options: LedgerOptions): string =>
  `${ledgerFolder(options)}${options.now().toString(36).padStart(9, '0')}-${options.newId()}`

export const newPartName = (options: LedgerOptions): string => `${newName(options)}${PART_ENDING}`

export const newManifestName = (options: LedgerOptions): string => `${newName(options)}${MANIFEST_ENDING}`

/** A name as parts and manifests say it: without its folder, for a ledger may be moved. */
export const toBareName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** The inverse; names of before came with their folder. */
export const toWholeName = (place: Place, name: string): string => ledgerFolder(place) + toBareName(name)

/** Of a part or a manifest. */
export const isPartName = (name: string): boolean => name.endsWith(PART_ENDING)

/** What follows the name of a part that somebody has begun to merge. */
export const CLAIM_ENDING = '.claim'

export const isManifestName = (name: string): boolean => name.endsWith(MANIFEST_ENDING)

/** When a name was made, by its maker's clock. */
export const timeOfName = (place: Place, name: string): number => {
  const [time = ''] = name.slice(ledgerFolder(place).length).split('-')
  return Number.parseInt(time, 36)
}
