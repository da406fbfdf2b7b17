import type { Format } from '../core/format.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { VariantKey } from '../url/keyring.ts'
import { latestHeaders } from './confirm.ts'
import { type ExpectedResult, isExtra, makerOf } from './expected.ts'
import type { IsForced } from './forced.ts'
import type { ListedResult, SourceGroup } from './group.ts'
import type { FailureRecord, MadeBy, ResultRecord } from './ledger-entry.ts'
import { listOrphans } from './orphan.ts'
import type { RecordedEncoders } from './recipe.ts'
import type { StaleReason } from './stale-reason.ts'

/** One thing to do, or to leave, about one key. */
export type PlanStep =
  /** It exists and shows what a render would show, though other encoders may have made it. */
  | {
      readonly kind: 'keep'
      readonly key: VariantKey
      readonly result: ExpectedResult
      /** As listed. */
      readonly sizeBytes: number
      readonly isOtherEncoder: boolean
    }
  /** It does not exist, or was not made from the current original by the current options. */
  | {
      readonly kind: 'render'
      readonly result: ExpectedResult
      readonly reason: 'missing' | 'stale' | 'forced'
      readonly why?: StaleReason
      /** `serve` for an extra that is made again: still no size asks for it. */
      readonly maker: MadeBy
      /** The key where it stands, if that is signed by another secret than the first. */
      readonly at?: VariantKey
    }
  /** It stands under a key signed by another listed secret. */
  | {
      readonly kind: 'copy'
      readonly from: ListedResult
      readonly result: ExpectedResult
      readonly record: ResultRecord
    }
  /** Its bytes are right, but its headers are not. */
  | {
      readonly kind: 'touch'
      readonly at: ListedResult
      readonly record: ResultRecord
      /** No size asks for it. */
      readonly isExtra?: boolean
    }
  /** An extra whose original has changed: deleted now, and made again when somebody asks. */
  | { readonly kind: 'drop'; readonly key: VariantKey }
  /** Nothing expects it any more: `prune` deletes it. */
  | { readonly kind: 'orphan'; readonly key: VariantKey; readonly name: string; readonly since?: number }
  /** No size asks for it, but a visitor did. */
  | { readonly kind: 'extra'; readonly key: VariantKey }
  /** It should be made, but its source failed under the same options. */
  | { readonly kind: 'failing'; readonly result: ExpectedResult; readonly failure: FailureRecord }

/** Everything to do about one source. */
export interface SourcePlan {
  readonly group: SourceGroup
  /** The fingerprint of the original as it is now; undefined where nobody needed it, or there is no original. */
  readonly fingerprint?: string
  readonly steps: readonly PlanStep[]
  /** The last segments of keys that the ledger knows as orphans, but that are wanted again. */
  readonly reclaimed: readonly string[]
}

/** A listed result, and what is believed of it: several records where the same bytes were made more than once. */
export interface KnownResult {
  readonly listed: ListedResult
  readonly records: readonly ResultRecord[]
}

/** All that is known of one source when its plan is decided. */
export interface Decision {
  readonly group: SourceGroup
  readonly fingerprint?: string
  /** The version in keys of the original as it is now; undefined where versions are off. */
  readonly version?: string
  readonly expected: readonly ExpectedResult[]
  readonly results: readonly KnownResult[]
}

/** What decides which results are made again, copied or kept. */
export interface DecisionRules {
  /** How results are made now. */
  readonly encoding: RecordedEncoders
  /** The digest of the headers that a format is stored with; "" where the output keeps no headers. */
  readonly headersOf: (format: Format) => string
  /** The present encoders, where known, to recognise results of other encoders. */
  readonly encoderOf?: (format: Format) => string
  /** Make the results of other encoders again. */
  readonly rerenderOtherEncoders: boolean
  readonly isRetired: (secretIndex: number) => boolean
  /** Digest of options and program version: see `FailureRecord.attempt`. */
  readonly attempt: string
  /** Whether everything expected is rendered. */
  readonly force: boolean
  /** Which results an unfinished build by `force` has left. */
  readonly isForced?: IsForced
  readonly retryFailed: boolean
  /** Whether only a part of the expectation is known: then nothing counts as an orphan. */
  readonly isNarrowed: boolean
}

