import type { WritableStore } from '../../store/port.ts'
import type { Tell } from '../event.ts'

/** Where a ledger is, and what writing it needs. */
export interface LedgerOptions {
  readonly store: WritableStore
  /** Its place in that store: ".imgsizes/" in an output, "" in a place of its own. */
  readonly prefix: string
  readonly now: () => number
  /** A text that nobody else makes: a UUID. */
  readonly newId: () => string
  readonly tell: Tell
}

type Place = Pick<LedgerOptions, 'prefix'>

/** What the names of all files of a ledger begin with. */
export const ledgerFolder = ({ prefix }: Place): string => `${prefix}ledger/`

const PART_ENDING = '.ndjson.gz'
const MANIFEST_ENDING = `.manifest${PART_ENDING}`

/** `<time in base 36>-<id>`: sorts by time. */
const newName = (options: LedgerOptions): string =>
  `${ledgerFolder(options)}${options.now().toString(36).padStart(9, '0')}-${options.newId()}`

/** A new name for a part, without its folder. */
export const newPartName = (options: LedgerOptions): string => `${newName(options)}${PART_ENDING}`

/** A new name for a manifest, without its folder. */
export const newManifestName = (options: LedgerOptions): string => `${newName(options)}${MANIFEST_ENDING}`

/** A name as in parts and manifests: without its folder, because a ledger may be moved. */
export const toBareName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** The inverse. */
export const toWholeName = (place: Place, name: string): string => ledgerFolder(place) + name

/** Whether a name is that of a part or a manifest. */
export const isPartName = (name: string): boolean => name.endsWith(PART_ENDING)

/** What is added to the name of a part to claim its merge. */
export const CLAIM_ENDING = '.claim'

/** Whether a name is that of a manifest. */
export const isManifestName = (name: string): boolean => name.endsWith(MANIFEST_ENDING)

/** When a name was made, by its maker's clock. */
export const timeOfName = (place: Place, name: string): number => {
  const [time = ''] = name.slice(ledgerFolder(place).length).split('-')
  return Number.parseInt(time, 36)
}
