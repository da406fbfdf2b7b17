import pLimit, { type LimitFunction } from 'p-limit'
import type { EncoderOptions } from '../core/encoder.ts'
import { asProblem, Problem } from '../core/problem.ts'
import { isOfPicture } from '../core/problem-codes.ts'
import type { SourceKey } from '../core/source-key.ts'
import { type PlanStep, SIZE_FINGERPRINT } from '../plan/decide.ts'
import { isSameResult } from '../plan/decide-aliases.ts'
import { isExtra, makerOf } from '../plan/expected.ts'
import { emptyEntry, type FactsRecord, type ResultRecord } from '../plan/ledger-entry.ts'
import { toDamagedRecipe } from '../plan/recipe.ts'
import type { Rendered, Renderer, RenderReport } from '../render/port.ts'
import type { Keyring, VariantKey } from '../url/keyring.ts'
import type { AliasWork } from './aliases.ts'
import { type Arrivals, createArrivals } from './arrivals.ts'
import { createGoneWork, type GoneInput, type GoneWork } from './gone.ts'
import type { FactsListener } from './images.ts'
import { ALONE, createLargestFirst, type LargestFirst } from './largest-first.ts'
import type { Ledger, Recorder } from './ledger.ts'
import type { Original } from './originals.ts'
import { toOrphanEntry } from './orphans.ts'
import { isGone, isWriting, type PlanInput, type PlannedSource } from './plan.ts'
import { canPortray, findFacts, lacksFacts, lacksLikeness, toFacts, withSmallest } from './source-facts.ts'
import { createSpellingWork, type SpellingWork } from './spelling.ts'
import { STOPPED } from './stopped.ts'
import { worthTelling } from './worth-telling.ts'
import type { Writing } from './writable.ts'

export interface BuildInput extends Omit<PlanInput, 'snapshot'> {
  readonly ledger: Ledger
  readonly renderer: Renderer
  readonly encoders: EncoderOptions
  readonly keyring: Keyring
  /** Renders that can run at once. */
  readonly threads: number
  /** Of originals at once, beside what renders take; a larger one is alone. Default: as many as there are. */
  readonly heldBytes?: number
  /** Whether pages show what is made, so that the likeness of each source is found out, if by a decode. */
  readonly isForPages?: boolean
  /** Hears of every source's facts, likeness included. */
  readonly facts?: FactsListener
  /** What is believed where named sources are gone. */
  readonly guards?: Pick<GoneInput, 'maxShare' | 'allowEmpty'>
  /** Ends the taking of new sources; what is in flight is finished and stored. */
  readonly stop?: AbortSignal
  readonly now: () => number
}

/** Uploads at once; more gain nothing, as measured. */
const PUTS_AT_ONCE = 24

type RenderStep = Extract<PlanStep, { kind: 'render' }>

/** What the work on all sources shares. */
interface Work {
  readonly input: BuildInput
  readonly recorder: Recorder
  readonly aliases: AliasWork
  readonly putLimit: LimitFunction
  readonly writing: Writing
  readonly spelling: SpellingWork
  /** Of a run whose sources were named: nobody else would see soon that one is gone. */
  readonly gone: GoneWork | undefined
  /** From before an original is read until its results are made. */
  readonly renders: LargestFirst
  /** Those of them that are not rendered yet. */
  readonly arrivals: Arrivals
  /** The results of one source that were written. */
  readonly made: ResultRecord[]
}

/**
 * Does the steps of a source, and ends when all of its results are stored; gives what went wrong, which has been told,
 * and {@link STOPPED} where it was not begun when the end was asked for.
 */
export type SourceWork = (plan: PlannedSource) => Promise<readonly Problem[]>

export const createSourceWork = (
  input: BuildInput,
  shared: Pick<Work, 'recorder' | 'aliases' | 'writing'>,
): SourceWork => {
  const work: Omit<Work, 'made'> = {
    ...shared,
    input,
    spelling: createSpellingWork(input),
    gone: input.selection.keys && createGoneWork({ ...input, ...input.guards, recorder: shared.recorder }),
    putLimit: pLimit(PUTS_AT_ONCE),
    // Twice the threads: while one picture is rendered the next is read, however slow the store answers.
    renders: createLargestFirst({
      tasks: input.threads * 2 + 1,
      bytes: input.heldBytes ?? Number.POSITIVE_INFINITY,
    }),
    arrivals: createArrivals(),
  }
  return (plan) => buildSource(plan, work)
}