/** The law Plan: compares expected keys with listed ones, for one source. Pure; costs no I/O. */
export const decide = (decision: Decision, rules: DecisionRules): SourcePlan => {
  const { group, fingerprint, expected } = decision
  const current = new ResultMap<KnownResult>()
  const others: KnownResult[] = []
  for (const result of decision.results) {
    if (result.listed.secretIndex === 0)
      current.set(result.listed.variant.format, result.listed.transformText, result)
    else others.push(result)
  }
  const failure = findFailure(decision, rules)
  const steps: PlanStep[] = []
  const asked = new ResultMap<true>()
  for (const result of expected) {
    const { format, transformText } = result
    asked.set(format, transformText, true)
    const standing = current.get(format, transformText)
    const step = decideExpected({ source: group.key, result, standing, others, fingerprint }, rules)
    steps.push(step.kind === 'render' && failure !== undefined ? { kind: 'failing', result, failure } : step)
  }
  const orphans = listOrphans(group.known?.orphans ?? [])
  if (!rules.isNarrowed) {
    // A result that is about to be copied must not be pruned yet.
    const copied = new Set(steps.flatMap((step) => (step.kind === 'copy' ? [step.from.key] : [])))
    for (const result of decision.results) {
      const { listed } = result
      const isAsked = asked.get(listed.variant.format, listed.transformText) ?? false
      if (!(isAsked && listed.secretIndex === 0) && !copied.has(listed.key))
        steps.push(decideUnasked(result, { decision, isAsked, orphans }, rules))
    }
  }
  const reclaimed = rules.isNarrowed || orphans.size === 0 ? [] : listReclaimed(orphans, steps)
  return { group, ...(fingerprint !== undefined && { fingerprint }), steps, reclaimed }
}

const listReclaimed = (
  orphans: ReadonlyMap<string, number>,
  steps: readonly PlanStep[],
): readonly string[] => {
  const still = new Set(steps.map((step) => (step.kind === 'orphan' ? step.name : undefined)))
  return [...orphans.keys()].filter((name) => !still.has(name))
}

interface ExpectedState {
  readonly source: SourceKey
  readonly result: ExpectedResult
  readonly standing: KnownResult | undefined
  readonly others: readonly KnownResult[]
  readonly fingerprint: string | undefined
}

const decideExpected = (state: ExpectedState, rules: DecisionRules): PlanStep => {
  const { source, result, standing, others, fingerprint } = state
  if (rules.force) return { ...toRender(result), reason: 'forced' }
  if (standing !== undefined && rules.isForced?.(source, result, standing.listed.modifiedAt))
    return { ...toRender(result), reason: 'forced', why: 'forced' }
  // An extra stays while its original does, whatever encoder made it; so also in `decideUnasked`.
  const isAsWanted = (record: ResultRecord): boolean =>
    isFresh(record, fingerprint, rules) || (isExtra(result) && record.fingerprint === fingerprint)
  if (standing !== undefined) {
    const fresh = standing.records.filter(isAsWanted)
    const [record] = fresh
    if (record === undefined)
      return { ...toRender(result), reason: 'stale', why: whyStale(standing.records, fingerprint, rules) }
    const headers = rules.headersOf(result.format)
    if (latestHeaders(standing.records) === headers) {
      const isOtherEncoder = fresh.every((known) => isByOtherEncoder(known, rules))
      const { key, sizeBytes } = standing.listed
      return { kind: 'keep', key, result, sizeBytes, isOtherEncoder }
    }
    return { kind: 'touch', at: standing.listed, record }
  }
  for (const other of others) {
    const isSame =
      other.listed.transformText === result.transformText && other.listed.variant.format === result.format
    const record = isSame ? other.records.find(isAsWanted) : undefined
    if (record !== undefined) return { kind: 'copy', from: other.listed, result, record }
  }
  return { ...toRender(result), reason: 'missing' }
}

const toRender = (result: ExpectedResult) => ({ kind: 'render', result, maker: makerOf(result) }) as const

