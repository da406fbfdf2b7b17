import { compareBytes } from '../../core/byte-order.ts'
import type { Format } from '../../core/format.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { formatTransform, type Transform } from '../../core/transform.ts'
import { type Expectation, type ExpectedResult, idOfResult } from '../../plan/expected.ts'
import type { Keyring } from '../../url/keyring.ts'
import { toCurrentTransform, type VersionRules } from '../origin/current-transform.ts'
import type { Counted } from './frequent.ts'

/** What visitors want, as input for a build. */
export interface WantedResults {
  /** The most wanted first, by the sum of their variants' requests; with equal sums in byte order. */
  readonly sources: readonly SourceKey[]
  readonly variants: number
  variantsOf(source: SourceKey): number
  /** The wanted results of any source; those that no size asks for are extras. */
  readonly expectation: Expectation
  /** How often a result of `expectation` was asked for. */
  hitsOf(source: SourceKey, result: ExpectedResult, fingerprint: string | undefined): number
}

/** What visitors asked for, and what `build` makes. */
export interface WantedParts {
  /** Keys as `ReadLogUrl` gives them. */
  readonly counted: readonly Counted[]
  readonly keyring: Pick<Keyring, 'verify'>
  readonly versions: VersionRules
  /** What `build` makes of the sources that are `isIncluded`. */
  readonly expectation: Expectation
  readonly isIncluded: (source: SourceKey) => boolean
}

interface WantedVariant {
  readonly transform: Transform
  readonly format: Format
  readonly hits: number
}

/** Groups what visitors asked for by source. */
export const createWanted = (parts: WantedParts): WantedResults => {
  const { counted, keyring, versions, expectation, isIncluded } = parts
  const bySource = groupBySource(counted, keyring)
  const variants = [...bySource.values()].flat()
  const needsFingerprint =
    versions.versions || variants.some(({ transform }) => transform.version !== undefined)

  const currentOf = (source: SourceKey, fingerprint: string | undefined): ReadonlyMap<string, Current> =>
    mergeCurrent(bySource.get(source) ?? [], (transform) =>
      fingerprint === undefined ? transform : toCurrentTransform(transform, fingerprint, versions),
    )
  return {
    sources: orderSources(bySource),
    variants: variants.length,
    variantsOf: (source) => bySource.get(source)?.length ?? 0,
    expectation: {
      needsFingerprint,
      reachesAll: true,
      longestNameBytes: expectation.longestNameBytes,
      of: (source, fingerprint, override) => {
        if (needsFingerprint && fingerprint === undefined) return [] // it vanished after it was looked up
        const sized = isIncluded(source) ? expectation.of(source, fingerprint, override) : []
        const expected = new Map(sized.map((result) => [idOfResult(result), result]))
        return [...currentOf(source, fingerprint)].map(([id, { result }]) => expected.get(id) ?? result)
      },
    },
    hitsOf: (source, result, fingerprint) =>
      currentOf(source, fingerprint).get(idOfResult(result))?.hits ?? 0,
  }
}

const groupBySource = (
  counted: readonly Counted[],
  keyring: Pick<Keyring, 'verify'>,
): ReadonlyMap<SourceKey, readonly WantedVariant[]> => {
  const groups = new Map<SourceKey, WantedVariant[]>()
  for (const { text, hits } of counted) {
    const verified = keyring.verify(text)
    if (verified === undefined) throw new Error(`counted what is no key: ${text}`)
    const { source, transform, format } = verified.variant
    const group = groups.get(source)
    if (group === undefined) groups.set(source, [{ transform, format, hits }])
    else group.push({ transform, format, hits })
  }
  return groups
}

const orderSources = (groups: ReadonlyMap<SourceKey, readonly WantedVariant[]>): readonly SourceKey[] =>
  [...groups]
    .map(([source, variants]) => ({ source, hits: variants.reduce((sum, { hits }) => sum + hits, 0) }))
    .sort((a, b) => b.hits - a.hits || compareBytes(a.source, b.source))
    .map(({ source }) => source)

interface Current {
  readonly result: ExpectedResult
  readonly hits: number
}

/** Counts several versions of a variant as one. */
const mergeCurrent = (
  variants: readonly WantedVariant[],
  toCurrent: (transform: Transform) => Transform,
): ReadonlyMap<string, Current> => {
  const merged = new Map<string, Current>()
  for (const { transform: asked, format, hits } of variants) {
    const transform = toCurrent(asked)
    const result = { transform, transformText: formatTransform(transform), format, sizes: [] }
    const id = idOfResult(result)
    merged.set(id, { result, hits: hits + (merged.get(id)?.hits ?? 0) })
  }
  return merged
}
