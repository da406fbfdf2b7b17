import type { Format } from '../core/format.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Transform } from '../core/transform.ts'

/** A request for a picture by a URL of another image server. */
export interface ForeignRequest {
  /** As it arrived, not decoded. */
  readonly rawPath: string
  /** Without "?"; not decoded. */
  readonly query: string
  readonly accept?: string
  /** Seconds since 1970. */
  readonly now: number
}

/** What a foreign URL shows, as a variant of ours. */
export interface ForeignVariant {
  readonly kind: 'variant'
  readonly source: SourceKey
  readonly transform: Transform
  readonly format: Format
  /** Whether the format was chosen by `Accept`. */
  readonly isNegotiated: boolean
  /** A second name for the result in the output, where pages look for it. */
  readonly alias?: string
  /** When the URL expires, in seconds since 1970; undefined where it does not. */
  readonly expires?: number
}

/** Why there is no picture; the dialect answers with the status of the code. */
export interface ForeignRefusal {
  readonly kind: 'refused'
  readonly code: 'signature-wrong' | 'url-invalid' | 'url-expired' | 'source-missing'
  /** When the URL expires, where it does and has not yet. */
  readonly expires?: number
}

/** What comes of reading a URL of a dialect. */
export type ForeignReading = ForeignVariant | ForeignRefusal

/**
 * The URLs of another image server. Signatures are checked before anything else, in constant time. What no key can
 * express is refused, never ignored.
 */
export interface Dialect {
  /** What its URLs begin with, with "/" at both ends. */
  readonly prefix: string
  /** Undefined where the URL does not belong to this dialect. */
  read(request: ForeignRequest): ForeignReading | undefined
}

/** A refusal with this code. */
export const refusal = (code: ForeignRefusal['code'], expires?: number): ForeignRefusal => ({
  kind: 'refused',
  code,
  ...(expires !== undefined && { expires }),
})
