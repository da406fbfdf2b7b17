import type { BuildTally, WorkSoFar } from '../app/batch/build-tally.ts'
import { UNTOLD } from '../app/originals.ts'
import { compact } from '../core/defined.ts'
import type { Project } from '../wire/project.ts'
import type { CommonFlags } from './common-flags.ts'
import { formatBytes, formatCount, formatNumber, formatSeconds } from './format-numbers.ts'
import { type ProgressState, startProgress } from './progress.ts'
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
 * Shows, while `work` runs, how far a build is, in sources; what was read, rendered and stored; and how long the rest will take. To know the
 * total, sources are counted beside the build, but only once there is work: a build with nothing to do lists everything
 * once.
 */
export const withBuildProgress = async <T>(
  options: BuildProgressOptions,
  work: () => Promise<T>,
): Promise<T> => {
  const { common, terminal, read } = options
  const counting = new AbortController()
  let count: SourceCount | undefined
  const look = (): void => {
    if (read().tally.bytesIn === 0) return
    clearInterval(looking)
    count = countSources(options, counting.signal)
  }
  // Before the first line is due, so that this line can tell the total.
  const looking = common.isQuiet ? undefined : setInterval(look, LOOK_MS)
  const timeLeft = createTimeLeft()
  const progress = startProgress(terminal, {
    isQuiet: common.isQuiet,
    read: () => {
      const { tally, seconds } = read()
      const total = count?.(tally)
      const left = total && timeLeft(tally.work, { seconds, totalBytes: total.bytes })
      return toBuildState(tally, { seconds, total: total?.sources, left })
    },
  })
  try {
    return await work()
  } finally {
    clearInterval(looking)
    counting.abort()
    progress.stop()
  }
}

const LOOK_MS = 200

interface Total {
  readonly sources: number
  readonly bytes: number
}

/** Undefined until all are counted. */
type SourceCount = (tally: BuildTally) => Total | undefined

/** A second listing, which costs little compared to rendering; the build does not wait for it. */
const countSources = ({ project, scope }: BuildProgressOptions, signal: AbortSignal): SourceCount => {
  const { isSelected, range, keys } = scope.selection
  // Some of the named sources may not exist, or not be included.
  if (keys !== undefined)
    return ({ others, work }) => ({ sources: keys.length - others, bytes: work.plannedBytes })
  let total: Total | undefined
  const count = async (): Promise<void> => {
    const counted = { sources: 0, bytes: 0 }
    for await (const { key, sizeBytes, isIncluded } of project.originals.list({ ...UNTOLD, range, signal })) {
      if (!isIncluded || (isSelected !== undefined && !isSelected(key))) continue
      counted.sources++
      counted.bytes += sizeBytes
    }
    total = counted
  }
  count().catch(() => {}) // without a count there is no bar; the build itself reports errors of the listing
  return () => total
}

/** `total`: number of sources, where known; `left`: seconds, where enough is known. */
export const toBuildState = (
  { finished, failed, ...work }: BuildTally,
  { seconds, total, left }: { seconds: number; total?: number | undefined; left?: number | undefined },
): ProgressState => {
  const failures = failed > 0 ? [`${formatNumber(failed)} failed`] : []
  const detail = formatStages(work, seconds)
  if (total === undefined || total === 0) {
    const text = [formatCount(finished, 'source'), ...failures, formatSeconds(seconds)].join(', ')
    return { text, detail }
  }
  const share = Math.min(1, finished / total)
  // If pictures are added during the build, there are more of them than were counted.
  const sources = `${formatNumber(finished)}/${formatCount(Math.max(finished, total), 'source')}`
  const rest = left === undefined || share === 1 ? [] : [`about ${formatTimeLeft(left)} left`]
  return { share, text: [sources, ...failures, formatSeconds(seconds), ...rest].join(', '), detail }
}

type Work = Pick<BuildTally, 'bytesIn' | 'megapixels' | 'rendered' | 'copied' | 'touched' | 'bytesOut'>

/** The stages: what was read, rendered and stored; the rate is that of the whole run so far. */
const formatStages = (
  { bytesIn, megapixels, rendered, copied, touched, bytesOut }: Work,
  seconds: number,
): string => {
  const rate = rendered / Math.max(seconds, 0.001)
  const stored = compact(
    bytesOut > 0 && formatBytes(bytesOut),
    rate >= 0.95 && `${formatNumber(Math.round(rate))}/s`,
  ).join(', ')
  return compact(
    bytesIn > 0 && `${formatBytes(bytesIn)} read`,
    megapixels >= 0.95 && `${formatCount(Math.round(megapixels), 'megapixel')} rendered`,
    bytesIn > 0 && `${formatCount(rendered, 'result')} stored${stored === '' ? '' : ` (${stored})`}`,
    copied > 0 && `${formatNumber(copied)} copied`,
    touched > 0 && `${formatNumber(touched)} given new headers`,
  ).join(', ')
}

/** Before this, the first pictures say too little about the others. */
const LEAST_SECONDS = 3
const LEAST_DONE = 10
const LEAST_SHARE = 0.2

/**
 * How long the rest will take, in seconds, from the work done since the first original was read; undefined while that
 * is too little. It is never shown longer than before: the next pictures may be faster again, and a time that grows
 * helps nobody.
 */
export const createTimeLeft = (): ((
  work: WorkSoFar,
  at: { readonly seconds: number; readonly totalBytes: number },
) => number | undefined) => {
  let begunAt: number | undefined
  let least = Number.POSITIVE_INFINITY
  return ({ plannedBytes, workBytes, doneBytes, done }, { seconds, totalBytes }) => {
    if (workBytes > 0) begunAt ??= seconds
    const elapsed = seconds - (begunAt ?? seconds)
    // Sources that were not looked at yet are assumed to have as much work as the others.
    const unseen = Math.max(0, totalBytes - plannedBytes) * (workBytes / Math.max(plannedBytes, 1))
    const all = workBytes + unseen
    if (elapsed < LEAST_SECONDS || done === 0 || (done < LEAST_DONE && doneBytes < all * LEAST_SHARE))
      return undefined
    least = Math.min(least, (elapsed * (all - doneBytes)) / Math.max(doneBytes, 1))
    return least
  }
}

/** `25 s`, `3 min`, `1 h 20 min`: rounded to what can be known. */
export const formatTimeLeft = (seconds: number): string => {
  if (seconds < 55) return `${Math.max(5, Math.ceil(seconds / 5) * 5)} s`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${Math.floor((minutes % 60) / 10) * 10} min`
}
