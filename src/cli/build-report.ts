import type { BuildTally } from '../app/batch/build-tally.ts'
import type { Saving } from '../app/batch/savings.ts'
import type { SizeConfig } from '../config/config.ts'
import { compact } from '../core/defined.ts'
import { FORMATS } from '../core/format.ts'
import { formatUnlisted } from './event-log.ts'
import {
  formatAdvice,
  formatBytes,
  formatCount,
  formatNumber,
  formatRate,
  formatSaving,
  formatSeconds,
  formatTable,
} from './format-numbers.ts'
import { NOTHING_ASKED } from './plan-report.ts'
import type { Style } from './terminal.ts'

/** What a build did, for people. */
export const formatBuildReport = (
  { tally, seconds }: { readonly tally: BuildTally; readonly seconds: number },
  { sizes, style }: { readonly sizes: readonly SizeConfig[]; readonly style: Style },
): string =>
  [
    formatSummary(tally, style),
    ...formatWork(tally, seconds),
    ...(tally.savings.length > 0 ? ['', ...formatSavings(sortSavings(tally.savings, sizes), style)] : []),
  ].join('\n')

const formatSummary = (tally: BuildTally, style: Style): string => {
  const { sources, rendered, copied, touched, dropped, present, failed, unlisted, failing } = tally
  const parts = [
    [rendered, 'rendered'],
    [copied, 'copied'],
    [touched, 'given new headers'],
    [dropped, 'deleted'],
    [present, 'present'],
  ] as const
  const results = parts
    .filter(([count], index) => count > 0 || index === 0)
    .map(([count, word]) => `${formatNumber(count)} ${word}`)
    .join(', ')
  const failures = compact(
    failed > unlisted && style.red(`${formatNumber(failed - unlisted)} failed`),
    unlisted > 0 && style.red(`${formatCount(unlisted, 'folder')} not read`),
    failing > 0 && style.yellow(`${formatNumber(failing)} not tried again (failed before)`),
  )
  return `${[style.bold(formatCount(sources, 'source')), ...failures].join(', ')}; results: ${results}`
}

const formatWork = (tally: BuildTally, seconds: number): readonly string[] => {
  const { rendered, bytesIn, bytesOut, crops } = tally
  if (rendered === 0) return [`in ${formatSeconds(seconds)}`]
  const rate = formatRate(rendered, seconds)
  return [
    `${formatBytes(bytesIn)} of originals in, ${formatBytes(bytesOut)} of results out`,
    `in ${formatSeconds(seconds)}${rate === undefined ? '' : `, ${rate}`}`,
    ...formatCrops(crops),
  ]
}

/** What decided where crops are: of interest where it was not always the same. */
const formatCrops = (crops: BuildTally['crops']): readonly string[] => {
  const parts = CROPS_WORDS.flatMap(([by, words]) =>
    crops[by] > 0 ? [`${formatNumber(crops[by])} by ${words}`] : [],
  )
  return crops.override + crops.faces === 0 ? [] : [`crops: ${parts.join(', ')}`]
}

const CROPS_WORDS = [
  ['override', 'the focus of an override'],
  ['faces', 'faces marked in the file'],
  ['saliency', 'what stands out'],
] as const

/** In the order of the configuration, the most compact format first. */
export const sortSavings = (savings: readonly Saving[], sizes: readonly SizeConfig[]): readonly Saving[] => {
  const rank = new Map(sizes.map(({ name }, index) => [name, index]))
  return [...savings].sort(
    (a, b) =>
      (rank.get(a.size) ?? 0) - (rank.get(b.size) ?? 0) ||
      FORMATS.indexOf(a.format) - FORMATS.indexOf(b.format),
  )
}

const formatSavings = (savings: readonly Saving[], style: Style): readonly string[] => {
  const [head = '', ...rows] = formatTable(
    [
      ['size', 'format', 'results', 'original', 'result', 'saving'],
      ...savings.map(({ size, format, results, sourceBytes, bytes }) => [
        size,
        format,
        formatNumber(results),
        formatBytes(Math.round(sourceBytes / results)),
        formatBytes(Math.round(bytes / results)),
        formatSaving(sourceBytes, bytes),
      ]),
    ],
    ['left', 'left', 'right', 'right', 'right', 'right'],
  )
  return [style.dim(`${head}   (bytes on average)`), ...rows]
}

