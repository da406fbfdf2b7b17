import type { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { PlanStep } from '../plan/decide.ts'
import type { VariantKey } from '../url/keyring.ts'
import type { AppEvent } from './event.ts'
import { isExpected } from './plan-counts.ts'
import { createSavings, type Savings } from './savings.ts'

/** What is known of a build's work, in bytes of originals: few other things tell beforehand how long a picture takes. */
export interface WorkSoFar {
  /** Of all sources that were looked at. */
  readonly plannedBytes: number
  /** Of those that have something to be made. */
  readonly workBytes: number
  /** Of those that are finished. */
  readonly doneBytes: number
  readonly done: number
}

/** A result to show how URLs look, and what it was made of. */
export interface Example {
  readonly source: string
  readonly key: VariantKey
}

/** A source that failed in this run, or a part of them that could not be listed. */
interface BuildFailure {
  readonly source: string
  readonly problem: Problem
  readonly isUnlisted?: true
}

/** A source of which only a part could be read, and what is wrong with it. */
interface DamagedSource {
  readonly source: string
  readonly message: string
}

/** What a build has come to, so far or at its end; savings are of what it has rendered. */
export interface BuildTally extends Savings {
  readonly sources: number
  /** Not there, or not included: they were looked at for their results, or because they were named. */
  readonly others: number
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
  /** Sources that are shown as far as they go: the first {@link MOST_FAILURES}. */
  readonly damaged: readonly DamagedSource[]
  /** Of the {@link sources}, those of which nothing is left to do. */
  readonly finished: number
  readonly work: WorkSoFar
  /** Results made in this run that are larger than their `maxKilobytes`. */
  readonly oversized: number
  /** One of the results; absent where there is none. */
  readonly example?: Example
}

/** How many failures the JSON report lists (docs/reference/contracts.md). */
export const MOST_FAILURES = 1_000

const WORK_KINDS: ReadonlySet<PlanStep['kind']> = new Set(['render', 'copy', 'touch', 'drop'])

/** A source with work in flight. */
interface Outstanding {
  steps: number
  readonly bytes: number
  readonly isIncluded: boolean
}

/** Counts what a build tells. Holds the sources in flight, one line per size and format, and no more. */
export const createBuildTally = (): { tell(event: AppEvent): void; read(): BuildTally } => {
  const counts = {
    sources: 0,
    others: 0,
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
    oversized: 0,
  }
  let example: Example | undefined
  const failures: BuildFailure[] = []
  const damaged: DamagedSource[] = []
  const savings = createSavings()
  const work = { plannedBytes: 0, workBytes: 0, doneBytes: 0, done: 0 }
  const outstanding = new Map<SourceKey, Outstanding>()

  const finish = (source: SourceKey): void => {
    const own = outstanding.get(source)
    if (own === undefined) return
    outstanding.delete(source)
    work.doneBytes += own.bytes
    work.done++
    if (own.isIncluded) counts.finished++
  }
  const finishStep = (source: SourceKey): void => {
    const own = outstanding.get(source)
    if (own !== undefined && --own.steps === 0) finish(source)
  }
  const addPlanned = (event: Extract<AppEvent, { kind: 'source-planned' }>): void => {
    const { source, sourceBytes: bytes, steps, isIncluded } = event
    counts[isIncluded ? 'sources' : 'others']++
    if (isIncluded) work.plannedBytes += bytes
    let due = 0
    for (const step of steps) {
      if (isExpected(step)) counts.expected++
      if (step.kind === 'keep') {
        counts.present++
        example ??= { source, key: step.key }
        if (step.isOtherEncoder) counts.otherEncoders++
      } else if (WORK_KINDS.has(step.kind)) due++
    }
    if (steps.some((step) => step.kind === 'failing')) counts.failing++
    if (due > 0) {
      work.workBytes += bytes
      outstanding.set(source, { steps: due, bytes, isIncluded })
    } else if (isIncluded) counts.finished++
  }
  const addStored = (event: Extract<AppEvent, { kind: 'result-stored' }>): void => {
    counts.rendered++
    example ??= event
    if (event.overBytes !== undefined) counts.oversized++
    counts.bytesOut += event.sizeBytes
    finishStep(event.source)
    savings.add(event)
  }
  const addFailure = (failure: BuildFailure): void => {
    counts.failed++
    if (failures.length < MOST_FAILURES) failures.push(failure)
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
          addFailure(event)
          finish(event.source)
          break
        case 'source-damaged':
          if (damaged.length < MOST_FAILURES) damaged.push(event)
          break
        case 'part-unlisted':
          addFailure({ source: event.path, problem: event.problem, isUnlisted: true })
          break
        default:
          break // of other use cases, or told elsewhere: event-log.ts
      }
    },
    read: () => ({
      ...counts,
      failures,
      damaged,
      work,
      ...(example && { example }),
      ...savings.read(),
    }),
  }
}
