import type { Project } from '../wire/project.ts'
import type { BuildTally } from './build-tally.ts'
import type { CommonFlags } from './common-flags.ts'
import { formatBytes, formatCount, formatSeconds } from './format.ts'
import { type Progress, type ProgressState, startProgress } from './progress.ts'
import type { Scope } from './scope.ts'
import type { Terminal } from './terminal.ts'

interface BuildProgressOptions {
  readonly project: Project
  readonly scope: Scope
  readonly common: CommonFlags
  readonly terminal: Terminal
  readonly read: () => { readonly tally: BuildTally; readonly seconds: number }
}

/** How far a build is, in sources. On a terminal they are counted beside the work, for a bar and the time left. */
export const showBuildProgress = (options: BuildProgressOptions): Progress => {
  const { common, terminal, read } = options
  const counting = new AbortController()
  const count = terminal.canRedraw && !common.isQuiet ? countSources(options, counting.signal) : undefined
  const progress = startProgress(terminal, {
    isQuiet: common.isQuiet,
    read: () => toState(read(), count?.total()),
  })
  return {
    stop: () => {
      counting.abort()
      progress.stop()
    },
  }
}

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
    for await (const source of project.originals.list({ signal, onSkipped: () => {} }))
      if (source.isIncluded && (isSelected === undefined || isSelected(source.key))) counted++
    total = counted
  }
  if (keys !== undefined) total = keys.length
  else count().catch(() => {}) // without a count there is no bar; what is wrong with the listing, the build tells
  return { total: () => total }
}

const toState = (
  { tally, seconds }: { readonly tally: BuildTally; readonly seconds: number },
  total: number | undefined,
): ProgressState => {
  const { finished, rendered, failed, bytesIn, bytesOut, megapixels } = tally
  const rate = megapixels / Math.max(seconds, 0.001)
  const parts = [
    total === undefined ? formatCount(finished, 'source') : `${finished}/${formatCount(total, 'source')}`,
    // Stage by stage: what has been read, decoded and drawn, and stored.
    ...(bytesIn > 0 ? [`${formatBytes(bytesIn)} read`] : []),
    ...(megapixels > 0 ? [`${megapixels.toFixed(1)} megapixels rendered (${rate.toFixed(1)}/s)`] : []),
    `${formatCount(rendered, 'result')} stored${bytesOut > 0 ? ` (${formatBytes(bytesOut)})` : ''}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ]
  if (total === undefined || total === 0) return { text: `${parts.join(', ')}, ${formatSeconds(seconds)}` }
  const share = Math.min(1, finished / total)
  // A few sources say little of the time that the rest will take.
  const isTold = seconds > 3 && finished >= 10 && share < 1
  const left = isTold ? [`${formatSeconds((seconds * (1 - share)) / share)} left`] : []
  return { share, text: [...parts, ...left].join(', ') }
}
