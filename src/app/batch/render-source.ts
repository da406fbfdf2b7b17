import { isSameMark } from '../../core/mark.ts'
import { asProblem, isOfPicture, Problem } from '../../core/problem.ts'
import type { CoverPosition, Transform } from '../../core/transform.ts'
import { predictRenderMs, sourceSizeOf } from '../../plan/cost.ts'
import { SIZE_FINGERPRINT } from '../../plan/decide.ts'
import { isExtra, makerOf } from '../../plan/expected.ts'
import type { ListedSource } from '../../plan/group.ts'
import { emptyEntry, type FactsRecord, findFacts } from '../../plan/ledger-entry.ts'
import type { RenderReport } from '../../render/port.ts'
import { allEnded } from '../../waiting/concurrency.ts'
import { ALONE } from '../../waiting/largest-first.ts'
import type { CropsBy } from '../event.ts'
import type { Original } from '../originals.ts'
import type { PlannedSource } from './plan.ts'
import { lacksPreview, toFacts } from './source-facts.ts'
import { type BuildInput, type Made, type RenderStep, storeResult, type Work } from './source-steps.ts'

/** Whoever records facts of sources for pages also wants their previews. */
export const wantsPreviews = ({ facts, isForPages = false }: BuildInput): boolean =>
  facts !== undefined || isForPages

/**
 * Reads a source, renders these steps and stores their results. False where a stop was asked for before the render
 * began: the source is left to the next build.
 */
