import type { VariantKey, VerifiedKey } from '../../url/keyring.ts'
import type { Flights } from '../../waiting/flights.ts'
import type { ColdOutcome, WantedKey } from './cold.ts'
import { refuse } from './refusal.ts'
import type { Upload, Uploads } from './uploads.ts'

/** Made for this visitor, for another at the same time, or for an earlier one and not stored yet. */
export type MadeFor = 'this' | 'another' | 'earlier'

/** The part of a result that is sent. */
export type MadeResult = Pick<Upload, 'bytes' | 'md5' | 'renderedAt'>

/** What comes of a key that is not in the store. */
export type MadeOutcome =
  | Exclude<ColdOutcome, { kind: 'rendered' }>
  | { readonly kind: 'rendered'; readonly upload: MadeResult; readonly madeFor: MadeFor }

/** Makes results that are not in the store: in this process, or in the one that owns the project. */
export interface Maker {
  /** A result that is being stored, or was a moment ago, if this is known without waiting. */
  find(key: VariantKey): MadeResult | undefined
  /** Makes a result once for all who want it at this time. Rejects only where `signal` aborts, and on bugs. */
  make(wanted: WantedKey, signal: AbortSignal): Promise<MadeOutcome>
}

/** What results are made with. */
export interface MakerParts {
  readonly uploads: Pick<Uploads, 'find'>
  readonly flights: Flights<ColdOutcome>
  readonly renderCold: (wanted: WantedKey, signal: AbortSignal) => Promise<ColdOutcome>
  /** Whether new renders are refused, because the process is about to end. */
  readonly isDraining: () => boolean
  readonly onMiss?: (verified: VerifiedKey) => void
}

/** Makes them in this process. */
export const createMaker = ({ uploads, flights, renderCold, isDraining, onMiss }: MakerParts): Maker => ({
  find: (key) => uploads.find(key),
  make: async (wanted, signal) => {
    const { key } = wanted
    // It may have been made while the store was asked.
    const upload = uploads.find(key)
    if (upload !== undefined) return { kind: 'rendered', upload, madeFor: 'earlier' }
    if (isDraining()) return refuse('draining')
    const flight: { madeFor: MadeFor } = { madeFor: 'another' }
    const outcome = await flights.join(key, signal, (shared) => {
      flight.madeFor = 'this'
      return renderCold(wanted, shared)
    })
    if (outcome.kind !== 'rendered') return outcome
    if (flight.madeFor === 'this') onMiss?.(wanted)
    return { ...outcome, madeFor: flight.madeFor }
  },
})
