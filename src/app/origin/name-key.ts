import { countBytes } from '../../core/byte-order.ts'
import { type Format, type FormatChoice, isVectorVariant } from '../../core/format.ts'
import { type KeyLimits, MAX_KEY_BYTES } from '../../core/source-key.ts'
import { negotiateFormat } from '../../url/accept.ts'
import { type ClaimedKey, type Keyring, spellKey, type VerifiedKey } from '../../url/keyring.ts'
import { type Refused, refuse } from './refusal.ts'

/** What a URL asks for, native or foreign. */
export interface AskedKey {
  /** The key that it names, or means. */
  readonly claim: ClaimedKey
  /** The `Accept` field, for `.auto`. */
  readonly accept?: string
  /** Present for a foreign URL's key: it is made in any format, chosen by `Accept` or not. */
  readonly foreign?: {
    readonly isNegotiated: boolean
    /** The second name to store the result under. */
    readonly alias?: string
  }
}

/** What decides which keys are valid, and what `.auto` becomes. */
export interface NamingRules {
  readonly keyring: Keyring
  readonly formats: readonly FormatChoice[]
  readonly vectors: 'keep' | 'draw'
  /** The longest keys and names that the output can hold, in bytes. */
  readonly keyLimits: KeyLimits
}

/** A key that holds, with its format chosen. */
export interface NamedKey {
  readonly verified: VerifiedKey
  /** Whether the format was chosen by `Accept`. */
  readonly isNegotiated: boolean
}

/** The key that a URL means, native or foreign; its signature is not checked yet. */
export interface RequestedKey extends Omit<AskedKey, 'accept'> {
  readonly kind: 'key'
  /** When its URL expires, in seconds since 1970; undefined where it does not. */
  readonly expires?: number | undefined
}

/** Verifies a key, and chooses its format; costs no I/O. */
export const nameKey = (
  { claim, accept, foreign }: AskedKey,
  { keyring, formats, vectors, keyLimits }: NamingRules,
): NamedKey | Refused => {
  if (!fits(spellKey(claim), keyLimits)) return refuse('not-a-key')
  const isNegotiated = foreign?.isNegotiated ?? claim.ext === 'auto'
  const format = claim.ext === 'auto' ? chooseFormat(claim, accept, { formats, vectors }) : claim.ext
  const verified = keyring.verifyClaim(claim, format)
  if (verified === undefined) return refuse('signature-wrong')
  if (keyring.secrets[verified.secretIndex]?.isRetired) return refuse('secret-retired')
  return { verified, isNegotiated }
}

/** Vectors are not negotiated: every browser shows them, even if `Accept` does not say so. */
const chooseFormat = (
  claim: ClaimedKey,
  accept: string | undefined,
  { formats, vectors }: Pick<NamingRules, 'formats' | 'vectors'>,
): Format =>
  vectors === 'keep' && isVectorVariant(claim) ? 'svg' : negotiateFormat(accept, formats, claim.source)

/** A key that the output cannot hold is refused: its result could never be stored. */
const fits = (keyText: string, { prefixBytes, maxSegmentBytes }: KeyLimits): boolean =>
  prefixBytes + countBytes(keyText) <= MAX_KEY_BYTES &&
  (keyText.length * 3 <= maxSegmentBytes ||
    keyText.split('/').every((segment) => countBytes(segment) <= maxSegmentBytes))
