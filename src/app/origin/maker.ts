import type { VariantKey, VerifiedKey } from '../../url/keyring.ts'
import type { Flights } from '../../waiting/flights.ts'
import type { ColdOutcome, WantedKey } from './cold.ts'
import { refuse } from './refusal.ts'
import type { Upload, Uploads } from './uploads.ts'

/** For this visitor, for another one at the same time, or for one before, and it is not quite stored yet. */
export type MadeFor = 'this' | 'another' | 'earlier'

/** What is sent of a result that was made. */
export type MadeResult = Pick<Upload, 'bytes' | 'md5' | 'renderedAt'>

export type MadeOutcome =
  | Exclude<ColdOutcome, { kind: 'rendered' }>
  | { readonly kind: 'rendered'; readonly upload: MadeResult; readonly madeFor: MadeFor }

/** Makes what is not in the store, here or in the process that owns the project. */
export interface Maker {
  /** A result that is on its way into the store, or was a moment ago, as far as that is known without a wait. */
  find(key: VariantKey): MadeResult | undefined
  /** Makes a result, once for all who want it now. Rejects only where `signal` aborts, and on bugs. */
  make(wanted: WantedKey, signal: AbortSignal): Promise<MadeOutcome>
}

export interface MakerParts {
  readonly uploads: Pick<Uploads, 'find'>
  readonly flights: Flights<ColdOutcome>
  readonly renderCold: (wanted: WantedKey, signal: AbortSignal) => Promise<ColdOutcome>
  /** Whether no new render is begun. */
  readonly isDraining: () => boolean
  readonly onMiss?: (verified: VerifiedKey) => void
}

export const createMaker = ({ uploads, flights, renderCold, isDraining, onMiss }: MakerParts): Maker => ({
  find: (key) => uploads.find(key),
  make: async (wanted, signal) => {
    const { key } = wanted
    // It may have come about while the store was asked.
    const upload = uploads.find(key)
    if (upload !== undefined) return { kind: 'rendered', upload, madeFor: 'earlier' }
    if (isDraining()) return refuse('draining', 'draining')
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
