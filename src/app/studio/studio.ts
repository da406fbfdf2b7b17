import type { Config } from '../../config/config.ts'
import { compileMatch } from '../../config/match.ts'
import { contentTypeOf, FORMATS, type FormatChoice } from '../../core/format.ts'
import type { PictureSize } from '../../core/geometry.ts'
import { takesFocus } from '../../core/override.ts'
import { largestSize } from '../../core/preparation.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Transform } from '../../core/transform.ts'
import type { Variant } from '../../core/variant.ts'
import type { Expectation } from '../../plan/expected.ts'
import type { Keyring } from '../../url/keyring.ts'
import { onAbort } from '../../waiting/signals.ts'
import { isGone, type PlannedSource } from '../batch/plan.ts'
import type { Selection } from '../batch/select-groups.ts'
import type { Originals } from '../originals.ts'
import type { Results } from '../results.ts'
import { type Inventory, readInventory } from './inventory.ts'
import type { LiveOptions, LiveRenders, OriginalFacts } from './live.ts'
import { type Addition, predictAddition } from './predict.ts'
import type { OverridePatch, PictureView, Prediction, ResultView, Setup, Totals, Visits } from './protocol.ts'
import { listStanding, type StandingResult, toPattern } from './result-state.ts'

/** A file to show, and what is known of it. */
export interface StudioFile {
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly width?: number
  readonly height?: number
  readonly score?: number
}

/** A possible addition: a width for all pictures, or a format for all sizes. */
type Novelty =
  | { readonly kind: 'width'; readonly width: number; readonly formats: readonly FormatChoice[] }
  | { readonly kind: 'format'; readonly format: FormatChoice }

/** What the page can ask of a project. Everything uses the same plan and renderer as the commands. */
export type Studio = ReturnType<typeof createStudio>

interface StudioInput {
  readonly config: Pick<Config, 'sizes' | 'formats' | 'quality' | 'file' | 'root'>
  readonly originals: Pick<Originals, 'roots'>
  readonly results: Pick<Results, 'store'>
  readonly keyring: Pick<Keyring, 'keyOf'>
  readonly expectation: Expectation
  readonly live: LiveRenders
  readonly threads: number
  /** What a build of a selection would do. */
  readonly plan: (selection: Selection, signal: AbortSignal) => AsyncIterable<PlannedSource>
  readonly overridesPlace?: string | undefined
  readonly changeOverride: (source: SourceKey, patch: OverridePatch) => Promise<void>
  readonly readVisits?: (totals: Totals, signal: AbortSignal) => Promise<Visits>
  /** Ends the reading of inventories. */
  readonly stop: AbortSignal
  readonly now: () => number
}

/** Begins to read the inventory at once. */
export const createStudio = (input: StudioInput) => {
  const { config, results, keyring, expectation, live, threads, plan, stop } = input
  let reading = new AbortController()
  onAbort(stop, () => reading.abort(stop.reason))
  const readAll = (): Inventory => {
    reading.abort()
    reading = new AbortController()
    return readInventory({ plans: plan({}, reading.signal), expectation, now: input.now })
  }
  let inventory = readAll()
  const planOne = async (source: SourceKey, signal: AbortSignal): Promise<PlannedSource> => {
    for await (const one of plan({ keys: [source] }, signal))
      if (one.group.key === source && !isGone(one)) return one
    throw new Problem('source-missing', `${source} does not exist.`, { subject: source })
  }
  const picture = async (source: SourceKey, signal: AbortSignal): Promise<PictureView> =>
    viewPicture({ plan: await planOne(source, signal), expectation, live, signal })
  return {
    setup: toSetup(input),
    /** All pictures as they were when they were read. */
    inventory: () => inventory,
    refresh: (): Inventory => {
      inventory = readAll()
      return inventory
    },
    picture,
    /** Changes the override of a picture, and returns its new view. Problems of `changeOverride`. */
    change: async (source: SourceKey, patch: OverridePatch, signal: AbortSignal): Promise<PictureView> => {
      await planOne(source, signal) // so that nothing is written of a picture that is gone
      await input.changeOverride(source, patch)
      return picture(source, signal)
    },
    thumb: async (source: SourceKey, signal: AbortSignal): Promise<StudioFile> => {
      const key = inventory.rows.get(source)?.thumb
      const stored = key === undefined ? undefined : await results.store.get(key, { signal })
      if (key === undefined || stored === undefined)
        return { ...(await live.thumb(source, signal)), contentType: contentTypeOf('webp') }
      const format = FORMATS.find((each) => key.endsWith(`.${each}`)) ?? 'jpg'
      return { bytes: stored.bytes, contentType: contentTypeOf(format) }
    },
    /** A stored result; undefined where it does not exist. */
    stored: async (name: Variant, signal: AbortSignal): Promise<StudioFile | undefined> => {
      const stored = await results.store.get(keyring.keyOf(name), { signal })
      return stored && { bytes: stored.bytes, contentType: contentTypeOf(name.format) }
    },
    rendered: async ({ source, transform, format }: Variant, options: LiveOptions): Promise<StudioFile> => ({
      ...(await live.render(source, { transform, format }, options)),
      contentType: contentTypeOf(format),
    }),
    /** The same without loss, to compare results with. */
    reference: async (
      { source, transform }: Pick<Variant, 'source' | 'transform'>,
      signal: AbortSignal,
    ): Promise<StudioFile> => ({
      ...(await live.reference(source, transform, signal)),
      contentType: contentTypeOf('png'),
    }),
    looks: live.looks,
    totals: (): Totals => inventory.tally.read(),
    predict: (novelty: Novelty): Prediction => {
      const { rows, tally } = inventory
      const additions = toAdditions(novelty, config)
      const known = { rows, densities: tally.densities(), threads }
      const predictions = additions.map((addition) => predictAddition(known, addition))
      const sum = { results: 0, bytes: 0, minutes: 0 }
      for (const name of ['results', 'bytes', 'minutes'] as const)
        for (const prediction of predictions) sum[name] += prediction[name]
      return sum
    },
    /** Undefined where no log was given. */
    visits: async (signal: AbortSignal): Promise<Visits | undefined> => {
      if (input.readVisits === undefined) return undefined
      await inventory.ended
      return input.readVisits(inventory.tally.read(), signal)
    },
  }
}

