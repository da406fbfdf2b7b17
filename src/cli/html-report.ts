import type { LeftReason } from '../app/site/page-event.ts'
import type { RewriteReport } from '../app/site/rewrite-tally.ts'
import { compact } from '../core/defined.ts'
import type { NamedBy } from '../page/read-page.ts'
import { formatBytes, formatCount, formatNumber, formatSaving } from './format-numbers.ts'
import type { Style } from './terminal.ts'

/** What a rewriting did, as JSON. `pages`, `changed` and `failedPages` count pages, the others count `<img>`s. */
export const toRewriteJson = ({
  unbuilt: _unbuilt,
  different: _different,
  rules: _rules,
  frameworks: _frameworks,
  incomplete: _incomplete,
  ...counts
}: RewriteReport) => ({ version: 1, ...counts })

/** The same for people, with the bytes that a visitor saves who views every page once on the widest screen. */
export const formatRewriteReport = (
  report: RewriteReport,
  {
    isCheck,
    style,
    verboseWord,
  }: {
    readonly isCheck: boolean
    readonly style: Style
    /** How to ask for names; undefined where they were told. */
    readonly verboseWord?: string | undefined
  },
): string => {
  const { pages, changed, failedPages, rewritten, bytesBefore, bytesAfter, unbuilt, different } = report
  const verb = isCheck ? 'would change' : 'changed'
  const reasons = countsOf(report.left, { ...LEFT_WORDS, failed: 'failed' })
  const names = countsOf(report.named, NAMED_WORDS)
  return compact(
    `${style.bold(`${formatCount(changed, 'page')} of ${formatNumber(pages)} ${verb}`)}: ${formatCount(rewritten, 'picture')}`,
    failedPages > 0 && style.red(`${formatCount(failedPages, 'page')} failed`),
    report.alone > 0 &&
      `as an <img> in one format: ${formatNumber(report.alone)}, since ${compact(
        report.rules.length > 0 &&
          `CSS rules, slots or scripts may find them by their place (${report.rules.join('; ')})`,
        report.frameworks.length > 0 &&
          `a framework writes or checks their tags itself (${report.frameworks.join(', ')}); say data-imgsizes="off" where it changes a src`,
      ).join(', or ')}`,
    report.unsized > 0 &&
      `as wide as the window: ${formatNumber(report.unsized)}, since neither tag nor size says how wide they are shown; add \`sizes\` to the size`,
    reasons.length > 0 && `left as they are: ${reasons.join(', ')}`,
    names.length > 0 && `originals still loaded at full size: ${names.join(', ')}`,
    bytesBefore > 0 &&
      `originals ${formatBytes(bytesBefore)}, now at most ${formatBytes(bytesAfter)} in the most compact format: ${formatSaving(bytesBefore, bytesAfter)}`,
    different.length > 0 &&
      style.yellow(
        `left alone, since the site publishes other files under those names than the originals: ${different.join(', ')}; ${COPY_THEM}`,
      ),
    report.incomplete.length > 0 &&
      style.yellow(
        `not all files built: ${report.incomplete.join(', ')}; run imgsizes build, or have serve answer for them`,
      ),
    ...formatUnbuilt(unbuilt).map((line) => style.yellow(line)),
    verboseWord !== undefined &&
      reasons.length + names.length > 0 &&
      style.dim(`(${verboseWord} names each)`),
  ).join('\n')
}

const countsOf = <K extends string>(
  counts: Readonly<Record<K, number>>,
  words: Readonly<Record<K, string>>,
): readonly string[] =>
  (Object.keys(words) as K[]).flatMap((key) =>
    counts[key] > 0 ? [`${words[key]} (${formatNumber(counts[key])})`] : [],
  )

/** One line about what a build would add, and one for each source that a build has failed on, with its reason. */
const formatUnbuilt = (unbuilt: RewriteReport['unbuilt']): readonly string[] => {
  const untried = unbuilt.filter(({ failure }) => failure === undefined).map(({ source }) => source)
  return compact(
    untried.length > 0 && `not built: ${untried.join(', ')}; run imgsizes build first`,
    ...unbuilt.flatMap(({ source, failure }) =>
      failure === undefined ? [] : [`build failed on ${source}: ${failure}`],
    ),
  )
}

/** What to do where published files are no copies of originals. */
export const COPY_THEM = 'where the build of the site changes pictures, have it copy them as they are'

/** Why an `<img>` was left as it is, in words. */
export const LEFT_WORDS: Readonly<Record<LeftReason, string>> = {
  responsive: 'srcset or <picture> already',
  off: 'switched off by data-imgsizes="off"',
  scripted: 'a script changes its src',
  elsewhere: 'on another host, or inline',
  unknown: 'no original of that name',
  copy: 'a smaller copy, perhaps cropped, that another program made of an original; let pages name that',
  vector: 'SVG, shown as it is',
  unbuilt: 'not built yet',
  'left-out': 'left out by `include` or an override',
  unmatched: 'left out by the `match` of the size',
  forbidden:
    "the page's Content-Security-Policy lacks the results' host in img-src, or the tag says crossorigin",
  styled: 'a CSS rule finds it by its address',
  different: 'another file than the original of that name',
}

/** Where a page still names an original, in words. */
export const NAMED_WORDS: Readonly<Record<NamedBy, string>> = {
  srcset: 'in srcset',
  data: 'in data-* attributes',
  meta: 'in og:image, JSON-LD and the like',
  icon: 'as icons',
  poster: 'in poster',
  css: 'in CSS',
  preload: 'in a preload that no picture of the page matches',
  element: 'in elements other than <img>',
}