const buildSource = async (plan: PlannedSource, shared: Omit<Work, 'made'>): Promise<readonly Problem[]> => {
  const work: Work = { ...shared, made: [] }
  const { input, recorder, putLimit } = work
  const { key, source } = plan.group
  input.tell({
    kind: 'source-planned',
    source: key,
    sourceBytes: source?.sizeBytes ?? 0,
    steps: plan.steps,
    isIncluded: source?.isIncluded ?? false,
  })
  if (plan.learned !== undefined) await recorder.add(plan.learned)
  const { problem } = plan
  const problems: Problem[] = []
  const attempt = (part: () => Promise<void>): Promise<void> => tryFor(key, { input, problems }, part)
  const isWritten = isWriting(plan)
  let facts = findFacts(plan, plan.fingerprint)
  const mustPortray = portrays(input) && lacksFacts(plan, facts) && canPortray(plan)
  let hasEnded = false
  await attempt(async () => {
    hasEnded = isGone(plan) && ((await work.gone?.end(plan)) ?? false)
  })
  if (!hasEnded) await recordOrphans(plan, work, isWritten)
  await attempt(async () => {
    if (hasEnded) return
    if (problem !== undefined)
      await giveUp(plan, { fingerprint: sizeFingerprint(plan), error: problem }, work)
    await attempt(() => mendAliases(plan, work))
    await Promise.all(plan.steps.map((step) => putLimit(() => doStep(plan, step, work))))
    const renders = plan.steps.filter((step) => step.kind === 'render')
    if (renders.length > 0 || mustPortray) {
      const isBegun = await renderSource(plan, renders, { work, onFacts: (found) => (facts = found) })
      if (!isBegun) problems.push(STOPPED)
    }
    if (isWritten || (plan.group.isMisspelt && source !== undefined)) await work.spelling.mend(key)
  }).finally(() =>
    input.facts?.settle(key, source?.isIncluded && facts ? withSmallest(facts, plan, work.made) : undefined),
  )
  return problems
}

const recordOrphans = async (
  plan: PlannedSource,
  { input, recorder, writing }: Work,
  isWritten: boolean,
): Promise<void> => {
  const hasOrphans = toOrphanEntry(plan, input.now()) !== undefined
  if (isWritten || hasOrphans) await writing.check()
  // Only now is it known what time it is: a folder's clock shows in what is written there.
  const orphans = toOrphanEntry(plan, input.now())
  if (orphans !== undefined) await recorder.add(orphans)
}

/** Whoever writes down facts of sources for pages wants their likeness. */
const portrays = ({ facts, isForPages = false }: BuildInput): boolean => facts !== undefined || isForPages

/** A failure of one source is told, and added to its problems; the others go on. */
const tryFor = async (
  source: SourceKey,
  { input, problems }: { readonly input: BuildInput; readonly problems: Problem[] },
  part: () => Promise<void>,
): Promise<void> => {
  try {
    await part()
  } catch (error) {
    const problem = asProblem(error)
    problems.push(problem)
    input.tell({ kind: 'source-failed', source, problem })
  }
}

/** Aliases of what is gone, or goes now, are deleted; what may differ from its result is written again. */
const mendAliases = async ({ group, aliases }: PlannedSource, work: Work): Promise<void> => {
  const source = group.key
  const doomed = aliases.filter(({ kind }) => kind === 'delete')
  await work.aliases.delete(doomed.map(({ alias }) => ({ source, ...alias })))
  for (const step of aliases)
    if (step.kind === 'write')
      await work.aliases.write({ ...step.alias, source, key: step.key, etag: step.etag, isSuspect: true })
}

/** A result stands anew, and its aliases after it. */
const followWith = async (
  { group, aliases }: PlannedSource,
  { key, record }: { readonly key: VariantKey; readonly record: ResultRecord },
  work: Work,
): Promise<void> => {
  const { etag } = record
  work.made.push(record)
  await work.recorder.add({ ...emptyEntry(group.key), results: [record] })
  for (const { kind, alias } of aliases)
    if (kind === 'follow' && isSameResult(alias, record))
      await work.aliases.write({ ...alias, source: group.key, key, etag })
}

