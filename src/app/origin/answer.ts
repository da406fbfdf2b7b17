import type { Format } from '../../core/format.ts'
import { type ClaimedKey, spellKey, type VariantKey } from '../../url/keyring.ts'
import type { Aliases } from './aliases.ts'
import type { CurrentKeys } from './current-keys.ts'
import { type FoundPicture, type LookUpOptions, lookUpInTime, lookUpNow } from './look-up.ts'
import type { MadeFor, MadeResult, Maker } from './maker.ts'
import { type AskedKey, type NamedKey, type NamingRules, nameKey } from './name-key.ts'
import { type Refused, refuse } from './refusal.ts'

/** What a visitor asks for. It does not depend on the protocol. */
interface Question extends AskedKey {
  /** Whether the bytes are wanted (GET), or only the facts about them (HEAD). */
  readonly wantsBody: boolean
  /** Aborts when the visitor goes away. */
  readonly signal: AbortSignal
}

interface Answered {
  readonly key: VariantKey
  readonly format: Format
  /** Whether the format was chosen by `Accept`. */
  readonly isNegotiated: boolean
}

/** What comes of a question: the picture, the key where it is instead, or a refusal. */
export type PictureAnswer =
  | (Answered & { readonly kind: 'stored'; readonly picture: FoundPicture })
  /** It has just been made. */
  | (Answered & { readonly kind: 'rendered'; readonly upload: MadeResult; readonly madeFor: MadeFor })
  /** The picture of the source's current version has another key. */
  | { readonly kind: 'moved'; readonly keyText: string; readonly isNegotiated: boolean }
  | Refused

/** Finds the picture of a key: in the store, or else it is rendered at once and stored afterwards. */
export type Answerer = ReturnType<typeof createAnswerer>

interface AnswererParts extends NamingRules, LookUpOptions {
  readonly maker: Maker
  /** Present where URLs of other image servers have their results stored under second names. */
  readonly aliases?: Pick<Aliases, 'note'>
  /** Present where our keys have versions, and URLs of other image servers have none. */
  readonly currentKeys?: CurrentKeys
  readonly onHit?: (key: VariantKey) => void
}

/** In the order of docs/reference/contracts.md: parse, verify, look in the store; only then read the original. */
export const createAnswerer = (parts: AnswererParts) => ({
  /** Rejects only where `signal` aborts, and on bugs. */
  answer: async (question: Question): Promise<PictureAnswer> => {
    const named = nameKey(question, parts)
    if ('kind' in named) return named
    const { foreign } = question
    const { currentKeys } = parts
    if (foreign !== undefined && currentKeys !== undefined)
      return answerCurrent(named, { ...question, foreign }, { ...parts, currentKeys })
    const answer = await answerNamed(named, question, parts)
    if (answer.kind === 'moved') return toMoved(answer.claim, named.isNegotiated)
    if (foreign?.alias !== undefined)
      parts.aliases?.note(
        foreign.alias,
        named.verified,
        answer.kind === 'stored' ? answer.picture.etag : undefined,
      )
    return answer
  },
})

/** An original may be replaced between the look at it and the render. More often than this, something is wrong. */
const MAX_ATTEMPTS = 3

/**
 * A foreign URL has no version and always shows the current one, without a redirect: a redirect would lead to a key
 * of ours, to which the formats of a dialect do not apply. Nothing is stored under a second name (`cacheKeys`).
 */
const answerCurrent = async (
  named: NamedKey,
  question: Question & Required<Pick<Question, 'foreign'>>,
  parts: AnswererParts & Required<Pick<AnswererParts, 'currentKeys'>>,
): Promise<PictureAnswer> => {
  const { foreign, signal } = question
  let claim = await parts.currentKeys.find(named.verified.variant, signal)
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    if ('kind' in claim) return claim
    const current = nameKey({ claim, foreign }, parts)
    if ('kind' in current) return current
    const answer = await answerNamed(current, question, parts)
    if (answer.kind !== 'moved') return answer
    claim = answer.claim
  }
  return refuse('source-changing')
}

/** An answer, or the key that the picture has instead. */
type NamedAnswer =
  | Exclude<PictureAnswer, { kind: 'moved' }>
  | { readonly kind: 'moved'; readonly claim: ClaimedKey }

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

/** A visitor of `.auto` is sent to `.auto` again: the same formats can be chosen from there. */
const toMoved = (claim: ClaimedKey, isNegotiated: boolean): PictureAnswer => ({
  kind: 'moved',
  keyText: spellKey(isNegotiated ? { ...claim, ext: 'auto' } : claim),
  isNegotiated,
})
