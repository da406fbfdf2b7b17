import type { Format } from '../../core/format.ts'
import { claimKey, spellKey, type VariantKey } from '../../url/keyring.ts'
import type { Aliases } from './aliases.ts'
import type { CurrentKeys } from './current-keys.ts'
import { type FoundPicture, type LookUpOptions, lookUpInTime, lookUpNow } from './look-up.ts'
import type { MadeFor, MadeResult, Maker } from './maker.ts'
import { type AskedKey, type NamedKey, type NamingRules, nameKey } from './name-key.ts'
import { type Refused, refuse } from './refusal.ts'

/** What a visitor asks for, whatever protocol it came by. */
interface Question extends AskedKey {
  /** Whether all of the bytes are wanted, or at first only the facts. */
  readonly wantsBody: boolean
  /** Aborts when the visitor goes away. */
  readonly signal: AbortSignal
}

/** Which result an answer is about. */
interface Answered {
  readonly key: VariantKey
  readonly format: Format
  /** Whether the format was chosen by `Accept`. */
  readonly isNegotiated: boolean
}

export type Answer =
  /** It stands in the store. */
  | (Answered & { readonly kind: 'stored'; readonly picture: FoundPicture })
  /** It has just been made. */
  | (Answered & { readonly kind: 'rendered'; readonly upload: MadeResult; readonly madeFor: MadeFor })
  /** The same picture of the source's current version stands, or will stand, elsewhere. */
  | { readonly kind: 'moved'; readonly keyText: string; readonly isNegotiated: boolean }
  | Refused

/** Key to picture: out of the store, or rendered on the spot and stored after. */
export interface Answerer {
  /** Rejects only where `signal` aborts, and on bugs. */
  answer(question: Question): Promise<Answer>
}

export interface AnswererParts extends NamingRules, LookUpOptions {
  readonly maker: Maker
  /** Where URLs of other image servers have results stored under second names. */
  readonly aliases?: Pick<Aliases, 'note'>
  /** Present where keys have versions, and the URLs of other image servers none. */
  readonly currentKeys?: CurrentKeys
  readonly onHit?: (key: VariantKey) => void
}

/** The order of docs/reference/contracts.md: parse, verify, look in the store; only then the original. */
export const createAnswerer = (parts: AnswererParts): Answerer => ({
  answer: async (question) => {
    const named = nameKey(question, parts)
    if ('kind' in named) return named
    const { foreign } = question
    const { currentKeys } = parts
    if (foreign !== undefined && currentKeys !== undefined)
      return answerCurrent(named, { ...question, foreign }, { ...parts, currentKeys })
    const answer = await answerNamed(named, question, parts)
    if (answer.kind === 'moved') return toMoved(answer.key, named.isNegotiated)
    if (foreign?.alias !== undefined && answer.kind !== 'refused')
      parts.aliases?.note(
        foreign.alias,
        named.verified,
        answer.kind === 'stored' ? answer.picture.etag : undefined,
      )
    return answer
  },
})

/** The original was replaced between the look at it and the render; more often than that, and something is wrong. */
const MAX_ATTEMPTS = 3

/**
 * A foreign URL has no version and shows the current one, in its own place: what a redirect led to would be a key of
 * ours, for which the formats of a dialect do not count. None is stored under a second name (`cacheKeys`).
 */
const answerCurrent = async (
  named: NamedKey,
  question: Question & Required<Pick<Question, 'foreign'>>,
  parts: AnswererParts & Required<Pick<AnswererParts, 'currentKeys'>>,
): Promise<Answer> => {
  const { foreign, signal } = question
  let keyText = await parts.currentKeys.find(named.verified.variant, signal)
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    if (typeof keyText !== 'string') return keyText
    const current = nameKey({ keyText, foreign }, parts)
    if ('kind' in current) return current
    const answer = await answerNamed(current, question, parts)
    if (answer.kind !== 'moved') return answer
    keyText = answer.key
  }
  return refuse('source-failed', 'source-changing')
}

/** An answer, or the key where the picture is instead. */
type NamedAnswer = Exclude<Answer, { kind: 'moved' }> | { readonly kind: 'moved'; readonly key: VariantKey }

const answerNamed = async (
  { verified, isNegotiated }: NamedKey,
  question: Question,
  parts: AnswererParts,
): Promise<NamedAnswer> => {
  const { key, variant } = verified
  const answered: Answered = { key, format: variant.format, isNegotiated }
  const upload = parts.maker.find(key)
  if (upload !== undefined) return { kind: 'rendered', ...answered, upload, madeFor: 'earlier' }
  const found = lookUpNow(key, parts) ?? (await lookUpInTime(key, question, parts))
  if (found !== undefined) {
    if ('kind' in found) return found
    parts.onHit?.(key)
    return { kind: 'stored', ...answered, picture: found }
  }
  const wanted = { ...verified, isForeign: question.foreign !== undefined }
  const outcome = await parts.maker.make(wanted, question.signal)
  return outcome.kind === 'rendered' ? { ...answered, ...outcome } : outcome
}

/** Under `.auto` the visitor stays there: what may be chosen from is the same at the new place. */
const toMoved = (key: VariantKey, isNegotiated: boolean): Answer => {
  const claim = isNegotiated ? claimKey(key) : undefined
  const keyText = claim === undefined ? key : spellKey({ ...claim, ext: 'auto' })
  return { kind: 'moved', keyText, isNegotiated }
}