/** Everything but rendering: copy, touch, drop. What is gone or replaced since it was listed is left to the next build. */
const doStep = async (plan: PlannedSource, step: PlanStep, work: Work): Promise<void> => {
  const { results, keyring, tell } = work.input
  const { attempt } = work.writing
  const source = plan.group.key
  if (step.kind === 'copy') {
    const { transform, format } = step.result
    const key = keyring.keyOf({ source, transform, format })
    const record = await attempt(() => results.copy(step.from, key, step.record))
    if (record === undefined) return
    await followWith(plan, { key, record }, work)
    tell({ kind: 'result-copied', source, key })
  } else if (step.kind === 'touch') {
    const { key } = step.at
    const record = await attempt(() => results.copy(step.at, key, step.record))
    if (record === undefined) return
    await followWith(plan, { key, record }, work)
    tell({ kind: 'result-touched', source, key })
  } else if (step.kind === 'drop') {
    const [failure] = await results.store.deleteAll([step.key])
    if (failure !== undefined) throw new Problem('store-denied', failure.message, { subject: step.key })
    tell({ kind: 'result-dropped', source, key: step.key })
  }
}

/** False where it was not begun when the end was asked for: left to the next build. */
const renderSource = async (
  plan: PlannedSource,
  steps: readonly RenderStep[],
  { work, onFacts }: { readonly work: Work; readonly onFacts: (facts: FactsRecord) => void },
): Promise<boolean> => {
  const { key } = plan.group
  const made = await renderInTurn(plan, steps, work)
  if (made === undefined) return false
  const { fingerprint, report } = made
  const known = report.likeness === undefined ? findFacts(plan, fingerprint) : undefined
  const facts = known ?? toFacts(fingerprint, report)
  await work.recorder.add({ ...emptyEntry(key), facts: [facts] })
  onFacts(facts)
  const failures: { readonly step: RenderStep; readonly error: Problem }[] = []
  await Promise.all(
    made.steps.map(async (step, index) => {
      const output = report.outputs[index]
      if (output === undefined) throw new Error('the renderer left out an output')
      if (output instanceof Problem) failures.push({ step, error: output })
      else await work.putLimit(() => storeResult(plan, { step, output, fingerprint, report }, work))
    }),
  )
  const remembered = failures.find(({ step }) => !isExtra(step.result))
  if (remembered !== undefined) await giveUp(plan, { fingerprint, error: remembered.error }, work)
  const [failure] = failures
  // Of a result that no size asks for: nothing to hold against its source.
  if (failure !== undefined) throw failure.error
  return true
}

/**
 * What has killed its process is tried once more while nothing else is in memory: if that was not enough, the picture is
 * to blame.
 */
const renderInTurn = async (
  plan: PlannedSource,
  steps: readonly RenderStep[],
  work: Work,
): Promise<Made | undefined> => {
  const attempt = (sizeBytes: number): Promise<Made | undefined> =>
    work.renders.run(sizeBytes, async () => {
      if (work.input.stop?.aborted) return undefined
      const arrive = work.arrivals.expect()
      return readAndRender(plan, steps, { work, arrive, isAlone: sizeBytes === ALONE }).finally(arrive)
    })
  try {
    return await attempt(plan.group.source?.sizeBytes ?? 0)
  } catch (error) {
    if (!isCrash(error)) throw error
    return await attempt(ALONE)
  }
}

const isCrash = (error: unknown): boolean => error instanceof Problem && error.code === 'render-crashed'

interface Made {
  readonly fingerprint: string
  readonly report: RenderReport
  readonly steps: readonly RenderStep[]
}

