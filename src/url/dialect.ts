import type { Format } from '../core/format.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Transform } from '../core/transform.ts'

/** A request for a picture in whatever spelling. */
export interface ForeignRequest {
  /** As it came, not decoded. */
  readonly rawPath: string
  /** Without "?"; not decoded. */
  readonly query: string
  /** The `Accept` field. */
  readonly accept?: string
  /** Seconds since 1970. */
  readonly now: number
}

/** What a foreign URL shows, in our words. */
export interface ForeignVariant {
  readonly kind: 'variant'
  readonly source: SourceKey
  readonly transform: Transform
  readonly format: Format
  /** Whether the format was chosen by `Accept`. */
  readonly isNegotiated: boolean
  /** Where the result is to be stored in the output a second time, for pages that look for it there. */
  readonly alias?: string
  /** When the URL ends, in seconds since 1970, where it does. */
  readonly expires?: number
}

/** Why there is no picture: `forbidden` where the dialect says 403, `missing` where it says 404. */
export interface ForeignRefusal {
  readonly kind: 'refused'
  readonly reason: 'forbidden' | 'missing'
  readonly code: 'signature-wrong' | 'url-invalid' | 'url-expired' | 'source-missing'
  /** When the URL ends, where it does and has not. */
  readonly expires?: number
}

export type ForeignReading = ForeignVariant | ForeignRefusal

/**
 * The URLs of another image server. Signatures are checked before anything else is looked at, in constant time;
 * what no key can say is refused and never left out.
 */
export interface Dialect {
  /** What its URLs begin with, "/" at both ends. */
  readonly prefix: string
  /** Undefined where the URL is none of this dialect's. */
  read(request: ForeignRequest): ForeignReading | undefined
}

export const refusal = (code: ForeignRefusal['code'], expires?: number): ForeignRefusal => ({
  kind: 'refused',
  reason: code === 'signature-wrong' ? 'forbidden' : 'missing',
  code,
  ...(expires !== undefined && { expires }),
})
