import type { AppEvent } from '../app/event.ts'
import type { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { PlanStep } from '../plan/decide.ts'
import type { CommonFlags } from './common-flags.ts'
import { formatAdvice, formatBytes, formatCount, formatNumber } from './format-numbers.ts'
import { LEFT_WORDS, NAMED_WORDS } from './html-report.ts'
import type { Style, Terminal } from './terminal.ts'

/** The beginning of a picture that an address itself contains. */
const INLINE = /^(data:.{0,40}).+$/is

/** Writes what happens at once: warnings and failures of the run always, the rest under `--verbose`. */
export const createEventLog =
  (
    terminal: Pick<Terminal, 'log' | 'logStyle'>,
    { isQuiet, isVerbose }: Pick<CommonFlags, 'isQuiet' | 'isVerbose'>,
  ) =>
  (event: AppEvent): void => {
    if (event.kind === 'warning') {
      if (!isQuiet) terminal.log(`${terminal.logStyle.yellow('warning:')} ${formatAdvice(event.problem)}`)
    } else if (event.kind === 'overrides-unused') {
      if (!isQuiet) terminal.log(formatUnused(event.names, { style: terminal.logStyle, isVerbose }))
    } else if (event.kind === 'page-failed' || event.kind === 'picture-failed') {
      terminal.log(`${terminal.logStyle.red('failed')} ${event.page}: ${formatAdvice(event.problem)}`)
    } else if (event.kind === 'ledger-unread') {
      terminal.log(`${terminal.logStyle.red('failed:')} ${formatAdvice(event.problem)}`)
    } else if (isVerbose) {
      for (const line of listLines(event, terminal.logStyle)) terminal.log(line)
    }
  }

/** Also writes at once what failed, and counts it; for commands that do not list failures when they end. */
export const createFailureLog = (
  terminal: Pick<Terminal, 'log' | 'logStyle'>,
  common: Pick<CommonFlags, 'isQuiet' | 'isVerbose'>,
) => {
  const log = createEventLog(terminal, common)
  let count = 0
  return {
    count: () => count,
    tell: (event: AppEvent): void => {
      log(event)
      if (event.kind !== 'part-unlisted' && event.kind !== 'source-failed') return
      count++
      if (common.isVerbose) return
      const line =
        event.kind === 'part-unlisted'
          ? formatUnlisted(event, terminal.logStyle)
          : formatFailed(event, terminal.logStyle)
      terminal.log(line)
    },
  }
}

const listLines = (event: AppEvent, style: Style): readonly string[] => {
  if (event.kind === 'source-planned') return formatFailingSource(event.source, event.steps, style)
  const line = formatEvent(event, style)
  return line === undefined ? [] : [line]
}

/** A warning about names that match no source: misspelled, or of a picture that is gone. */
const formatUnused = (
  names: readonly string[],
  { style, isVerbose }: { readonly style: Style; readonly isVerbose: boolean },
): string => {
  const shown = isVerbose ? names : names.slice(0, MOST_UNUSED)
  const rest = names.length - shown.length
  const more = rest > 0 ? ` and ${formatNumber(rest)} more (--verbose names them)` : ''
  const what = names.length === 1 ? 'override names' : 'overrides name'
  return `${style.yellow('warning:')} ${formatNumber(names.length)} ${what} no existing source: ${shown.map((name) => JSON.stringify(name)).join(', ')}${more}`
}

const MOST_UNUSED = 5

/** A part of the sources that could not be listed, and what follows from that. */
export const formatUnlisted = (
  { path, problem }: Pick<Extract<AppEvent, { kind: 'part-unlisted' }>, 'path' | 'problem'>,
  style: Style,
): string =>
  `${style.red('skipped')} ${path}: ${problem.message}. Results of originals there are left as they are. ${style.dim(`(${problem.code})`)}`

const formatFailed = (
  { source, problem }: Pick<Extract<AppEvent, { kind: 'source-failed' }>, 'source' | 'problem'>,
  style: Style,
): string => `${style.red('failed')} ${source}: ${problem.message}`

/** One line about an event; undefined where another event tells the same. */
const formatEvent = (event: AppEvent, style: Style): string | undefined => {
  switch (event.kind) {
    case 'source-skipped':
      return `${style.yellow('skipped')} ${JSON.stringify(event.name)} ${event.reason}`
    case 'part-unlisted':
      return formatUnlisted(event, style)
    case 'picture-left-out':
      return `${style.yellow('left out')} ${event.source}: \`include\` does not name it`
    case 'source-read':
      return style.dim(`read ${event.source}: ${formatBytes(event.sizeBytes)} in ${event.elapsedMs} ms`)
    case 'source-rendered':
      return style.dim(
        `rendered ${event.source}: ${event.outputs} results of ${event.megapixels.toFixed(1)} megapixels in ${event.elapsedMs} ms${event.cropsBy.length === 0 ? '' : `, crops by ${event.cropsBy.join(' and ')}`}`,
      )
    case 'result-stored':
      return `${event.replaced ? 'replaced' : 'stored'} ${event.key}: ${formatBytes(event.sizeBytes)}${event.overBytes === undefined ? '' : `, ${formatBytes(event.overBytes)} more than \`maxKilobytes\``}`
    case 'result-copied':
      return `copied ${event.key}`
    case 'result-touched':
      return `new headers for ${event.key}`
    case 'result-dropped':
      return `deleted ${event.key}: made by serve of an original that has changed`
    case 'source-gone':
      return `${style.yellow('gone')} ${event.source}`
    case 'alias-stored':
      return `stored ${event.name}, a second name of a result of ${event.source}`
    case 'alias-deleted':
      return `deleted ${event.name}, a second name of a result of ${event.source}`
    case 'picture-rewritten': {
      const aloneFor = event.rule ?? event.hydratedBy
      return style.dim(
        `${event.page}: ${event.source} as ${event.size}${aloneFor === undefined ? '' : `, without <picture> for ${aloneFor}`}`,
      )
    }
    case 'picture-left':
      return `${event.page}: ${nameLeft(event)} left as it is: ${LEFT_WORDS[event.reason]}${event.failure === undefined ? '' : `: ${event.failure}`}`
    case 'original-named':
      return `${event.page}: still loads the original ${event.source} ${NAMED_WORDS[event.by]}`
    case 'source-failed':
      return [formatFailed(event, style), ...listStack(event.problem)].join('\n')
    default:
      return undefined
  }
}

const nameLeft = ({ source, address, reason }: Extract<AppEvent, { kind: 'picture-left' }>): string =>
  reason === 'copy' ? `${address} (of ${source})` : (source ?? address.replace(INLINE, '$1…'))

/** The place of a bug, for its report. */
const listStack = ({ code, cause }: Problem): readonly string[] =>
  code === 'render-bug' && cause instanceof Error && cause.stack !== undefined ? [cause.stack] : []

/** One line for each reason why results of a source are not tried again, however many results there are. */
export const formatFailingSource = (
  source: SourceKey,
  steps: readonly PlanStep[],
  style: Style,
): readonly string[] => {
  const counts = new Map<string, number>()
  for (const step of steps)
    if (step.kind === 'failing') counts.set(step.failure.message, (counts.get(step.failure.message) ?? 0) + 1)
  return [...counts].map(
    ([reason, count]) => `${style.yellow('failing')} ${source} (${formatCount(count, 'result')}): ${reason}`,
  )
}
