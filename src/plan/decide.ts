import type { Format } from '../core/format.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { VariantKey } from '../url/keyring.ts'
import { type ExpectedResult, isExtra, makerOf } from './expected.ts'
import type { IsForced } from './forced.ts'
import type { ListedResult, SourceGroup } from './group.ts'
import type { FailureRecord, Maker, ResultRecord } from './ledger-entry.ts'
import { listOrphans } from './orphan.ts'
import type { Encoding } from './recipe.ts'
import { ResultMap } from './result-map.ts'

/** One thing to do, or to leave, about one key. */
export type PlanStep =
  /** It stands and shows what a render would show, if perhaps by other encoders than those in use. */
  | {
      readonly kind: 'keep'
      readonly key: VariantKey
      readonly result: ExpectedResult
      /** As the listing shows it. */
      readonly sizeBytes: number
      readonly isOtherEncoder: boolean
    }
  /** It is not there, or not made of the current original as now configured. */
  | {
      readonly kind: 'render'
      readonly result: ExpectedResult
      readonly reason: 'missing' | 'stale' | 'forced'
      /** Why it is stale. */
      readonly why?: StaleReason
      /** `serve` for an extra that is made again: no size asks for it still. */
      readonly maker: Maker
      /** Where it stands, perhaps under another secret than the first; absent: where that signs it. */
      readonly at?: VariantKey
    }
  /** It stands under another listed secret. */
  | {
      readonly kind: 'copy'
      readonly from: ListedResult
      readonly result: ExpectedResult
      readonly record: ResultRecord
    }
  /** The bytes are right and the headers are not. */
  | { readonly kind: 'touch'; readonly at: ListedResult; readonly record: ResultRecord }
  /** An extra of an original that has changed: deleted now, and made again when someone asks. */
  | { readonly kind: 'drop'; readonly key: VariantKey }
  /** Nothing expects it any more: `prune` deletes it. */
  | { readonly kind: 'orphan'; readonly key: VariantKey; readonly name: string; readonly since?: number }
  /** No size asks for it, a visitor did. */
  | { readonly kind: 'extra'; readonly key: VariantKey }
  /** Due, but its source failed under these very options. */
  | { readonly kind: 'failing'; readonly result: ExpectedResult; readonly failure: FailureRecord }

/**
 * What is wrong with a stale result: its original has changed since, or the options have; `serve` made it, as quickly
 * as it could; other encoders did, and are not wanted; nobody knows what it was made of; or a build that
 * was to make everything again has not come to it.
 */
export type StaleReason = 'original' | 'options' | 'served' | 'encoders' | 'unrecorded' | 'forced'

/** All that is to be done about one source. */
export interface SourcePlan {
  readonly group: SourceGroup
  /** Of the original as it is now; absent where nobody needed it, or there is no original. */
  readonly fingerprint?: string
  readonly steps: readonly PlanStep[]
  /** The last segments of keys that the ledger has as orphans, and that are none any more. */
  readonly reclaimed: readonly string[]
}

/** A listed result with what is believed of it: several records where the same bytes came about more than once. */
export interface KnownResult {
  readonly listed: ListedResult
  readonly records: readonly ResultRecord[]
}

export interface Decision {
  readonly group: SourceGroup
  readonly fingerprint?: string
  /** What keys of the original as it is now hold; absent where versions are off. */
  readonly version?: string
  readonly expected: readonly ExpectedResult[]
  readonly results: readonly KnownResult[]
}

export interface DecisionRules {
  /** How results are made now. */
  readonly encoding: Encoding
  /** "" where the output keeps no headers. */
  readonly headersOf: (format: Format) => string
  /** The encoders in use, where they are known; results of others are told apart. */
  readonly encoderOf?: (format: Format) => string
  /** Make the results of other encoders again. */
  readonly rerenderOtherEncoders: boolean
  readonly isRetired: (secretIndex: number) => boolean
  /** Digest of options and program version: see `FailureRecord.attempt`. */
  readonly attempt: string
  /** Render everything expected. */
  readonly force: boolean
  /** What a build by `force` has left. */
  readonly isForced?: IsForced
  readonly retryFailed: boolean
  /** Only a part of the expectation is in view: what it does not name says nothing. */
  readonly isNarrowed: boolean
}

/** The law Plan: expected keys against listed ones, for one source. Pure; costs no I/O. */
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
    // What is about to be copied is not yet to be pruned.
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
  if (rules.force) return { kind: 'render', result, reason: 'forced', maker: makerOf(result) }
  if (standing !== undefined && rules.isForced?.(source, result, standing.listed.modifiedAt))
    return { kind: 'render', result, reason: 'forced', why: 'forced', maker: makerOf(result) }
  // An extra stands while its original does, whatever it was encoded with: as where nobody asks (`decideUnasked`).
  const isAsWanted = (record: ResultRecord): boolean =>
    isFresh(record, fingerprint, rules) || (isExtra(result) && record.fingerprint === fingerprint)
  if (standing !== undefined) {
    const fresh = standing.records.filter(isAsWanted)
    const [record] = fresh
    if (record === undefined)
      return {
        kind: 'render',
        result,
        reason: 'stale',
        why: whyStale(standing.records, fingerprint, rules),
        maker: makerOf(result),
      }
    const headers = rules.headersOf(result.format)
    if (fresh.some((known) => known.headers === headers)) {
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
  return { kind: 'render', result, reason: 'missing', maker: makerOf(result) }
}

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

/** Whether a result is what a render of the current original would show; dates have no say. */
const isFresh = (record: ResultRecord, fingerprint: string | undefined, rules: DecisionRules): boolean =>
  record.fingerprint === fingerprint &&
  isAsConfigured(record, rules) &&
  !(rules.rerenderOtherEncoders && isByOtherEncoder(record, rules))

const isAsConfigured = ({ format, transform, recipe }: ResultRecord, { encoding }: DecisionRules): boolean =>
  encoding.recipesOf(format, transform).includes(recipe)

const isByOtherEncoder = (record: ResultRecord, { encoderOf }: DecisionRules): boolean =>
  encoderOf !== undefined && record.encoder !== encoderOf(record.format)

/** Before the size of a source that is too large to be read, in place of its fingerprint. */
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
  /** Whether a size asks for it, though perhaps under another secret. */
  readonly isAsked: boolean
  /** What the ledger has as orphans, by name, and since when. */
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
  // Under another secret, what the first secret's key now stands for has had its day.
  const isSuperseded = listed.secretIndex !== 0 && isAsked
  if (group.source === undefined || isSuperseded || rules.isRetired(listed.secretIndex)) return orphan()
  const isCurrent = listed.variant.transform.version === decision.version
  if (records.length === 0 && isCurrent) return renderAgain(listed)
  if (records.some((record) => record.fingerprint === fingerprint))
    return records.some((record) => record.maker === 'serve') ? { kind: 'extra', key: listed.key } : orphan()
  return records.some((record) => record.maker === 'build') ? orphan() : { kind: 'drop', key: listed.key }
}

/** Bytes that nobody vouches for may show an original that is gone: the law Ledger has them made anew. */
const renderAgain = ({ key, variant, transformText }: ListedResult): PlanStep => ({
  kind: 'render',
  result: { transform: variant.transform, transformText, format: variant.format, sizes: [] },
  reason: 'stale',
  why: 'unrecorded',
  maker: 'serve',
  at: key,
})
