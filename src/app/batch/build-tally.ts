import { dispatchByKind } from '../../core/by-kind.ts'
import type { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { PlanStep } from '../../plan/decide.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { AppEvent, CropsBy, Tell } from '../event.ts'
import { isExpected } from './plan-counts.ts'
import { createSavings, type Savings } from './savings.ts'

/** How far a build is, in bytes of originals: little else tells in advance how long a picture takes. */
export interface WorkSoFar {
  /** The bytes of all sources that were looked at. */
  readonly plannedBytes: number
  /** The bytes of those that have work to do. */
  readonly workBytes: number
  /** The bytes of those that are finished. */
  readonly doneBytes: number
  readonly done: number
}

/** A result that shows how URLs look, and the source that it was made from. */
export interface ResultExample {
  readonly source: string
  readonly key: VariantKey
}

/** A source that failed in this run, or a part of the source that could not be listed. */
interface BuildFailure {
  readonly source: string
  readonly problem: Problem
  readonly isUnlisted?: true
}

/** A source that could be read only in part, and what is wrong with it. */
interface DamagedSource {
  readonly source: string
  readonly message: string
}

/** A drawing, and the names of what browsers show of it and results do not. */
interface SimplifiedDrawing {
  readonly source: string
  readonly undrawn: readonly string[]
}

const noCounts = () => ({
  sources: 0,
  /** Sources that do not exist or are not included: looked at because they have results, or because they were named. */
  others: 0,
  skipped: 0,
  /** Results that the sizes ask for. */
  expected: 0,
  rendered: 0,
  copied: 0,
  touched: 0,
  dropped: 0,
  present: 0,
  /** Those of `present` that other encoders than the present ones have made. */
  otherEncoders: 0,
  failed: 0,
  /** Those of `failed` that are no sources: folders, or whole places, that could not be listed. */
  unlisted: 0,
  /** Sources that failed in an earlier run and are not tried again. */
  failing: 0,
  bytesIn: 0,
  /** Pixels of the sources that were rendered, in millions. */
  megapixels: 0,
  bytesOut: 0,
  /** Those of `sources` that need no more work. */
  finished: 0,
  /** Results made in this run that are larger than their `maxKilobytes`. */
  oversized: 0,
})

/** The numbers of a build, so far or at its end. The savings count only what this build rendered. */
export interface BuildTally extends Savings, Readonly<ReturnType<typeof noCounts>> {
  /** The first {@link MOST_FAILURES}. */
  readonly failures: readonly BuildFailure[]
  /** Sources whose readable part is shown: the first {@link MOST_FAILURES}. */
  readonly damaged: readonly DamagedSource[]
  /** The first {@link MOST_FAILURES}. */
  readonly simplified: readonly SimplifiedDrawing[]
  readonly work: WorkSoFar
  /** How many sources of this run have their crops decided by each of these. */
  readonly crops: Readonly<Record<CropsBy, number>>
  /** One of the results; undefined where there is none. */
  readonly example?: ResultExample | undefined
}

/** How many failures the JSON report lists (docs/reference/contracts.md). */
export const MOST_FAILURES = 1_000

const WORK_KINDS: ReadonlySet<PlanStep['kind']> = new Set(['render', 'copy', 'touch', 'drop'])

/** A source whose work has begun and is not finished. */
interface Outstanding {
  steps: number
  readonly bytes: number
  readonly isIncluded: boolean
}

/** Counts a build's events. Memory holds the sources being worked on and one line per size and format. */
export const createBuildTally = (): { tell(event: AppEvent): void; read(): BuildTally } => {
  const counts = noCounts()
  let example: ResultExample | undefined
  const crops = { override: 0, faces: 0, saliency: 0 }
  const failures: BuildFailure[] = []
  const damaged: DamagedSource[] = []
  const simplified: SimplifiedDrawing[] = []
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
  const finishStep = (source: SourceKey, how: 'rendered' | 'copied' | 'touched' | 'dropped'): void => {
    counts[how]++
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
    example ??= event
    if (event.overBytes !== undefined) counts.oversized++
    counts.bytesOut += event.sizeBytes
    finishStep(event.source, 'rendered')
    savings.add(event)
  }
  const addFailure = (failure: BuildFailure): void => {
    counts.failed++
    if (failure.isUnlisted) counts.unlisted++
    if (failures.length < MOST_FAILURES) failures.push(failure)
  }

  return {
    // Events of other use cases, and those of this one that are told elsewhere (event-log.ts), count nothing.
    tell: dispatchByKind<AppEvent>({
      'source-skipped': () => counts.skipped++,
      'source-planned': addPlanned,
      'source-read': ({ sizeBytes }) => {
        counts.bytesIn += sizeBytes
      },
      'source-rendered': ({ megapixels, cropsBy }) => {
        counts.megapixels += megapixels
        for (const by of cropsBy) crops[by]++
      },
      'result-stored': addStored,
      'result-copied': ({ source }) => finishStep(source, 'copied'),
      'result-touched': ({ source }) => finishStep(source, 'touched'),
      'result-dropped': ({ source }) => finishStep(source, 'dropped'),
      'source-failed': (event) => {
        addFailure(event)
        finish(event.source)
      },
      'source-gone': ({ source }) => finish(source),
      'source-damaged': (event) => {
        if (damaged.length < MOST_FAILURES) damaged.push(event)
      },
      'drawing-simplified': (event) => {
        if (simplified.length < MOST_FAILURES) simplified.push(event)
      },
      'part-unlisted': ({ path, problem }) => addFailure({ source: path, problem, isUnlisted: true }),
    }),
    read: () => ({ ...counts, crops, failures, damaged, simplified, work, example, ...savings.read() }),
  }
}

/**
 * Counts a run's events, which it passes on, and its time by `ticks`, which no date sets back. `gone`: results of sources
 * that do not exist.
 */
export const createRunTally = (ticks: () => number, pass: Tell) => {
  const startedAt = ticks()
  const tally = createBuildTally()
  let gone = 0
  return {
    tell: (event: AppEvent): void => {
      tally.tell(event)
      if (event.kind === 'source-gone') gone += event.results
      pass(event)
    },
    read: () => ({ tally: tally.read(), seconds: (ticks() - startedAt) / 1000, gone }),
  }
}
