import type { LeftCounts, RewriteReport } from '../app/rewrite-site.ts'
import { formatBytes, formatCount, formatSaving } from './format.ts'
import type { Style } from './style.ts'

/** What a rewriting did, as JSON. Counts are of `<img>`s, `pages` and `changed` of pages. */
export const toRewriteJson = ({
  pages,
  changed,
  rewritten,
  left,
  bytesBefore,
  bytesAfter,
}: RewriteReport) => ({
  version: 1,
  pages,
  changed,
  rewritten,
  left,
  bytesBefore,
  bytesAfter,
})

/** The same for people, with what a visitor saves who looks at every page once on the widest screen. */
export const formatRewriteReport = (
  report: RewriteReport,
  { isCheck, style }: { readonly isCheck: boolean; readonly style: Style },
): string => {
  const { pages, changed, rewritten, left, bytesBefore, bytesAfter, unbuilt } = report
  const verb = isCheck ? 'would change' : 'changed'
  const reasons = REASONS.flatMap(([reason, words]) =>
    left[reason] > 0 ? [`${left[reason].toLocaleString('en-US')} ${words}`] : [],
  )
  return [
    `${style.bold(`${formatCount(changed, 'page')} of ${pages.toLocaleString('en-US')} ${verb}`)}: ${formatCount(rewritten, 'picture')}`,
    ...(reasons.length > 0 ? [`left as they are: ${reasons.join(', ')}`] : []),
    ...(bytesBefore > 0
      ? [
          `originals ${formatBytes(bytesBefore)}, now at most ${formatBytes(bytesAfter)} in the most compact format: ${formatSaving(bytesBefore, bytesAfter)}`,
        ]
      : []),
    ...formatUnbuilt(unbuilt).map((line) => style.yellow(line)),
  ].join('\n')
}

/** What a build would mend, in one line; what it has failed on, which another would not, each with its reason. */
const formatUnbuilt = (unbuilt: RewriteReport['unbuilt']): readonly string[] => {
  const untried = unbuilt.filter(({ failure }) => failure === undefined).map(({ source }) => source)
  return [
    ...(untried.length > 0 ? [`not built: ${untried.join(', ')}; run imgsizes build first`] : []),
    ...unbuilt.flatMap(({ source, failure }) =>
      failure === undefined ? [] : [`build failed on ${source}: ${failure}`],
    ),
  ]
}

const REASONS: readonly (readonly [reason: keyof LeftCounts, words: string])[] = [
  ['responsive', 'responsive already'],
  ['off', 'off'],
  ['unknown', 'of no source'],
  ['unbuilt', 'not built'],
  ['unmatched', 'in a size that is not made of them'],
  ['different', 'other files than the source of that name'],
  ['failed', 'failed'],
]
