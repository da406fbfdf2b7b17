import type { VariantKey } from '../url/keyring.ts'
import { groupAliases, type KnownAlias } from './alias.ts'
import type { Decision, DecisionRules, KnownResult, PlanStep } from './decide.ts'
import type { ListedResult, SourceGroup } from './group.ts'
import { isSameTag, type ResultRecord } from './ledger-entry.ts'

/** What a build does with an alias; there is no step for one that is right. */
export type AliasStep =
  /** Its result is made, copied or touched, and then the alias is written. */
  | { readonly kind: 'follow'; readonly alias: KnownAlias }
  /** It may hold other bytes than its result, which stands under `key`. */
  | { readonly kind: 'write'; readonly alias: KnownAlias; readonly key: VariantKey; readonly etag: string }
  /** Its result is gone, or will be. */
  | { readonly kind: 'delete'; readonly alias: KnownAlias }

/** The steps for a source's aliases, given the steps for its results. Pure; costs no I/O. */
export const decideAliases = (
  decision: Pick<Decision, 'group' | 'results'>,
  steps: readonly PlanStep[],
  rules: Pick<DecisionRules, 'headersOf' | 'isNarrowed'>,
): readonly AliasStep[] => {
  const records = decision.group.known?.aliases ?? []
  if (records.length === 0) return [] // the usual case
  const dropped = new Set(steps.flatMap((step) => (step.kind === 'drop' ? [step.key] : [])))
  const standing = decision.results.filter(({ listed }) => !dropped.has(listed.key))
  return groupAliases(records).flatMap((alias) => decideAlias(alias, { steps, standing }, rules) ?? [])
}

/** The aliases of a source that would have no result left if those of `isGone` were deleted. */
export const aliasesLeftBehind = (
  { known, results }: Pick<SourceGroup, 'known' | 'results'>,
  isGone: (key: VariantKey) => boolean,
): readonly KnownAlias[] => {
  const left = results.filter(({ key }) => !isGone(key))
  return groupAliases(known?.aliases ?? []).filter(
    (alias) => !left.some((listed) => isAliasOf(alias, listed)),
  )
}

/** Whether two records are of the same transform in the same format. */
export const isSameResult = (
  a: Pick<ResultRecord, 'transform' | 'format'>,
  b: Pick<ResultRecord, 'transform' | 'format'>,
): boolean => a.transform === b.transform && a.format === b.format

const decideAlias = (
  alias: KnownAlias,
  { steps, standing }: { readonly steps: readonly PlanStep[]; readonly standing: readonly KnownResult[] },
  rules: Pick<DecisionRules, 'headersOf' | 'isNarrowed'>,
): AliasStep | undefined => {
  if (steps.some((step) => changes(step, alias, rules))) return { kind: 'follow', alias }
  const own = standing.filter(({ listed }) => isAliasOf(alias, listed))
  const result = own.find(({ listed }) => listed.secretIndex === 0) ?? own[0]
  if (result !== undefined) {
    const [record] = result.records
    if (record === undefined || holds(alias, result.records)) return undefined
    return { kind: 'write', alias, key: result.listed.key, etag: record.etag }
  }
  // A narrowed run does not see all that is expected, so it deletes nothing.
  return rules.isNarrowed ? undefined : { kind: 'delete', alias }
}

const changes = (step: PlanStep, alias: KnownAlias, rules: Pick<DecisionRules, 'headersOf'>): boolean => {
  switch (step.kind) {
    case 'render':
      return isSameResult(alias, { transform: step.result.transformText, format: step.result.format })
    case 'touch':
      return isAliasOf(alias, step.at)
    case 'copy':
      // Neither bytes nor alias depend on our secrets.
      return (
        isSameResult(alias, step.record) &&
        !(holds(alias, [step.record]) && step.record.headers === rules.headersOf(alias.format))
      )
    default:
      return false
  }
}

const isAliasOf = (alias: KnownAlias, { transformText, variant }: ListedResult): boolean =>
  isSameResult(alias, { transform: transformText, format: variant.format })

const holds = ({ etags }: KnownAlias, records: readonly ResultRecord[]): boolean =>
  etags.every((etag) => records.some((record) => isSameTag(record.etag, etag)))
