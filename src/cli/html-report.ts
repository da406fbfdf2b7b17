import type { LeftReason } from '../app/page-event.ts'
import type { RewriteReport } from '../app/rewrite-tally.ts'
import type { NamedBy } from '../page/read-page.ts'
import { formatBytes, formatCount, formatSaving } from './format.ts'
import type { Style } from './style.ts'

/** What a rewriting did, as JSON. Counts are of `<img>`s, `pages`, `changed` and `failedPages` of pages. */
export const toRewriteJson = ({
  unbuilt: _unbuilt,
  different: _different,
  rules: _rules,
  incomplete: _incomplete,
  ...counts
}: RewriteReport) => ({
  version: 1,
  ...counts,
})

/** The same for people, with what a visitor saves who looks at every page once on the widest screen. */
export const formatRewriteReport = (
  report: RewriteReport,
  {
    isCheck,
    style,
    verboseWord,
  }: {
    readonly isCheck: boolean
    readonly style: Style
    /** How one asks for names; undefined where they are told. */
    readonly verboseWord?: string | undefined
  },
): string => {
  const { pages, changed, failedPages, rewritten, bytesBefore, bytesAfter, unbuilt, different } = report
  const verb = isCheck ? 'would change' : 'changed'
  const reasons = countsOf(report.left, { ...LEFT_WORDS, failed: 'failed' })
  const names = countsOf(report.named, NAMED_WORDS)
  return [
    `${style.bold(`${formatCount(changed, 'page')} of ${pages.toLocaleString('en-US')} ${verb}`)}: ${formatCount(rewritten, 'picture')}`,
    ...(failedPages > 0 ? [style.red(`${formatCount(failedPages, 'page')} failed`)] : []),
    ...(report.alone > 0
      ? [
          `without <picture>, in one format, since CSS finds them by their place: ${report.alone.toLocaleString('en-US')} (${report.rules.join('; ')})`,
        ]
      : []),
    ...(reasons.length > 0 ? [`left as they are: ${reasons.join(', ')}`] : []),
    ...(names.length > 0 ? [`originals still named: ${names.join(', ')}`] : []),
    ...(bytesBefore > 0
      ? [
          `originals ${formatBytes(bytesBefore)}, now at most ${formatBytes(bytesAfter)} in the most compact format: ${formatSaving(bytesBefore, bytesAfter)}`,
        ]
      : []),
    ...(different.length > 0
      ? [style.yellow(`other pictures than the sources of those names: ${different.join(', ')}`)]
      : []),
    ...(report.incomplete.length > 0
      ? [
          style.yellow(
            `not all files built: ${report.incomplete.join(', ')}; run imgsizes build, or have serve answer for them`,
          ),
        ]
      : []),
    ...formatUnbuilt(unbuilt).map((line) => style.yellow(line)),
    ...(verboseWord !== undefined && reasons.length + names.length > 0
      ? [style.dim(`(${verboseWord} names each)`)]
      : []),
  ].join('\n')
}

const countsOf = <K extends string>(
  counts: Readonly<Record<K, number>>,
  words: Readonly<Record<K, string>>,
): readonly string[] =>
  (Object.keys(words) as K[]).flatMap((key) =>
    counts[key] > 0 ? [`${counts[key].toLocaleString('en-US')} ${words[key]}`] : [],
  )

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

export const LEFT_WORDS: Readonly<Record<LeftReason, string>> = {
  responsive: 'responsive already',
  off: 'off',
  elsewhere: 'on other hosts',
  unknown: 'of no source',
  vector: 'vectors',
  unbuilt: 'not built',
  'left-out': 'left out by `include`',
  unmatched: 'in a size that is not made of them',
  different: 'other files than the source of that name',
}

export const NAMED_WORDS: Readonly<Record<NamedBy, string>> = {
  srcset: 'srcset',
  data: 'data attributes',
  meta: 'og:image and the like',
  poster: 'poster',
  css: 'CSS',
  preload: 'preload without such a picture',
  element: 'elements other than <img>',
}