const readAndRender = async (
  plan: PlannedSource,
  steps: readonly RenderStep[],
  { work, arrive, isAlone }: { readonly work: Work; readonly arrive: () => void; readonly isAlone: boolean },
): Promise<Made | undefined> => {
  const { input, arrivals } = work
  const { key: source } = plan.group
  const startedAt = input.now()
  const { bytes, fingerprint } = await readOriginal(plan, work)
  const sizeBytes = bytes.length
  const readAt = input.now()
  input.tell({ kind: 'source-read', source, sizeBytes, elapsedMs: readAt - startedAt })
  const wanted = stepsFor(plan, steps, fingerprint, input)
  const outputs = wanted.map(({ result: { transform, format } }) => ({ transform, format }))
  try {
    const isPortrayed = portrays(input) && lacksLikeness(plan, findFacts(plan, fingerprint))
    let begunAt = readAt
    const report = await input.renderer.render(
      { bytes, outputs, encoders: input.encoders, isPortrayed },
      {
        ...(input.stop && { waitSignal: input.stop }),
        onBegin: () => {
          begunAt = input.now()
          arrive()
        },
        isFollowed: () => arrivals.underWay > 0,
      },
    )
    const { width, height, frames } = report.facts
    const megapixels = (width * height * frames) / 1e6
    const elapsedMs = input.now() - begunAt
    const { damage } = report
    if (damage !== undefined) input.tell({ kind: 'source-damaged', source, message: damage })
    input.tell({ kind: 'source-rendered', source, sizeBytes, megapixels, outputs: wanted.length, elapsedMs })
    return { fingerprint, report, steps: wanted }
  } catch (error) {
    if (input.stop?.aborted && error === input.stop.reason) return undefined // it still waited for its turn
    if (isCrash(error) && !isAlone) throw error
    return await giveUp(plan, { fingerprint, error }, work)
  }
}

const readOriginal = async (plan: PlannedSource, { input, recorder }: Work): Promise<Original> => {
  const { key } = plan.group
  try {
    const original = await input.originals.read(key)
    if (original === undefined)
      throw new Problem('source-missing', `${key} was listed and is not there any more.`, { subject: key })
    const { sizeBytes, mark } = original.source
    if (input.originals.marksOf(key) === 'date' && mark !== undefined) {
      const sighting = { sizeBytes, mark, fingerprint: original.fingerprint }
      await recorder.add({ ...emptyEntry(key), sightings: [sighting] })
    }
    return original
  } catch (error) {
    return await giveUp(plan, { fingerprint: sizeFingerprint(plan), error }, { input, recorder })
  }
}

/** The steps for the bytes that were really read: of another version of the source, the keys are others. */
const stepsFor = (
  plan: PlannedSource,
  steps: readonly RenderStep[],
  fingerprint: string,
  { expectation }: BuildInput,
): readonly RenderStep[] => {
  if (!expectation.needsFingerprint || plan.fingerprint === fingerprint) return steps
  return expectation
    .of(plan.group.key, fingerprint)
    .map((result) => ({ kind: 'render', result, reason: 'missing', maker: makerOf(result) }))
}

const storeResult = async (
  plan: PlannedSource,
  made: Pick<Made, 'fingerprint' | 'report'> & { readonly step: RenderStep; readonly output: Rendered },
  work: Work,
): Promise<void> => {
  const { input } = work
  const { key: source, source: original } = plan.group
  const { transform, transformText, format, sizes } = made.step.result
  const key = made.step.at ?? input.keyring.keyOf({ source, transform, format })
  const recipe = input.rules.recipeOf(format, transformText)
  const origin = {
    transform: transformText,
    format,
    fingerprint: made.fingerprint,
    recipe: made.report.damage === undefined ? recipe : toDamagedRecipe(recipe),
    encoder: input.renderer.encoderVersion(format),
    maker: made.step.maker,
  }
  const record = await work.writing.attempt(() => input.results.put(key, made.output.bytes, { origin }))
  if (record !== undefined) await followWith(plan, { key, record }, work)
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

/** Throws what went wrong with a source, and remembers it where trying again would be in vain. */
const giveUp = async (
  plan: PlannedSource,
  failed: { readonly fingerprint: string; readonly error: unknown },
  { input, recorder }: Pick<Work, 'input' | 'recorder'>,
): Promise<never> => {
  const problem = asProblem(failed.error)
  const { code, message } = problem
  if (isOfPicture(code)) {
    const failure = { fingerprint: failed.fingerprint, code, message, attempt: input.rules.attempt }
    await recorder.add({ ...emptyEntry(plan.group.key), failures: [failure] })
  }
  throw problem
}

const sizeFingerprint = (plan: PlannedSource): string => `${SIZE_FINGERPRINT}${plan.group.source?.sizeBytes}`