const whyStale = (
  records: readonly ResultRecord[],
  fingerprint: string | undefined,
  rules: DecisionRules,
): StaleReason => {
  if (records.length === 0) return 'unrecorded'
  const current = records.filter((record) => record.fingerprint === fingerprint)
  if (current.length === 0) return 'original'
  if (current.some((record) => isAsConfigured(record, rules))) return 'encoders'
  return current.every((record) => record.maker === 'serve') ? 'served' : 'options'
}

/** Whether a result is what a render of the current original would show; dates do not matter. */
const isFresh = (record: ResultRecord, fingerprint: string | undefined, rules: DecisionRules): boolean =>
  record.fingerprint === fingerprint &&
  isAsConfigured(record, rules) &&
  !(rules.rerenderOtherEncoders && isByOtherEncoder(record, rules))

const isAsConfigured = ({ format, transform, recipe }: ResultRecord, { encoding }: DecisionRules): boolean =>
  encoding.recipesOf(format, transform).includes(recipe)

const isByOtherEncoder = (record: ResultRecord, { encoderOf }: DecisionRules): boolean =>
  encoderOf !== undefined && record.encoder !== encoderOf(record.format)

/** For a source that is too large to be read: this and its size stand in place of the fingerprint. */
export const SIZE_FINGERPRINT = 'size:'

const findFailure = ({ group, fingerprint }: Decision, rules: DecisionRules): FailureRecord | undefined => {
  if (rules.retryFailed || rules.force) return undefined
  const bySize = `${SIZE_FINGERPRINT}${group.source?.sizeBytes}`
  return group.known?.failures.find(
    (failure) =>
      failure.attempt === rules.attempt &&
      (failure.fingerprint === fingerprint || failure.fingerprint === bySize),
  )
}

interface UnaskedContext {
  readonly decision: Decision
  /** Whether a size asks for this result, which then is signed by another secret than the first. */
  readonly isAsked: boolean
  /** The orphans in the ledger, by name, with the time since when they are orphans. */
  readonly orphans: ReadonlyMap<string, number>
}

const decideUnasked = (
  { listed, records }: KnownResult,
  { decision, isAsked, orphans }: UnaskedContext,
  rules: DecisionRules,
): PlanStep => {
  const { group, fingerprint } = decision
  const name = listed.key.slice(group.key.length + 1)
  const orphan = (): PlanStep => {
    const since = orphans.get(name)
    return { kind: 'orphan', key: listed.key, name, ...(since !== undefined && { since }) }
  }
  // What is asked for stands, or will, under the first secret's key.
  if (group.source === undefined || isAsked || rules.isRetired(listed.secretIndex)) return orphan()
  const isCurrent = listed.variant.transform.version === decision.version
  if (records.length === 0 && isCurrent) return renderAgain(listed)
  const own = records.filter((each) => each.fingerprint === fingerprint)
  // The object's metadata go on saying that serve made it.
  const record = own.find(({ maker }) => maker === 'serve') ?? own[0]
  if (record !== undefined) {
    if (records.every(({ maker }) => maker !== 'serve')) return orphan()
    const isAsStored = latestHeaders(records) === rules.headersOf(listed.variant.format)
    return isAsStored
      ? { kind: 'extra', key: listed.key }
      : { kind: 'touch', at: listed, record, isExtra: true }
  }
  return records.some((record) => record.maker === 'build') ? orphan() : { kind: 'drop', key: listed.key }
}

/** Bytes without a record may show an original that is gone: by the law Ledger they are made anew. */
const renderAgain = ({ key, variant, transformText }: ListedResult): PlanStep => ({
  kind: 'render',
  result: { transform: variant.transform, transformText, format: variant.format, sizes: [] },
  reason: 'stale',
  why: 'unrecorded',
  maker: 'serve',
  at: key,
})

/**
 * Values by result, within one source. Each access takes two lookups, and no text is built from both parts: with
 * millions of results that would cost several times as much.
 */
class ResultMap<T> {
  readonly #byFormat = new Map<Format, Map<string, T>>()

  set(format: Format, transformText: string, value: T): void {
    const known = this.#byFormat.get(format)
    if (known === undefined) this.#byFormat.set(format, new Map([[transformText, value]]))
    else known.set(transformText, value)
  }

  get(format: Format, transformText: string): T | undefined {
    return this.#byFormat.get(format)?.get(transformText)
  }
}