const toAdditions = (
  novelty: Novelty,
  { sizes, formats, quality }: StudioInput['config'],
): readonly Addition[] => {
  if (novelty.kind === 'width') {
    const transform: Transform = { resize: { kind: 'width', width: novelty.width }, quality }
    return [{ isFor: () => true, transforms: [transform], formats: novelty.formats }]
  }
  const { format } = novelty
  return sizes
    .filter((size) => !(size.formats ?? formats).includes(format))
    .map((size) => ({
      isFor: size.match === undefined ? () => true : compileMatch(size.match),
      transforms: size.transforms.map(({ transform }) => transform),
      formats: [format],
    }))
}

const toSetup = ({ config, originals, results, overridesPlace, readVisits }: StudioInput): Setup => ({
  source: originals.roots.map(({ place }) => place).join(', '),
  output: results.store.place,
  sizes: config.sizes.map(({ name, transforms }) => ({
    name,
    transforms: transforms.map(({ transform }) => transform),
    isCropped: transforms.some(({ transform }) => takesFocus(transform)),
  })),
  formats: config.formats,
  quality: config.quality,
  configFile: config.file?.slice(config.file.lastIndexOf('/') + 1),
  overrides: overridesPlace,
  hasLog: readVisits !== undefined,
})

interface PictureInput {
  readonly plan: PlannedSource
  readonly expectation: Expectation
  readonly live: Pick<LiveRenders, 'describe'>
  readonly signal: AbortSignal
}

/** Everything about one picture, which is decoded for its size and what decides its attention point. */
const viewPicture = async (input: PictureInput): Promise<PictureView> => {
  const { group, override = {}, ...plan } = input.plan
  const results = listStanding(input.plan, input.expectation)
  const found = await readFacts(input)
  const size = 'problem' in found ? undefined : found
  const problem = plan.problem?.message ?? ('problem' in found ? found.problem : undefined)
  return {
    source: group.key,
    bytes: group.source?.sizeBytes ?? 0,
    width: size?.width,
    height: size?.height,
    mediaFormat: size?.mediaFormat,
    subjects: size?.subjects,
    results: results.map((result) => viewResult(result, size)),
    override,
    problem,
    pattern: toPattern(results),
  }
}

const readFacts = async ({
  plan: { group },
  live,
  signal,
}: PictureInput): Promise<OriginalFacts | { readonly problem: string }> => {
  try {
    return await live.describe(group.key, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

const viewResult = (
  { result, state, why, standing }: StandingResult,
  picture: PictureSize | undefined,
): ResultView => {
  const { sizes, transform, transformText, format } = result
  return {
    sizes,
    transform: transformText,
    format,
    ...(picture && largestSize(transform, picture)),
    state,
    why,
    bytes: standing?.sizeBytes,
  }
}
