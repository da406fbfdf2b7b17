import type { PlannedSource } from '../app/batch/plan.ts'
import { hasWork, type PlanCounts } from '../app/batch/plan-counts.ts'
import { unreachable } from '../core/unreachable.ts'
import type { PlanStep } from '../plan/decide.ts'
import { STALE_WORDS, type StaleReason } from '../plan/stale-reason.ts'
import { formatFailingSource } from './event-log.ts'
import { formatCount, formatNumber, formatTable } from './format-numbers.ts'
import type { Style } from './terminal.ts'

/** Shown where there are sources, but no results are expected of any. */
export const NOTHING_ASKED =
  'No size asks for anything: `sizes` in the configuration is empty, none fits `match`, --size and --format, or overrides exclude every picture.'

/** Numbers of stale results, by reason. */
export type StaleCounts = Partial<Record<StaleReason, number>>

/** Adds one source's stale results to the counts. */
export const countStale = (counts: StaleCounts, { steps }: PlannedSource): void => {
  for (const step of steps)
    if (step.kind === 'render' && step.why !== undefined) counts[step.why] = (counts[step.why] ?? 0) + 1
}

interface PlanOptions {
  readonly stale: StaleCounts
  readonly next: string
  readonly style: Style
  readonly isVerbose: boolean
}

/** A plan for people: what there is, what would be done, and which command to run `next`. */
export const formatPlan = (counts: PlanCounts, { stale, next, style, isVerbose }: PlanOptions): string => {
  const rows = listRows(counts, stale)
  const table = formatTable(
    rows.map(({ word, count, meaning }) => [
      word,
      formatNumber(count),
      isVerbose ? meaning.replace(NAMED_BY_VERBOSE, '') : meaning,
    ]),
    ['left', 'right', 'left'],
  )
  const lines = table.map((line, index) => colour(rows[index], style)(`  ${line}`))
  return [
    style.bold(
      `${formatCount(counts.sources, 'source')}, ${formatCount(counts.expected, 'result')} expected`,
    ),
    ...lines,
    formatVerdict(counts, { next, style }),
  ].join('\n')
}

interface Row {
  readonly word: string
  readonly count: number
  readonly meaning: string
  readonly tone: Tone | undefined
}

type Tone = 'work' | 'trouble'

const NAMED_BY_VERBOSE = '; --verbose names them'

/** The other rows; each is shown where its count is not 0. */
const RARE_ROWS: readonly (readonly [word: keyof PlanCounts, meaning: string, tone?: Tone])[] = [
  ['copy', 'to be copied to the URLs of the new secret, not rendered', 'work'],
  ['touch', 'to get new headers (Cache-Control, ACL), not rendered', 'work'],
  ['drop', 'to be deleted: made by serve of an original that has changed', 'work'],
  ['failing', 'sources that failed, left alone until they change', 'trouble'],
  ['skipped', `file names that cannot be used${NAMED_BY_VERBOSE}`, 'trouble'],
  ['orphans', 'results whose original or size is gone; to delete: imgsizes prune'],
  ['extra', 'results that serve made on request, of no configured size; kept'],
  ['foreign', 'other files in the output, not made by imgsizes; left alone'],
]

const listRows = (counts: PlanCounts, stale: StaleCounts): readonly Row[] => {
  const toRow = (word: keyof PlanCounts, meaning: string, tone?: Tone): Row => ({
    word,
    count: counts[word],
    meaning,
    tone,
  })
  return [
    toRow('present', 'up to date'),
    toRow('missing', 'to be rendered', 'work'),
    toRow('stale', formatStale(stale, counts.stale), 'work'),
    ...RARE_ROWS.map((row) => toRow(...row)).filter(({ count }) => count > 0),
  ]
}

/** `to be rendered again: options changed`; where there are several reasons, each with its number. */
const formatStale = (counts: StaleCounts, all: number): string => {
  const reasons = Object.entries(STALE_WORDS).flatMap(([reason, words]) => {
    const count = counts[reason as StaleReason] ?? 0
    if (count === 0) return []
    return count === all ? words : `${words} (${formatNumber(count)})`
  })
  return `to be rendered again${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`
}

const colour = (row: Row | undefined, style: Style): ((text: string) => string) => {
  if (row === undefined || row.count === 0) return style.dim
  if (row.tone === 'work') return style.cyan
  return row.tone === 'trouble' ? style.yellow : (text) => text
}

const formatVerdict = (
  counts: PlanCounts,
  { next, style }: { readonly next: string; readonly style: Style },
): string => {
  if (hasWork(counts)) return `Next: ${next}`
  if (counts.failing > 0) return style.yellow(formatFailing(counts.failing))
  if (counts.sources === 0)
    return 'There are no pictures that `source`, `include`, `exclude` and --only let in.'
  return counts.expected === 0 ? style.yellow(NOTHING_ASKED) : style.green('Nothing to do.')
}

/** Failing sources are no work, because they are not tried again; but the report must not look as if all were well. */
const formatFailing = (count: number): string =>
  [
    `Nothing to do, but ${formatCount(count, 'source fails', 'sources fail')}:`,
    `  imgsizes plan --verbose          says why`,
    `  imgsizes build --retry-failed    tries again`,
  ].join('\n')

/** A line for each step that changes something, and one line for all that fail. */
export const formatSteps = ({ group, steps }: PlannedSource, style: Style): readonly string[] => [
  ...steps.flatMap((step) => {
    const line = formatStep(group.key, step, style)
    return line === undefined ? [] : [line]
  }),
  ...formatFailingSource(group.key, steps, style),
]

const formatStep = (source: string, step: PlanStep, style: Style): string | undefined => {
  switch (step.kind) {
    case 'keep':
    case 'failing':
      return undefined
    case 'render':
      return `${style.cyan(step.reason)} ${formatResult(source, step.result)}${step.why === undefined ? '' : style.dim(`: ${STALE_WORDS[step.why]}`)}`
    case 'copy':
      return `${style.cyan('copy')} ${step.from.key} → ${formatResult(source, step.result)}`
    case 'touch':
      return `${style.cyan('touch')} ${step.at.key}`
    case 'drop':
    case 'orphan':
    case 'extra':
      return `${step.kind} ${step.key}`
    default:
      return unreachable(step)
  }
}

const formatResult = (
  source: string,
  result: { readonly transformText: string; readonly format: string; readonly sizes: readonly string[] },
): string =>
  `${source} ${result.transformText} ${result.format}${result.sizes.length > 0 ? ` (${result.sizes.join(', ')})` : ''}`