const MOST_LINES = 20

interface TroubleOptions {
  readonly style: Style
  /** Whether the sources were given by name. */
  readonly areNamed: boolean
  readonly isQuiet: boolean
  /** Whether names were told that are only counted here. */
  readonly isVerbose: boolean
}

/** What failed and what was left alone, for stderr; with `isQuiet` only failures. */
export const formatBuildTroubles = (
  tally: BuildTally,
  { style, areNamed, isQuiet, isVerbose }: TroubleOptions,
): readonly string[] => {
  const shown = tally.failures.slice(0, MOST_LINES)
  const rest = tally.failed - shown.length
  return compact(
    ...shown.map(({ source, problem, isUnlisted }) =>
      isUnlisted
        ? formatUnlisted({ path: source, problem }, style)
        : `${style.red('failed')} ${source}: ${formatAdvice(problem)} ${style.dim(`(${problem.code})`)}`,
    ),
    rest > 0 && `… and ${formatNumber(rest)} more; --report-failures <file> writes them all`,
    ...(isQuiet ? [] : [...formatDamaged(tally, style), ...formatSimplified(tally, style)]),
    ...(isQuiet ? [] : formatNotes(tally, { areNamed, isVerbose }).map((line) => style.yellow(line))),
  )
}

const formatDamaged = ({ damaged }: BuildTally, style: Style): readonly string[] => {
  const shown = damaged.slice(0, MOST_LINES)
  return compact(
    ...shown.map(
      ({ source, message }) => `${style.yellow('damaged')} ${source}: its readable part is shown. ${message}`,
    ),
    damaged.length > shown.length && `… and more: --report <file> lists them`,
  )
}

const formatSimplified = ({ simplified }: BuildTally, style: Style): readonly string[] =>
  compact(
    ...simplified
      .slice(0, MOST_LINES)
      .map(
        ({ source, undrawn }) =>
          `${style.yellow('simplified')} ${source}: its pixels lack what browsers show: ${undrawn.join('; ')}. Save it in plainer SVG, or show it as a vector.`,
      ),
    simplified.length > MOST_LINES && `… and ${formatNumber(simplified.length - MOST_LINES)} more drawings`,
  )

/** `areNamed`: the sources were given by name, so a line tells how many do not exist. */
const formatNotes = (
  { sources, expected, failed, failing, skipped, others, otherEncoders, oversized }: BuildTally,
  { areNamed, isVerbose }: Pick<TroubleOptions, 'areNamed' | 'isVerbose'>,
): readonly string[] =>
  compact(
    sources > 0 && expected === 0 && failed === 0 && NOTHING_ASKED,
    otherEncoders > 0 &&
      `${formatCount(otherEncoders, 'result')} made by other encoders than these ${wasOrWere(otherEncoders)} kept: --encoder-changed rerender`,
    failing > 0 &&
      `${formatCount(failing, 'source')} failed before and ${wasOrWere(failing)} not tried again: ` +
        'imgsizes plan --verbose says why, imgsizes build --retry-failed tries again',
    oversized > 0 &&
      `${formatCount(oversized, 'result')} ${isOrAre(oversized)} larger than \`maxKilobytes\` allows, and no quality makes them smaller: PNG and GIF keep every pixel`,
    skipped > 0 &&
      `${formatCount(skipped, 'name')} skipped that cannot be a source${isVerbose ? '' : ': --verbose tells which'}`,
    areNamed &&
      others > 0 &&
      `${formatCount(others, 'named source')} ${wasOrWere(others)} not found, or ${isOrAre(others)} not included`,
  )

const isOrAre = (count: number): string => (count === 1 ? 'is' : 'are')

const wasOrWere = (count: number): string => (count === 1 ? 'was' : 'were')
