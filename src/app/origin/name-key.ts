import { countBytes } from '../../core/byte-order.ts'
import type { Format, FormatChoice } from '../../core/format.ts'
import { MAX_KEY_BYTES } from '../../core/source-key.ts'
import { isVectorVariant } from '../../core/vector.ts'
import { negotiateFormat } from '../../url/accept.ts'
import { type ClaimedKey, claimKey, type Keyring, spellKey, type VerifiedKey } from '../../url/keyring.ts'
import { type Refused, refuse } from './refusal.ts'

/** What a URL names, whatever spelling it came in. */
export interface AskedKey {
  /** What the URL's path spells below the mount, decoded once. */
  readonly keyText: string
  /** The `Accept` field, for `.auto`. */
  readonly accept?: string
  /** The key is what a foreign URL means: any format is made for it, chosen by `Accept` or not. */
  readonly foreign?: {
    readonly isNegotiated: boolean
    /** Where the result is to be stored a second time. */
    readonly alias?: string
  }
}

export interface NamingRules {
  readonly keyring: Keyring
  readonly formats: readonly FormatChoice[]
  readonly vectors: 'keep' | 'draw'
  /** What the output can hold. */
  readonly keyLimits: { readonly prefixBytes: number; readonly maxSegmentBytes: number }
}

export interface NamedKey {
  readonly verified: VerifiedKey
  /** Whether the format was chosen by `Accept`. */
  readonly isNegotiated: boolean
}

/** Parses and verifies; costs no I/O. */
export const nameKey = (
  { keyText, accept, foreign }: AskedKey,
  { keyring, formats, vectors, keyLimits }: NamingRules,
): NamedKey | Refused => {
  const claim = claimKey(keyText)
  if (claim === undefined || !fits(keyText, keyLimits)) return refuse('no-key', 'not-a-key')
  const isNegotiated = foreign?.isNegotiated ?? claim.ext === 'auto'
  const ext = claim.ext === 'auto' ? chooseFormat(claim, accept, { formats, vectors }) : claim.ext
  const verified = keyring.verify(spellKey({ ...claim, ext }))
  if (verified === undefined) return refuse('forbidden', 'signature-wrong')
  if (keyring.secrets[verified.secretIndex]?.isRetired) return refuse('forbidden', 'secret-retired')
  return { verified, isNegotiated }
}

/** A vector is shown by every browser, whatever its `Accept` says. */
const chooseFormat = (
  claim: ClaimedKey,
  accept: string | undefined,
  { formats, vectors }: Pick<NamingRules, 'formats' | 'vectors'>,
): Format =>
  vectors === 'keep' && isVectorVariant(claim) ? 'svg' : negotiateFormat(accept, formats, claim.source)

/** A key that the output could not hold is no key: nothing is rendered that could never be stored. */
const fits = (keyText: string, { prefixBytes, maxSegmentBytes }: NamingRules['keyLimits']): boolean =>
  prefixBytes + countBytes(keyText) <= MAX_KEY_BYTES &&
  (keyText.length * 3 <= maxSegmentBytes ||
    keyText.split('/').every((segment) => countBytes(segment) <= maxSegmentBytes))
