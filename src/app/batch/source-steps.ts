import type { LimitFunction } from 'p-limit'
import { defined } from '../../core/defined.ts'
import { Problem } from '../../core/problem.ts'
import type { Transform } from '../../core/transform.ts'
import { toLatest } from '../../plan/confirm.ts'
import type { PlanStep } from '../../plan/decide.ts'
import { emptyEntry, type ResultRecord } from '../../plan/ledger-entry.ts'
import type { Rendered, Renderer, RenderReport } from '../../render/port.ts'
import type { Keyring, VariantKey } from '../../url/keyring.ts'
import type { LargestFirst } from '../../waiting/largest-first.ts'
import type { AliasWork } from '../aliases.ts'
import type { Ledger, Recorder } from '../ledger/ledger.ts'
import type { FactsListener } from '../site/images.ts'
import type { DeleteGone } from './gone.ts'
import type { PlanInput, PlannedSource } from './plan.ts'
import type { MendSpelling } from './spelling.ts'
import type { Writing } from './writable.ts'

/** What a build works on, and with what. */
export interface BuildInput extends Omit<PlanInput, 'snapshot'> {
  readonly ledger: Ledger
  readonly renderer: Renderer
  readonly keyring: Keyring
  readonly threads: number
  /**
   * Bytes of originals in memory at once, in addition to what renders take; a larger original is alone. Default: no
   * limit.
   */
  readonly heldBytes?: number
  /** Whether pages show the results, so that each source needs a preview, even if it must be decoded for that. */
  readonly isForPages?: boolean
  /** Receives the facts of every source, with its preview. */
  readonly facts?: FactsListener | undefined
  /** Once aborted, no new source is begun; the work that runs is finished and stored. */
  readonly stop?: AbortSignal | undefined
  readonly now: () => number
  /** Milliseconds since some start that never go back, whatever date is set: for how long things took. */
  readonly ticks: () => number
}

/** A step that renders a result. */
export type RenderStep = Extract<PlanStep, { kind: 'render' }>

/** What the work on all sources shares. */
export interface Work {
  readonly input: BuildInput
  readonly recorder: Recorder
  readonly aliases: AliasWork
  readonly putLimit: LimitFunction
  readonly writing: Writing
  readonly mendSpelling: MendSpelling
  /** Present where the sources were named: no other run would notice soon that one is gone. */
  readonly deleteGone: DeleteGone | undefined
  /** Limits the work on a source from before its original is read until its results are made. */
  readonly renders: LargestFirst
  /** Those of them whose render has not begun. */
  readonly arrivals: ReturnType<typeof createArrivals>
  /** The results of one source that were written. */
  readonly made: ResultRecord[]
}

/** The results that were rendered of one source, and for which steps. */
export interface Made {
  readonly fingerprint: string
  readonly report: RenderReport
  readonly steps: readonly RenderStep[]
}

/** Records a result that was written anew, and has its aliases follow. */
const noteStored = async (
  plan: PlannedSource,
  { key, record: written }: { readonly key: VariantKey; readonly record: ResultRecord },
  work: Work,
): Promise<void> => {
  const known = [plan.group.known, plan.learned].flatMap((entry) => entry?.results ?? [])
  const record = toLatest(written, known)
  work.made.push(record)
  await work.recorder.add({ ...emptyEntry(plan.group.key), results: [record] })
  await work.aliases.onStored(plan, key, record)
}

/**
 * Does a step that renders nothing: copy, touch, drop. What was replaced since the listing is left to the next build.
 */
export const doStep = async (plan: PlannedSource, step: PlanStep, work: Work): Promise<void> => {
  const { results, keyring, tell } = work.input
  const { attempt } = work.writing
  const source = plan.group.key
  if (step.kind === 'copy' || step.kind === 'touch') {
    const isCopy = step.kind === 'copy'
    const from = isCopy ? step.from : step.at
    const key = isCopy ? keyring.keyOf({ ...step.result, source }) : from.key
    const record = await attempt(() => results.copy(from, key, step.record))
    if (record === undefined) return
    await noteStored(plan, { key, record }, work)
    tell({ kind: isCopy ? 'result-copied' : 'result-touched', source, key })
  } else if (step.kind === 'drop') {
    const [failure] = await results.store.deleteAll([step.key])
    if (failure !== undefined) throw new Problem('store-denied', failure.message, { subject: step.key })
    tell({ kind: 'result-dropped', source, key: step.key })
  }
}

/** Writes one result, records it and tells of it. */
export const storeResult = async (
  plan: PlannedSource,
  made: Pick<Made, 'fingerprint' | 'report'> & { readonly step: RenderStep; readonly output: Rendered },
  work: Work,
): Promise<void> => {
  const { input } = work
  const { key: source, source: original } = plan.group
  const { transform, transformText, format, sizes } = made.step.result
  const key = made.step.at ?? input.keyring.keyOf({ source, transform, format })
  const origin = {
    transform: transformText,
    format,
    fingerprint: made.fingerprint,
    recipe: input.rules.encoding.recipeOf(format, transformText, made.report),
    encoder: input.renderer.encoderVersion(format),
    maker: made.step.maker,
  }
  const record = await work.writing.attempt(() => input.results.put(key, made.output.bytes, { origin }))
  if (record !== undefined) await noteStored(plan, { key, record }, work)
  input.tell({
    kind: 'result-stored',
    source,
    key,
    format,
    sizes,
    sourceBytes: original?.sizeBytes ?? 0,
    sizeBytes: made.output.bytes.length,
    ...worthTelling(transform, made.output),
    replaced: plan.group.results.some((listed) => listed.key === key),
  })
}

/** What is told of a result besides its size: by how much it is too large, and how it was made where that is unusual. */
const worthTelling = ({ max }: Transform, { bytes, reached, way, instead }: Rendered) => {
  // PNG and GIF keep every pixel, even if the file is larger than it may be.
  const overBytes = max === undefined ? 0 : bytes.length - max * 1000
  return {
    ...(overBytes > 0 && { overBytes }),
    ...((reached ?? way) !== undefined && { made: defined({ reached, way, instead }) }),
  }
}

/** Counts pictures that will soon reach the renderer: they are being read, or wait for their turn. Begins at 0. */
export const createArrivals = () => {
  let underWay = 0
  return {
    get underWay(): number {
      return underWay
    },
    /** Counts one more, until the returned function is called. */
    expect: (): (() => void) => {
      let isUnderWay = true
      underWay++
      return () => {
        if (isUnderWay) underWay--
        isUnderWay = false
      }
    },
  }
}

/** Not an error: the work was told to stop before it began. */
export const STOPPED = new Problem('stopped', 'The run was stopped before this was made.')