export const renderSource = async (
  plan: PlannedSource,
  steps: readonly RenderStep[],
  { work, onFacts }: { readonly work: Work; readonly onFacts: (facts: FactsRecord) => void },
): Promise<boolean> => {
  const { key } = plan.group
  const made = await renderInTurn(plan, steps, work)
  if (made === undefined) return false
  const { fingerprint, report } = made
  const known = report.preview === undefined ? findFacts(plan.group.known?.facts, fingerprint) : undefined
  const { attention } = report
  const facts = known ? { ...known, ...(attention && { attention }) } : toFacts(fingerprint, report)
  await work.recorder.add({ ...emptyEntry(key), facts: [facts] })
  onFacts(facts)
  const failures: { readonly step: RenderStep; readonly error: Problem }[] = []
  await allEnded(
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
  // The failure is of a result that no size asks for, so the source as a whole is not marked as failing.
  if (failure !== undefined) throw failure.error
  return true
}

/**
 * A picture that ended its render process is tried once more with no other picture in memory. If that also fails, the
 * picture is to blame.
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

const readAndRender = async (
  plan: PlannedSource,
  steps: readonly RenderStep[],
  { work, arrive, isAlone }: { readonly work: Work; readonly arrive: () => void; readonly isAlone: boolean },
): Promise<Made | undefined> => {
  const { input, arrivals } = work
  const { key: source } = plan.group
  const startedAt = input.ticks()
  const { bytes, fingerprint } = await readOriginal(plan, work)
  const sizeBytes = bytes.length
  const readAt = input.ticks()
  input.tell({ kind: 'source-read', source, sizeBytes, elapsedMs: readAt - startedAt })
  const wanted = stepsFor(plan, steps, fingerprint, input)
  const outputs = wanted.map(({ result: { transform, format } }) => ({ transform, format }))
  try {
    const wantsPreview =
      wantsPreviews(input) && lacksPreview(plan, findFacts(plan.group.known?.facts, fingerprint))
    let begunAt = readAt
    const report = await input.renderer.render(
      { bytes, outputs, encoders: input.rules.encoding.encoders, wantsPreview },
      {
        waitSignal: input.stop,
        onBegin: () => {
          begunAt = input.ticks()
          arrive()
        },
        isFollowed: () => arrivals.underWay > 0,
        costMs: predictRenderMs(
          sourceSizeOf({ group: plan.group, fingerprint }),
          wanted.map(({ result }) => result),
        ),
      },
    )
    const { width, height, frames } = report.facts
    const megapixels = (width * height * frames) / 1e6
    const elapsedMs = input.ticks() - begunAt
    const { damage, undrawn } = report
    if (damage !== undefined) input.tell({ kind: 'source-damaged', source, message: damage })
    if (undrawn !== undefined) input.tell({ kind: 'drawing-simplified', source, undrawn })
    const cropsBy = findCropsBy(plan, wanted, report)
    input.tell({
      kind: 'source-rendered',
      source,
      sizeBytes,
      megapixels,
      outputs: wanted.length,
      elapsedMs,
      cropsBy,
    })
    return { fingerprint, report, steps: wanted }
  } catch (error) {
    if (input.stop?.aborted && error === input.stop.reason) return undefined // it was still waiting for its turn
    if (isCrash(error) && !isAlone) throw error
    return await giveUp(plan, { fingerprint, error }, work)
  }
}

/** What decided where the crops of these results are, as far as the configuration did not. */
const findCropsBy = (
  { override }: PlannedSource,
  steps: readonly RenderStep[],
  { attentionBy }: RenderReport,
): readonly CropsBy[] => {
  const positions = steps.map(({ result }) => positionOf(result.transform))
  const hasFocus = override && [override, ...Object.values(override.sizes ?? {})].some(({ focus }) => focus)
  return [
    ...(hasFocus && positions.some((position) => position !== 'attention') ? (['override'] as const) : []),
    ...(attentionBy && positions.includes('attention') ? [attentionBy] : []),
  ]
}

const positionOf = ({ resize }: Transform): CoverPosition | undefined =>
  'position' in resize ? resize.position : undefined

const readOriginal = async (plan: PlannedSource, { input, recorder }: Work): Promise<Original> => {
  const { key } = plan.group
  try {
    const original = await input.originals.read(key)
    if (original === undefined)
      throw new Problem('source-missing', `${key} was listed, but does not exist any more.`, { subject: key })
    const { sizeBytes, mark } = original.source
    refuseShortened(original, plan.group.source)
    if (input.originals.marksOf(key) === 'date' && mark !== undefined) {
      const sighting = { sizeBytes, mark, fingerprint: original.fingerprint }
      await recorder.add({ ...emptyEntry(key), sightings: [sighting] })
    }
    return original
  } catch (error) {
    return await giveUp(plan, { fingerprint: sizeFingerprint(plan), error }, { input, recorder })
  }
}

/**
 * A proxy may cut an object off and say that it is whole. That is no fault of the picture, which would be remembered;
 * and of some formats a part looks like a whole. Longer ones pass: some stores unpack what they have packed.
 */
const refuseShortened = ({ source, bytes }: Original, listed: ListedSource | undefined): void => {
  if (listed === undefined || !isSameMark(listed.mark, source.mark) || bytes.length >= listed.sizeBytes)
    return
  throw new Problem(
    'store-unavailable',
    `${listed.key} came with ${bytes.length} of the ${listed.sizeBytes} bytes that the listing says.`,
    { subject: listed.key, hint: 'Run again, and look at what is between here and the store.' },
  )
}

/** The steps for the bytes that were really read. If they are another version of the source, they have other keys. */
const stepsFor = (
  plan: PlannedSource,
  steps: readonly RenderStep[],
  fingerprint: string,
  { expectation }: BuildInput,
): readonly RenderStep[] => {
  if (!expectation.needsFingerprint || plan.fingerprint === fingerprint) return steps
  return expectation
    .of(plan.group.key, fingerprint, plan.override)
    .map((result) => ({ kind: 'render', result, reason: 'missing', maker: makerOf(result) }))
}

/** Throws what went wrong with a source, and records the failure where another attempt would fail again. */
export const giveUp = async (
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

/** Stands for the fingerprint of a source whose bytes could not be read. */
export const sizeFingerprint = (plan: PlannedSource): string =>
  `${SIZE_FINGERPRINT}${plan.group.source?.sizeBytes}`
