import type { PlannedSource } from '../app/batch/plan.ts'
import { type DueResult, MOST_DUE_LISTED, type WarmReport } from '../app/batch/reports.ts'
import type { Tell } from '../app/event.ts'
import { countLog, type LogCounts } from '../app/warm/count-log.ts'
import { createFrequent } from '../app/warm/frequent.ts'
import { createLogUrlReader, type ReadLogUrl } from '../app/warm/read-log-url.ts'
import { createWanted, type WantedResults } from '../app/warm/wanted.ts'
import { planWanted } from '../app/warm/warm.ts'
import { mountOf } from '../config/base-url.ts'
import { describePlace } from '../config/config.ts'
import { isBuilt } from './build.ts'
import { openForeign } from './dialects.ts'
import type { Project } from './project.ts'
import { openExpiringLinks, toGateRules, toNamingRules } from './request-rules.ts'

/** An access log: its name, for messages, and what reads its bytes, gzipped or not. */
export interface AccessLog {
  readonly name: string
  readonly open: () => AsyncIterable<Uint8Array>
}

interface CountLogsOptions {
  /** The path above keys in the log. Default: that of `baseUrl`. */
  readonly mount?: string | undefined
  /** Only so many, those that are asked for most. Default: all. */
  readonly limit?: number
  /** Only those asked for at least so often. Default: 1. */
  readonly minHits?: number
  /** Is updated while the logs are read. */
  readonly counts: LogCounts
}

/** About 400 bytes each. If there are more different ones, the rarest are left to `serve`. */
const MOST_VARIANTS = 200_000

/** What the visitors in the logs asked for, most frequent first. Problem `log-damaged`. */
export const countLogs = async (
  project: Project,
  logs: Iterable<AccessLog>,
  { mount, limit = Number.POSITIVE_INFINITY, minHits = 1, counts }: CountLogsOptions,
): Promise<{ readonly wanted: WantedResults; readonly isCapped: boolean }> => {
  const { config, keyring, context } = project
  const frequent = createFrequent(MOST_VARIANTS)
  const now = Math.floor(context.now() / 1000)
  const readUrl = openLogUrls(project, { mount: mountOf(config, mount), now })
  for (const { name, open } of logs) await countLog(name, open(), { readUrl, wanted: frequent, counts })
  const counted = frequent.list().filter(({ hits }) => hits >= minHits)
  const wanted = createWanted({
    counted: counted.slice(0, limit),
    keyring,
    versions: config,
    expectation: project.expect(),
    isIncluded: isBuilt(config),
  })
  return { wanted, isCapped: frequent.isFull }
}

interface ListDueOptions {
  readonly retryFailed?: boolean
  readonly tell: Tell
  readonly stop?: AbortSignal | undefined
  /** Called with each result, in order. */
  readonly onDue?: (due: DueResult) => void
}

/** The results that `warmProject` would make. Changes nothing. */
export const listDue = async (
  project: Project,
  wanted: WantedResults,
  { retryFailed = false, tell, stop, onDue }: ListDueOptions,
): Promise<NonNullable<WarmReport['due']>> => {
  const first: DueResult[] = []
  let count = 0
  const plans = planWanted({
    ...project.planInput({ choices: { isNarrowed: true, retryFailed }, tell }),
    ledger: project.ledger,
    wanted,
    stop,
  })
  for await (const plan of plans) {
    tellPlanned(plan, tell)
    const { key: source } = plan.group
    for (const step of plan.steps) {
      if (step.kind !== 'render') continue
      const { transform, format } = step.result
      const key = project.keyring.keyOf({ source, transform, format })
      const due = { key, hits: wanted.hitsOf(source, step.result, plan.fingerprint) }
      count++
      if (first.length < MOST_DUE_LISTED) first.push(due)
      onDue?.(due)
    }
  }
  return { count, first }
}

const tellPlanned = ({ group, steps, problem }: PlannedSource, tell: Tell): void => {
  const { key: source, source: original } = group
  if (problem !== undefined) tell({ kind: 'source-failed', source, problem })
  tell({
    kind: 'source-planned',
    source,
    sourceBytes: original?.sizeBytes ?? 0,
    steps,
    isIncluded: original?.isIncluded ?? false,
  })
}

interface LogUrlOptions {
  /** The path above our own keys, with "/" at both ends. */
  readonly mount: string
  /** The time, in seconds since 1970, by which links are expired or not. */
  readonly now: number
}

/** Reads URLs in logs as `serve` would at this time. */
export const openLogUrls = (
  project: Pick<Project, 'config' | 'keyring' | 'output' | 'overrides'>,
  { mount, now }: LogUrlOptions,
): ReadLogUrl => {
  const { config } = project
  return createLogUrlReader({
    ...toNamingRules(project),
    ...toGateRules(config, project.overrides),
    ...openExpiringLinks(config),
    resolveForeign: openForeign(project),
    mount,
    outputPrefix: describePlace(config.output).bucket?.prefix ?? '',
    now,
  })
}
