import type { AppEvent } from '../app/event.ts'
import { isExpected } from '../app/plan-counts.ts'
import { FORMATS, type Format } from '../core/format.ts'
import type { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { PlanStep } from '../plan/decide.ts'

/** A source that failed in this run. */
export interface BuildFailure {
  readonly source: SourceKey
  readonly problem: Problem
}

/** What one size in one format amounts to. */
export interface Saving {
  readonly size: string
  readonly format: Format
  readonly results: number
  /** Of each result its original, so that both sums are over the same pictures. */
  readonly sourceBytes: number
  readonly bytes: number
}

/** What all results of a format amount to. */
export interface FormatTotal {
  readonly format: Format
  readonly results: number
  readonly bytes: number
}

/** What a build has come to, so far or at its end. */
export interface BuildTally {
  readonly sources: number
  /** Not there, or not included: they were looked at for their results, or because they were named. */
  readonly others: number
  /** Of those the ones that are not there, and which came first. */
  readonly gone: number
  readonly firstGone?: SourceKey
  readonly skipped: number
  /** Results that the sizes ask for. */
  readonly expected: number
  readonly rendered: number
  readonly copied: number
  readonly touched: number
  readonly dropped: number
  readonly present: number
  /** Of those present, what other encoders than those in use have made. */
  readonly otherEncoders: number
  readonly failed: number
  /** Failed before, and not tried again. */
  readonly failing: number
  readonly bytesIn: number
  /** Of the sources rendered. */
  readonly megapixels: number
  readonly bytesOut: number
  /** The first {@link MOST_FAILURES}. */
  readonly failures: readonly BuildFailure[]
  readonly savings: readonly Saving[]
  /** Each result once, whatever the sizes that ask for it; the most compact format first. */
  readonly formats: readonly FormatTotal[]
  /** Sources of which nothing is left to do. */
  readonly finished: number
}

/** How many failures the JSON report lists (DESIGN section 4). */
export const MOST_FAILURES = 1_000

const WORK_KINDS: ReadonlySet<PlanStep['kind']> = new Set(['render', 'copy', 'touch', 'drop'])

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Counts what a build tells. Holds the sources in flight, one line per size and format, and no more. */
export const createBuildTally = (): { tell(event: AppEvent): void; read(): BuildTally } => {
  const counts = {
    sources: 0,
    others: 0,
    gone: 0,
    skipped: 0,
    expected: 0,
    rendered: 0,
    copied: 0,
    touched: 0,
    dropped: 0,
    present: 0,
    otherEncoders: 0,
    failed: 0,
    failing: 0,
    bytesIn: 0,
    megapixels: 0,
    bytesOut: 0,
    finished: 0,
  }
  let firstGone: SourceKey | undefined
  const failures: BuildFailure[] = []
  const savings = new Map<string, Mutable<Saving>>()
  const formats = new Map<Format, Mutable<FormatTotal>>()
  const outstanding = new Map<SourceKey, number>()

  const expectSteps = (source: SourceKey, steps: number): void => {
    if (steps === 0) counts.finished++
    else outstanding.set(source, steps)
  }
  const finishStep = (source: SourceKey): void => {
    const left = (outstanding.get(source) ?? 0) - 1
    if (left > 0) outstanding.set(source, left)
    else if (outstanding.delete(source)) counts.finished++
  }
  const addPlanned = (planned: Extract<AppEvent, { kind: 'source-planned' }>): void => {
    const { source, steps, isIncluded, isGone } = planned
    counts[isIncluded ? 'sources' : 'others']++
    if (isGone) {
      counts.gone++
      firstGone ??= source
    }
    let work = 0
    for (const step of steps) {
      if (isExpected(step)) counts.expected++
      if (step.kind === 'keep') {
        counts.present++
        if (step.isOtherEncoder) counts.otherEncoders++
      } else if (WORK_KINDS.has(step.kind)) work++
    }
    if (steps.some((step) => step.kind === 'failing')) counts.failing++
    expectSteps(source, work)
  }
  const addStored = (event: Extract<AppEvent, { kind: 'result-stored' }>): void => {
    counts.rendered++
    counts.bytesOut += event.sizeBytes
    finishStep(event.source)
    const total = formats.get(event.format) ?? { format: event.format, results: 0, bytes: 0 }
    total.results++
    total.bytes += event.sizeBytes
    formats.set(event.format, total)
    for (const size of event.sizes) {
      const id = `${size} ${event.format}`
      const saving = savings.get(id) ?? { size, format: event.format, results: 0, sourceBytes: 0, bytes: 0 }
      saving.results++
      saving.sourceBytes += event.sourceBytes
      saving.bytes += event.sizeBytes
      savings.set(id, saving)
    }
  }
  const addFailure = (source: SourceKey, problem: Problem): void => {
    counts.failed++
    if (failures.length < MOST_FAILURES) failures.push({ source, problem })
    if (outstanding.delete(source)) counts.finished++
  }

  return {
    tell: (event) => {
      switch (event.kind) {
        case 'source-skipped':
          counts.skipped++
          break
        case 'source-planned':
          addPlanned(event)
          break
        case 'source-read':
          counts.bytesIn += event.sizeBytes
          break
        case 'source-rendered':
          counts.megapixels += event.megapixels
          break
        case 'result-stored':
          addStored(event)
          break
        case 'result-copied':
          counts.copied++
          finishStep(event.source)
          break
        case 'result-touched':
          counts.touched++
          finishStep(event.source)
          break
        case 'result-dropped':
          counts.dropped++
          finishStep(event.source)
          break
        case 'source-failed':
          addFailure(event.source, event.problem)
          break
        default:
          break // of other use cases, or told elsewhere: event-log.ts
      }
    },
    read: () => ({
      ...counts,
      ...(firstGone !== undefined && { firstGone }),
      failures,
      savings: [...savings.values()],
      formats: sortFormats(formats),
    }),
  }
}

const sortFormats = (totals: ReadonlyMap<Format, FormatTotal>): readonly FormatTotal[] =>
  FORMATS.flatMap((format) => totals.get(format) ?? [])
