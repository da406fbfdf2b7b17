import { readFileSync } from 'node:fs'
import { createForcedBuilds, type ForcedBuilds } from '../app/batch/forced.ts'
import type { PlanInput } from '../app/batch/plan.ts'
import type { Selection } from '../app/batch/select-groups.ts'
import { createShares, type Shares } from '../app/batch/shares.ts'
import type { Tell } from '../app/event.ts'
import { createLedger, type Ledger } from '../app/ledger/ledger.ts'
import type { LedgerOptions } from '../app/ledger/names.ts'
import { createStoreClock } from '../app/ledger/store-clock.ts'
import { createOriginals, type Originals } from '../app/originals.ts'
import { openPictureOverrides, type PictureOverrides } from '../app/picture-overrides.ts'
import { createResults, type ForeignCounts, type Results } from '../app/results.ts'
import type { Config } from '../config/config.ts'
import { compileExclude, compileFolderExclude, compileMatch, rangeOfPattern } from '../config/match.ts'
import { parseSidecar } from '../config/overrides.ts'
import { requireSecrets } from '../config/secrets.ts'
import { defined } from '../core/defined.ts'
import type { EncoderOptions } from '../core/encoder.ts'
import { FORMATS, type Format } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import { PRIVATE_SEGMENT, type SourceKey, sourceOfSidecar } from '../core/source-key.ts'
import type { DecisionRules } from '../plan/decide.ts'
import { createExpectation, type Expectation, type Narrowing } from '../plan/expected.ts'
import { createEncoding, digest, type RecordedEncoders } from '../plan/recipe.ts'
import type { Renderer, Watermark } from '../render/port.ts'
import { openRenderer, type RendererOptions } from '../render/renderer.ts'
import type { ReadableStore, WritableStore } from '../store/port.ts'
import { createKeyring, type Keyring } from '../url/keyring.ts'
import { createOverridesReader, toContext } from './overrides.ts'
import { openOutput, openSource } from './stores.ts'

interface ProjectContext extends Pick<LedgerOptions, 'now' | 'newId' | 'tell'> {
  /** The version of this program, for the ledger's record of failures. */
  readonly programVersion: string
  /** Whether a missing folder of results or of the ledger is an error; by default, the first write makes it. */
  readonly mustExist?: boolean
}

/** A configuration with its places opened: everything that the use cases need. */
export interface Project {
  readonly config: Config
  readonly keyring: Keyring
  readonly originals: Originals
  readonly results: Results
  readonly ledger: Ledger
  readonly shares: Shares
  readonly forced: ForcedBuilds
  /** The stores of the sources, for readiness and permissions. */
  readonly sourceStores: readonly ReadableStore[]
  readonly output: WritableStore
  readonly context: ProjectContext
  /** The time by the clock of the store of the ledger, for everything that has an age. */
  readonly now: () => number
  readonly overrides: PictureOverrides
  expect(narrowing?: Narrowing): Expectation
  rules(choices?: RuleChoices): DecisionRules
  /** The input of a plan; whoever plans opens the ledger. */
  planInput(run: PlanRun): Omit<PlanInput, 'snapshot'>
  encodingOf(encoders: EncoderOptions): RecordedEncoders
  /** The caller must close it. */
  openRenderer(bounds: RendererBounds): Renderer
  close(): Promise<void>
}

/** Which part of a project a run works on. */
export interface ScopeOptions {
  /** Which sources; by default all. */
  readonly selection?: Selection | undefined
  /** Which sizes and formats; by default all. */
  readonly narrowing?: Narrowing | undefined
}

