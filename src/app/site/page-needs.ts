import { type FormatChoice, resolveFormats } from '../../core/format.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { formatTransform, parseTransform } from '../../core/transform.ts'
import { type ExpectedResult, idOfResult } from '../../plan/expected.ts'
import { compareSources } from '../../plan/source-order.ts'
import { toCurrentTransform } from '../origin/current-transform.ts'
import type { WantedParts } from '../warm/wanted.ts'
import type { WarmInput } from '../warm/warm.ts'

/** What pages show, by source: names of sizes, or transforms. */
export type PageNeeds = ReadonlyMap<SourceKey, ReadonlySet<string>>

interface NeedsRules extends Pick<WantedParts, 'expectation' | 'isIncluded' | 'versions'> {
  /** The formats of results that no size asks for. */
  readonly formats: readonly FormatChoice[]
}

/** What to build for pages: the results of their sizes; and of single transforms all formats, as extras. */
export const toWanted = (needs: PageNeeds, rules: NeedsRules): WarmInput['wanted'] => {
  const { expectation } = rules
  return {
    sources: [...needs.keys()].sort(compareSources),
    variantsOf: (source) => needs.get(source)?.size ?? 0,
    expectation: {
      needsFingerprint: expectation.needsFingerprint,
      reachesAll: true,
      longestNameBytes: expectation.longestNameBytes,
      of: (source, fingerprint, override) => {
        const names = needs.get(source) ?? new Set()
        const sized = expectation
          .of(source, fingerprint, override)
          .filter(({ sizes }) => sizes.some((size) => names.has(size)))
          // A plan would take it for an orphan where `include` does not name its source.
          .map((result) => (rules.isIncluded(source) ? result : { ...result, sizes: [] }))
        const extras = [...names].flatMap((name) => listExtras(name, { source, fingerprint }, rules))
        return [...new Map([...extras, ...sized].map((result) => [idOfResult(result), result])).values()]
      },
    },
  }
}

/** The results of a transform that a page names; none where the name is that of a size. */
const listExtras = (
  name: string,
  { source, fingerprint }: { readonly source: SourceKey; readonly fingerprint: string | undefined },
  { formats, versions }: NeedsRules,
): readonly ExpectedResult[] => {
  const plain = parseTransform(name)
  if (plain === undefined) return []
  const transform = fingerprint === undefined ? plain : toCurrentTransform(plain, fingerprint, versions)
  const transformText = formatTransform(transform)
  return resolveFormats(formats, source).map((format) => ({ transform, transformText, format, sizes: [] }))
}
