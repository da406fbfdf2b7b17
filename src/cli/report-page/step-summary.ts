import type { BuildTally } from '../../app/batch/build-tally.ts'
import { formatBytes, formatCount, formatNumber, formatSaving, formatSeconds } from '../format-numbers.ts'
import type { BuildOutcome } from './report-page.ts'

const MOST_FAILURES = 20

const VERDICTS = { stopped: '⏹ stopped before its end', 'broken-off': '❌ broken off by an error' } as const

/** A build in GitHub's Markdown: what a job's page shows under the log. */
export const formatStepSummary = (outcome: Omit<BuildOutcome, 'when'>): string => {
  const { tally, seconds, end, brokenOff } = outcome
  const { sources, rendered, present, otherEncoders, failed, failing, bytesIn, bytesOut } = tally
  const verdict =
    end === 'done' ? (failed > 0 ? `❌ ${formatCount(failed, 'source')} failed` : '✅ done') : VERDICTS[end]
  return `${[
    '### imgsizes build',
    '',
    `${verdict}: ${formatCount(sources, 'source')}, ${formatCount(rendered, 'result')} rendered, ${formatNumber(present)} present, ` +
      `${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out, ${formatSeconds(seconds)}.`,
    ...(brokenOff ? ['', `${toCell(brokenOff.message)} (${brokenOff.code})`] : []),
    ...(otherEncoders > 0
      ? [
          '',
          `${formatCount(otherEncoders, 'result')} by other encoders, kept: \`--encoder-changed rerender\``,
        ]
      : []),
    ...(failing > 0
      ? ['', `${formatCount(failing, 'source')} failed before, not tried again: \`--retry-failed\``]
      : []),
    ...formatSavings(tally),
    ...formatFailures(tally),
  ].join('\n')}\n\n`
}

const formatSavings = ({ savings }: BuildTally): readonly string[] =>
  savings.length === 0
    ? []
    : [
        '',
        '| size | format | results | original | result | saving |',
        '|---|---|---:|---:|---:|---:|',
        ...savings.map(
          ({ size, format, results, sourceBytes, bytes }) =>
            `| ${toCell(size)} | ${format} | ${results} | ${formatBytes(Math.round(sourceBytes / results))} | ${formatBytes(Math.round(bytes / results))} | ${formatSaving(sourceBytes, bytes)} |`,
        ),
      ]

const formatFailures = ({ failures, failed }: BuildTally): readonly string[] =>
  failed === 0
    ? []
    : [
        '',
        '| failed | reason |',
        '|---|---|',
        ...failures
          .slice(0, MOST_FAILURES)
          .map(
            ({ source, problem }) => `| ${toCell(source)} | ${toCell(problem.message)} (${problem.code}) |`,
          ),
        ...(failed > MOST_FAILURES ? ['', `… and ${failed - MOST_FAILURES} more.`] : []),
      ]

/** Names may hold anything that Markdown or HTML would take for its own. */
const toCell = (text: string): string =>
  text.replace(/[\\`*_{}[\]()#+!|<>&~]/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll('\n', ' ')
