import { createBuildTally } from '../app/batch/build-tally.ts'
import type { AppEvent } from '../app/event.ts'
import { createRewriteTally } from '../app/site/rewrite-tally.ts'
import { createEventLog } from '../cli/event-log.ts'
import { formatAdvice, formatBytes, formatCount, formatSeconds } from '../cli/format-numbers.ts'
import { formatRewriteReport } from '../cli/html-report.ts'
import { chooseStyle } from '../cli/terminal.ts'
import type { SourceKey } from '../core/source-key.ts'
import { systemClock } from '../waiting/system-clock.ts'

/** What a plugin writes to stderr while it works, and once at the end. */
export type PluginLog = ReturnType<typeof openPluginLog>

const FIRST_LINE_MS = 2_000
const NEXT_LINES_MS = 5_000
const NAME = '[imgsizes]'
const MOST_FAILURES = 20

/** `isVerbose`: name every result and every picture that is left as it is. */
export const openPluginLog = ({ isVerbose }: { readonly isVerbose: boolean }) => {
  const style = chooseStyle(process.env, process.stderr.isTTY ?? false)
  const log = (text: string): void =>
    void process.stderr.write(`${text.replace(/^/gm, `${style.dim(NAME)} `)}\n`)
  const [built, rewritten] = [createBuildTally(), createRewriteTally()]
  const say = createEventLog({ log, logStyle: style }, { isQuiet: false, isVerbose })
  const sources = new Set<SourceKey>()
  // Several pages may be made at a time: the time and the lines are those of all together.
  let works = 0
  let workMs = 0
  let startedAt = 0
  let timer: NodeJS.Timeout | undefined
  const describe = (): string => {
    const { rendered, failed, bytesOut } = built.read()
    const failures = failed > 0 ? `, ${style.red(`${failed} failed`)}` : ''
    return `${formatCount(rendered, 'result')} of ${formatCount(sources.size, 'picture')}, ${formatBytes(bytesOut)}${failures}`
  }
  const tick = (): void => {
    log(`making what pages show: ${describe()} so far`)
    timer = setTimeout(tick, NEXT_LINES_MS)
  }
  const begin = (): void => {
    startedAt = systemClock.now()
    timer = setTimeout(tick, FIRST_LINE_MS)
  }
  const end = (): void => {
    clearTimeout(timer)
    workMs += systemClock.now() - startedAt
  }
  return {
    tell: (event: AppEvent): void => {
      built.tell(event)
      if (event.kind === 'result-stored') sources.add(event.source)
      if ('page' in event) rewritten.tell(event)
      say(event)
    },
    /** Prints progress where `work` takes long. */
    during: async <T>(work: Promise<T>): Promise<T> => {
      if (works++ === 0) begin()
      try {
        return await work
      } finally {
        if (--works === 0) end()
      }
    },
    /** Prints a summary, if there is anything to say. */
    finish: (): void => {
      const { rendered, failed, failures } = built.read()
      if (rendered + failed > 0) log(`made ${describe()} in ${formatSeconds(workMs / 1000)}`)
      for (const { source, problem } of failures.slice(0, MOST_FAILURES))
        log(`${style.red('failed')} ${source}: ${formatAdvice(problem)}`)
      const report = rewritten.read()
      const hasLeft = Object.entries(report.left).some(
        ([reason, count]) => count > 0 && WORTH_TELLING.has(reason),
      )
      if (hasLeft || Object.values(report.named).some((count) => count > 0))
        log(
          formatRewriteReport(report, {
            isCheck: false,
            style,
            ...(!isVerbose && { verboseWord: 'verbose: true' }),
          }),
        )
    },
  }
}

/** Reasons that the author may not know of, or may not have intended. */
const WORTH_TELLING = new Set(
  'unknown unbuilt left-out unmatched forbidden styled different failed'.split(' '),
)
