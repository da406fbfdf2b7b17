import type { VariantKey, VerifiedKey } from '../../url/keyring.ts'
import { createFlights } from '../../waiting/flights.ts'
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
export type Maker = ReturnType<typeof createMaker>

interface MakerParts {
  readonly uploads?: Pick<Uploads, 'find'>
  /** Makes a result, for its caller unless the outcome says otherwise. */
  readonly make: (wanted: WantedKey, signal: AbortSignal) => Promise<Making>
  /** Whether new renders are refused, because the process is about to end. */
  readonly isDraining?: () => boolean
  readonly onMiss?: (verified: VerifiedKey) => void
}

type Making =
  | Exclude<ColdOutcome, { kind: 'rendered' }>
  | { readonly kind: 'rendered'; readonly upload: MadeResult; readonly madeFor?: MadeFor }

/** Has each result made once, however many visitors want it here. */
export const createMaker = ({ uploads, make, isDraining, onMiss }: MakerParts) => {
  const flights = createFlights<Making>()
  return {
    /** A result that is being stored, or was a moment ago, if this is known without waiting. */
    find: (key: VariantKey): MadeResult | undefined => uploads?.find(key),
    /** Makes a result once for all who want it at this time. Rejects only where `signal` aborts, and on bugs. */
    make: async (wanted: WantedKey, signal: AbortSignal): Promise<MadeOutcome> => {
      const { key } = wanted
      // It may have been made while the store was asked.
      const upload = uploads?.find(key)
      if (upload !== undefined) return { kind: 'rendered', upload, madeFor: 'earlier' }
      if (isDraining?.()) return refuse('draining')
      let isOurs = false
      const outcome = await flights.join(key, signal, (shared) => {
        isOurs = true
        return make(wanted, shared)
      })
      if (outcome.kind !== 'rendered') return outcome
      const { madeFor = 'this' } = outcome
      if (isOurs) onMiss?.(wanted)
      return { ...outcome, madeFor: isOurs || madeFor !== 'this' ? madeFor : 'another' }
    },
  }
}
