import type { Project } from '../wire/project.ts'
import type { BuildTally } from './build-tally.ts'
import type { CommonFlags } from './common-flags.ts'
import { formatBytes, formatCount, formatSeconds } from './format.ts'
import { type Progress, type ProgressState, startProgress } from './progress.ts'
import type { Scope } from './scope.ts'
import type { Terminal } from './terminal.ts'

interface BuildProgressOptions {
  readonly project: { readonly originals: Pick<Project['originals'], 'list'> }
  readonly scope: Scope
  readonly common: Pick<CommonFlags, 'isQuiet'>
  readonly terminal: Terminal
  readonly read: () => { readonly tally: BuildTally; readonly seconds: number }
}

/**
 * How far a build is, in sources; what has been read, rendered and stored; and how long it will take. Sources are
 * counted beside the work for that, once there is any: a build with nothing to do lists everything once.
 */
export const showBuildProgress = (options: BuildProgressOptions): Progress => {
  const { common, terminal, read } = options
  const counting = new AbortController()
  let count: SourceCount | undefined
  const look = (): void => {
    if (read().tally.bytesIn === 0) return
    clearInterval(looking)
    count = countSources(options, counting.signal)
  }
  // Sooner than the first line is due: it is to say already how many there are.
  const looking = common.isQuiet ? undefined : setInterval(look, LOOK_MS)
  const progress = startProgress(terminal, {
    isQuiet: common.isQuiet,
    read: () => {
      const { tally, seconds } = read()
      return toBuildState(tally, { seconds, total: count?.total() })
    },
  })
  return {
    stop: () => {
      clearInterval(looking)
      counting.abort()
      progress.stop()
    },
  }
}

const LOOK_MS = 200

interface SourceCount {
  /** Undefined until all are counted. */
  readonly total: () => number | undefined
}

/** A second listing, which costs little beside rendering; the build does not wait for it. */
const countSources = ({ project, scope }: BuildProgressOptions, signal: AbortSignal): SourceCount => {
  const { isSelected, keys } = scope.selection
  let total: number | undefined
  const count = async (): Promise<void> => {
    let counted = 0
    for await (const source of project.originals.list({ signal, onSkipped: () => {}, onUnlisted: () => {} }))
      if (source.isIncluded && (isSelected === undefined || isSelected(source.key))) counted++
    total = counted
  }
  if (keys !== undefined) total = keys.length
  else count().catch(() => {}) // without a count there is no bar; what is wrong with the listing, the build tells
  return { total: () => total }
}

/** `total`: of sources, where it is known. */
export const toBuildState = (
  { finished, failed, ...work }: BuildTally,
  { seconds, total }: { readonly seconds: number; readonly total: number | undefined },
): ProgressState => {
  const failures = failed > 0 ? [`${failed.toLocaleString('en-US')} failed`] : []
  const detail = formatStages(work, seconds)
  if (total === undefined || total === 0) {
    const text = [formatCount(finished, 'source'), ...failures, formatSeconds(seconds)].join(', ')
    return { text, detail }
  }
  const share = Math.min(1, finished / total)
  const sources = `${finished.toLocaleString('en-US')}/${formatCount(total, 'source')}`
  // A few sources say little of the time that the rest will take.
  const isTold = seconds > 3 && (finished >= 10 || share >= 0.2) && share < 1
  const left = isTold ? [`${formatSeconds((seconds * (1 - share)) / share)} left`] : []
  return { share, text: [sources, ...failures, formatSeconds(seconds), ...left].join(', '), detail }
}

type Work = Pick<BuildTally, 'bytesIn' | 'megapixels' | 'rendered' | 'copied' | 'touched' | 'bytesOut'>

/** Stage by stage: what has been read, decoded and drawn, and stored; the rate is that of the whole run so far. */
const formatStages = (
  { bytesIn, megapixels, rendered, copied, touched, bytesOut }: Work,
  seconds: number,
): string => {
  const rate = megapixels / Math.max(seconds, 0.001)
  return [
    ...(bytesIn > 0 ? [`${formatBytes(bytesIn)} read`] : []),
    ...(megapixels > 0 ? [`${formatTenths(megapixels)} megapixels rendered (${formatTenths(rate)}/s)`] : []),
    ...(bytesIn > 0
      ? [`${formatCount(rendered, 'result')} stored${bytesOut > 0 ? ` (${formatBytes(bytesOut)})` : ''}`]
      : []),
    ...(copied > 0 ? [`${copied.toLocaleString('en-US')} copied`] : []),
    ...(touched > 0 ? [`${touched.toLocaleString('en-US')} touched`] : []),
  ].join(', ')
}

/** `3.2`, and whole numbers from a hundred on. */
const formatTenths = (value: number): string =>
  value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')
