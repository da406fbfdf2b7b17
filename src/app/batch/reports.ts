import type { Problem } from '../../core/problem.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { LogCounts } from '../warm/count-log.ts'
import { type BuildTally, MOST_FAILURES } from './build-tally.ts'
import type { PlanCounts } from './plan-counts.ts'
import type { PruneCounts } from './prune.ts'
import type { BadResult } from './verify.ts'

/**
 * The reports of the contract (docs/reference/contracts.md): the commands print them with `--json`, the library
 * returns them.
 */

/** Why a build ended early. */
export type BrokenOff = Pick<Problem, 'message'> & { readonly code: Problem['code'] | 'bug' }

/** The contract's JSON of a build; `brokenOff` is listed among the failures, without a source. */
export const toBuildJson = (tally: BuildTally, seconds: number, brokenOff?: BrokenOff) => ({
  version: 1 as const,
  sources: tally.sources,
  rendered: tally.rendered,
  copied: tally.copied,
  touched: tally.touched,
  dropped: tally.dropped,
  present: tally.present,
  failed: tally.failed + (brokenOff === undefined ? 0 : 1),
  bytesIn: tally.bytesIn,
  bytesOut: tally.bytesOut,
  seconds: Math.round(seconds * 1000) / 1000,
  failures: [
    ...(brokenOff === undefined ? [] : [{ source: '', code: brokenOff.code, message: brokenOff.message }]),
    ...tally.failures.map(({ source, problem: { code, message } }) => ({ source, code, message })),
  ].slice(0, MOST_FAILURES),
})

/** The contract's JSON of a plan. */
export const toPlanJson = (counts: PlanCounts) => ({ version: 1 as const, ...counts })

/** The contract's JSON of a prune. */
export const toPruneJson = (counts: PruneCounts) => ({ version: 1 as const, ...counts })

/** The contract's JSON of a purge. */
export const toPurgeJson = (keys: readonly VariantKey[]) => ({
  version: 1 as const,
  deleted: keys.length,
  keys,
})

/** The numbers and findings of a verification. */
export interface VerifyOutcome {
  readonly checked: number
  readonly bad: readonly BadResult[]
  /** Those of `bad` that are still bad; without a repair, all of them. */
  readonly left: readonly BadResult[]
  readonly isRepair: boolean
}

/** The contract's JSON of a verification. */
export const toVerifyJson = ({ checked, bad, left, isRepair }: VerifyOutcome) => {
  const still = new Set(left)
  const repaired = bad.filter((each) => !still.has(each))
  return {
    version: 1 as const,
    checked,
    bad: left.map(toRow),
    ...(isRepair && { repaired: repaired.map(toRow) }),
  }
}

const toRow = ({ key, code }: BadResult) => ({ key, code })

/** A result that has to be made. */
export interface DueResult {
  readonly key: string
  readonly hits: number
}

/** What a warming did, or would do. */
export interface WarmReport {
  readonly log: LogCounts
  /** Whether more variants were asked for than are counted; the rare ones are left out. */
  readonly isCapped: boolean
  readonly wanted: number
  /** Those of `wanted` whose original does not exist or is excluded. */
  readonly gone: number
  readonly tally: BuildTally
  readonly seconds: number
  /** For a dry run: how many results would be made, and the first of them. */
  readonly due?: { readonly count: number; readonly first: readonly DueResult[] } | undefined
}

/** How many results the JSON of a dry run lists; the limit of failures is the same (docs/reference/contracts.md). */
export const MOST_DUE_LISTED = 1_000

/** The contract's JSON of a warming. */
export const toWarmJson = ({ log, wanted, gone, tally, seconds, due }: WarmReport) => {
  const { present, rendered, copied, touched, failed, failures, ...rest } = toBuildJson(tally, seconds)
  return {
    version: 1 as const,
    lines: log.lines,
    urls: log.urls,
    refused: log.refused,
    refusals: Object.fromEntries(sortRefusals(log)),
    wanted,
    gone,
    present,
    rendered,
    copied,
    touched,
    failed,
    ...(due && { due: due.count, render: due.first }),
    bytesIn: rest.bytesIn,
    bytesOut: rest.bytesOut,
    seconds: rest.seconds,
    failures,
  }
}

/** Why log lines were refused, the most frequent reason first. */
export const sortRefusals = ({ refusals }: LogCounts): readonly (readonly [string, number])[] =>
  [...refusals].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))

/** What {@link toBuildJson} gives; so for the others. */
export type BuildJson = ReturnType<typeof toBuildJson>

/** See {@link toPlanJson}. */
export type PlanJson = ReturnType<typeof toPlanJson>

/** See {@link toPruneJson}. */
export type PruneJson = ReturnType<typeof toPruneJson>

/** See {@link toPurgeJson}. */
export type PurgeJson = ReturnType<typeof toPurgeJson>

/** See {@link toVerifyJson}. */
export type VerifyJson = ReturnType<typeof toVerifyJson>

/** See {@link toWarmJson}. */
export type WarmJson = ReturnType<typeof toWarmJson>