/** The same, with its rules, and who is told. */
interface PlanRun extends ScopeOptions {
  readonly choices?: RuleChoices
  /** Where objects without a key of ours are counted. */
  readonly foreign?: ForeignCounts
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** The options of a run that become `DecisionRules`. */
export interface RuleChoices {
  readonly force?: boolean
  readonly retryFailed?: boolean
  readonly isNarrowed?: boolean
  /** `Renderer.encoderVersion`, to recognise results of other encoders. */
  readonly encoderOf?: (format: Format) => string
  /** Whether results of other encoders are made again. */
  readonly rerenderOtherEncoders?: boolean
}

/** How much a renderer may use. */
export type RendererBounds = Pick<RendererOptions, 'threads' | 'memoryBytes' | 'encodesAtOnce'>

/** The clocks of two stores differ by less, if they are right. */
const STATE_SKEW_MS = 5_000

/**
 * Opens the places of a configuration. Nothing is written yet, and only the file of overrides is read. Problem
 * `config-secret-missing`, and those of that file.
 */
export const openProject = async (config: Config, context: ProjectContext): Promise<Project> => {
  const keyring = createKeyring(requireSecrets(config))
  // Before anything is open that would have to be closed again.
  const overrides = await openPictureOverrides({
    readFile: createOverridesReader(config),
    ...(config.sidecars && {
      readSidecar: async (source, signal) => {
        const sidecar = await originals.readSidecar(source, signal)
        return sidecar && parseSidecar(sidecar.text, toContext(config, sidecar.place))
      },
    }),
  })
  const output = await openOutput(config.output, context)
  const state = config.state && (await openOutput(config.state, context))
  const sources = await Promise.all(
    config.sources.map(async (source) => ({ source, store: await openSource(source.place, config.limits) })),
  )
  const expect = (narrowing?: Narrowing): Expectation =>
    createExpectation({
      ...config,
      hasOverrides: config.overrides !== undefined || config.sidecars,
      toMatcher: compileMatch,
      ...(narrowing && { narrowing }),
    })
  const results = createResults({ store: output, keyring, cacheControl: config.cacheControl })
  const isIncluded = compileMatch(config.include)
  const originals = createOriginals({
    stores: sources.map(({ source: { place: _, ...source }, store }) => ({ ...source, store })),
    isIncluded,
    ...(config.sidecars && { sourceOfSidecar: sidecarsOf(isIncluded) }),
    isExcluded: compileExclude(config.exclude),
    isFolderExcluded: compileFolderExclude(config.exclude),
    keyring,
    maxBytes: config.limits.sourceBytes,
    keyLimits: { ...output.keyLimits, longestNameBytes: expect().longestNameBytes },
  })
  const now = createStoreClock({ ...context, store: state ?? output })
  const place = { store: state ?? output, prefix: state === undefined ? `${PRIVATE_SEGMENT}/` : '' }
  const ledger = createLedger({ ...context, ...place, now })
  const rules = (choices: RuleChoices = {}): DecisionRules =>
    toRules({ config, keyring, results, context }, choices)
  return {
    config,
    keyring,
    originals,
    results,
    ledger,
    shares: createShares({ ...place, originals }),
    forced: createForcedBuilds({ ...place, skewMs: state === undefined ? 0 : STATE_SKEW_MS }),
    output,
    context,
    now,
    sourceStores: sources.map(({ store }) => store),
    overrides,
    expect,
    encodingOf: (encoders) => createEncoding(encoders, config),
    rules,
    planInput: ({ narrowing, selection = {}, choices, foreign = { foreign: 0 }, tell, signal }) => ({
      originals,
      results,
      revision: config.revision,
      overrides,
      expectation: expect(narrowing),
      rules: rules({ isNarrowed: narrowing !== undefined, ...choices }),
      selection,
      foreignCounts: foreign,
      tell,
      signal,
    }),
    openRenderer: (bounds) =>
      openRenderer({ ...bounds, limits: config.limits, colors: config.colors, ...openWatermark(config) }),
    close: async () => {
      const stores = [output, ...(state ? [state] : []), ...sources.map(({ store }) => store)]
      await Promise.all(stores.map((store) => store.close()))
    },
  }
}

/** Runs `work` with a renderer, which is closed in the end. */
export const withRenderer = async <T>(
  project: Pick<Project, 'openRenderer'>,
  bounds: RendererBounds,
  work: (renderer: Renderer) => Promise<T>,
): Promise<T> => {
  const renderer = project.openRenderer(bounds)
  try {
    return await work(renderer)
  } finally {
    await renderer.close()
  }
}

/** Names of sidecars are those of pictures with an ending more. */
const sidecarsOf = (isIncluded: (key: SourceKey) => boolean) => (name: string) => {
  const source = sourceOfSidecar(name)
  return source !== undefined && isIncluded(source) ? source : undefined
}

const toRules = (
  { config, keyring, results, context }: Pick<Project, 'config' | 'keyring' | 'results' | 'context'>,
  choices: RuleChoices,
): DecisionRules => {
  const { limits, encoders, formats, sizes, vectors } = config
  // Computed once, because it is needed for each key.
  const headers = new Map(FORMATS.map((format) => [format, results.headersOf(format)]))
  return {
    encoding: createEncoding(encoders, config),
    headersOf: (format) => headers.get(format) ?? '',
    isRetired: (index) => keyring.secrets[index]?.isRetired ?? false,
    // A failed source is tried again when any of these changes.
    attempt: digest({ limits, encoders, formats, sizes, vectors, program: context.programVersion }),
    force: choices.force ?? false,
    retryFailed: choices.retryFailed ?? false,
    isNarrowed: choices.isNarrowed ?? false,
    rerenderOtherEncoders: choices.rerenderOtherEncoders ?? false,
    ...(choices.encoderOf && { encoderOf: choices.encoderOf }),
  }
}

/** The configured watermark with its bytes, for a renderer. Problem `config-invalid` if the file has vanished. */
const openWatermark = ({ watermark }: Config): { readonly watermark?: Watermark } => {
  if (watermark === undefined) return {}
  const { path, ...settings } = watermark
  try {
    return { watermark: { ...settings, bytes: new Uint8Array(readFileSync(path)) } }
  } catch (cause) {
    throw new Problem('config-invalid', `watermark.file: ${path} cannot be read.`, {
      subject: 'watermark.file',
      cause,
    })
  }
}

/** A part of a project as users write it. */
interface ScopeWords {
  /** A glob. If it begins with a fixed text, only keys with that beginning are listed. Problem `pattern-invalid`. */
  readonly only?: string | undefined
  readonly size?: string | undefined
  readonly format?: Format | 'original' | undefined
  /** Only these sources, in the order of the plan. */
  readonly keys?: readonly SourceKey[] | undefined
}

/** The part of a project that a user's options name. */
export const toScope = (words: ScopeWords): ScopeOptions & { readonly selection: Selection } => {
  const { only, size, format, keys } = words
  const range = only === undefined ? {} : rangeOfPattern(only)
  return {
    selection: {
      ...(only !== undefined && { isSelected: compileMatch([only]) }),
      ...(range.prefix && { range }),
      keys,
    },
    ...((size ?? format) !== undefined && { narrowing: defined({ size, format }) }),
  }
}
