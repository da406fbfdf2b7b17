import { sortRefusals, type WarmReport } from '../app/batch/reports.ts'
import type { LogCounts } from '../app/warm/count-log.ts'
import { compact } from '../core/compact.ts'
import { formatBytes, formatCount, formatNumber, formatSeconds } from './format-numbers.ts'
import type { Style } from './terminal-style.ts'

/** For people. */
export const formatWarmReport = (report: WarmReport, style: Style): string => {
  const { log, wanted, gone, tally, seconds, due } = report
  const { present, rendered, copied, touched, failed, bytesIn, bytesOut } = tally
  const refused = log.refused > 0 ? `, ${formatNumber(log.refused)} refused${formatRefusals(log)}` : ''
  const parts = compact(
    ...(due === undefined
      ? [`${formatNumber(rendered)} rendered`]
      : [`${formatNumber(due.count)} to render`]),
    ...counted([
      [copied, 'copied'],
      [touched, 'given new headers'],
      [present, 'present'],
      [gone, 'without an original'],
    ]),
    failed > 0 && style.red(`${formatCount(failed, 'source')} failed`),
  )
  const bytes = `${formatBytes(bytesIn)} of originals in, ${formatBytes(bytesOut)} of results out, `
  return [
    `${formatCount(log.lines, 'line')}, ${formatCount(log.urls, 'request')}${refused}`,
    `${style.bold(formatCount(wanted, 'variant'))} wanted: ${parts.join(', ')}`,
    `${rendered > 0 ? bytes : ''}in ${formatSeconds(seconds)}`,
  ].join('\n')
}

/** What went wrong and what was left out, for stderr; with `isQuiet` only failures. */
export const formatWarmTroubles = (
  { log, tally, isCapped }: WarmReport,
  { style, isQuiet }: { readonly style: Style; readonly isQuiet: boolean },
): readonly string[] => {
  const shown = tally.failures.slice(0, MOST_LINES)
  const rest = tally.failed - shown.length
  const notes = compact(
    log.lines > 0 &&
      log.urls === 0 &&
      'No line tells of a GET or HEAD request: is this an access log? `imgsizes warm --help` names the formats.',
    isCapped && 'So many variants were asked for that the rarest were not counted.',
    tally.failing > 0 &&
      `${formatCount(tally.failing, 'source')} failed before and not tried again: --retry-failed`,
  )
  return compact(
    ...shown.map(
      ({ source, problem }) =>
        `${style.red('failed')} ${source}: ${problem.message} ${style.dim(`(${problem.code})`)}`,
    ),
    rest > 0 && `… and ${formatNumber(rest)} more`,
    ...(isQuiet ? [] : notes.map((line) => style.yellow(line))),
  )
}

const MOST_LINES = 20

const counted = (parts: readonly (readonly [number, string])[]): readonly string[] =>
  parts.flatMap(([count, word]) => (count > 0 ? [`${formatNumber(count)} ${word}`] : []))

const formatRefusals = (log: LogCounts): string =>
  ` (${sortRefusals(log)
    .map(([code, count]) => `${formatNumber(count)} ${code}`)
    .join(', ')})`
