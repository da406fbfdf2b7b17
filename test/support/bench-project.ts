import { randomUUID } from 'node:crypto'
import { type BuildRunInput, build } from '../../src/app/batch/build.ts'
import { createForcedBuilds, type ForcedBuilds, openForcedRun } from '../../src/app/batch/forced.ts'
import { type PlanInput, type PlannedSource, planSources } from '../../src/app/batch/plan.ts'
import { countPlan, noCounts, type PlanCounts } from '../../src/app/batch/plan-counts.ts'
import { type PruneCounts, type PruneInput, prune } from '../../src/app/batch/prune.ts'
import { createShares, type Shares } from '../../src/app/batch/shares.ts'
import type { AppEvent } from '../../src/app/event.ts'
import { createLedger, type Ledger } from '../../src/app/ledger/ledger.ts'
import { createOriginals, type Originals } from '../../src/app/originals.ts'
import { createResults, type Results } from '../../src/app/results.ts'
import type { Config } from '../../src/config/config.ts'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { compileExclude, compileFolderExclude, compileMatch } from '../../src/config/match.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { Problem } from '../../src/core/problem.ts'
import type { DecisionRules } from '../../src/plan/decide.ts'
import { createExpectation } from '../../src/plan/expected.ts'
import { createEncoding, digest } from '../../src/plan/recipe.ts'
import type { Header, Renderer } from '../../src/render/port.ts'
import type { WritableStore } from '../../src/store/port.ts'
import { createKeyring, type Keyring } from '../../src/url/keyring.ts'
import { orAborted } from '../../src/waiting/signals.ts'
import { openMemoryStore } from './memory-store.ts'

/**
 * The use cases over stores in memory, with a renderer whose results say what they were made of: laws over plan,
 * ledger and stores are tried without the cost of a picture.
 */
export interface Bench {
  readonly config: Config
  readonly source: WritableStore
  readonly output: WritableStore
  readonly keyring: Keyring
  readonly originals: Originals
  readonly results: Results
  readonly ledger: Ledger
  readonly shares: Shares
  readonly forced: ForcedBuilds
  readonly renderer: Renderer
  readonly rules: DecisionRules
  readonly events: AppEvent[]
  planInput(changes?: Partial<PlanInput>): Omit<PlanInput, 'snapshot'>
  build(changes?: Partial<BuildRunInput>): Promise<void>
  plan(changes?: Partial<PlanInput>): Promise<{ counts: PlanCounts; plans: PlannedSource[] }>
  /** Without a guard, of whatever age; extras are kept. */
  prune(changes?: Partial<PruneInput>): Promise<PruneCounts>
}

export const SECRET = 'correct-horse-battery-staple'

const DEFAULTS: ConfigInput = {
  source: './in',
  output: './out',
  baseUrl: 'https://img.example/',
  secret: SECRET,
  formats: ['webp', 'original'],
  sizes: { content: { widths: [320, 640] } },
}

/** What a fake render of `source` by `transform` says: the text that stands for the picture. */
export const picture = (source: string, transform: string, format: string): string =>
  `${source} as ${transform}.${format}`

/** Of a landscape, opaque: 21 bytes. */
const THUMBHASH = '1QcSHQRnh493V4dIh4eXh1h4kJUI'

const HEADER: Header = {
  facts: { width: 1000, height: 500, mediaFormat: 'jpeg', frames: 1, hasAlpha: false },
  channels: 3,
  sampleBytes: 1,
  isDeepWithProfile: false,
  isWide: false,
  orientation: 1,
  credit: {},
  decoderBytes: 0,
}

/**
 * Bytes to text, except sources that say "broken", which fail as a picture would, and those that say "cut off", which
 * are damaged, or "wide", which are of wide colours. As a real one, it ends when its signal aborts, wherever the gate keeps it.
 */
export const createTextRenderer = (
  gate: () => Promise<void> = async () => {},
  damaged: 'refuse' | 'show' = 'refuse',
  colors: 'keep' | 'srgb' = 'keep',
): Renderer => ({
  encoderVersion: () => 'text 1',
  render: async ({ bytes, outputs, wantsPreview }, { signal } = {}) => {
    const source = new TextDecoder().decode(bytes)
    signal?.throwIfAborted()
    await (signal === undefined ? gate() : orAborted(gate(), signal))
    const isCutOff = source.includes('cut off')
    const isWide = source.includes('wide')
    const shown = isWide && colors === 'srgb' ? `${source} in sRGB` : source
    if (source.includes('broken') || (isCutOff && damaged === 'refuse'))
      throw new Problem('image-corrupt', 'It is broken.')
    return {
      facts: HEADER.facts,
      ...(isCutOff && { damage: 'It is broken.' }),
      ...(isWide && { colors }),
      ...(wantsPreview && { preview: { thumbhash: THUMBHASH, colour: 'aa8866' } }),
      outputs: outputs.map(({ transform, format }) => ({
        bytes: new TextEncoder().encode(picture(shown, String(transform.quality), format)),
        width: 1,
        height: 1,
      })),
    }
  },
  inspect: async () => HEADER,
  check: async () => ({ mediaFormat: 'webp', width: 1, height: 1 }),
  probe: async () => {},
  close: async () => {},
})

/** The same, with another way to render, which may do it in the plain way as well. */
export const renderBy = (
  render: (
    plain: Renderer['render'],
    ...given: Parameters<Renderer['render']>
  ) => ReturnType<Renderer['render']>,
): Renderer => {
  const text = createTextRenderer()
  return { ...text, render: (...given) => render(text.render, ...given) }
}

export interface BenchOptions {
  readonly config?: Partial<ConfigInput>
  readonly source?: WritableStore
  readonly output?: WritableStore
  readonly renderer?: Renderer
  readonly now?: () => number
}

export const openBench = (options: BenchOptions = {}): Bench => {
  const config = resolveConfig({ ...DEFAULTS, ...options.config }, { root: '/site' })
  const source = options.source ?? openMemoryStore()
  const output = options.output ?? openMemoryStore()
  const keyring = createKeyring(config.secrets)
  const events: AppEvent[] = []
  const tell = (event: AppEvent) => void events.push(event)
  const expectation = createExpectation({ ...config, toMatcher: compileMatch })
  const results = createResults({ store: output, keyring, cacheControl: config.cacheControl })
  const originals = createOriginals({
    stores: [{ store: source }],
    isIncluded: compileMatch(config.include),
    isExcluded: compileExclude(config.exclude),
    isFolderExcluded: compileFolderExclude(config.exclude),
    keyring,
    maxBytes: 10_000,
    keyLimits: { prefixBytes: 0, maxSegmentBytes: 255, longestNameBytes: expectation.longestNameBytes },
  })
  const now = options.now ?? (() => 1_700_000_000_000)
  const newId = randomUUID
  const ledger = createLedger({ store: output, prefix: '.imgsizes/', now, newId, tell })
  const shares = createShares({ store: output, prefix: '.imgsizes/', originals })
  const forced = createForcedBuilds({ store: output, prefix: '.imgsizes/' })
  const renderer = options.renderer ?? createTextRenderer(undefined, config.limits.damaged, config.colors)
  const rules: DecisionRules = {
    encoding: createEncoding(config.encoders, config),
    headersOf: results.headersOf,
    isRetired: (index) => config.secrets[index]?.isRetired ?? false,
    attempt: digest({ limits: config.limits, sizes: config.sizes }),
    force: false,
    retryFailed: false,
    isNarrowed: false,
    rerenderOtherEncoders: false,
  }
  const planInput = (changes: Partial<PlanInput> = {}) => ({
    originals,
    results,
    expectation,
    revision: config.revision,
    rules,
    selection: {},
    foreignCounts: { foreign: 0 },
    tell,
    ...changes,
  })
  return {
    config,
    source,
    output,
    keyring,
    originals,
    results,
    ledger,
    shares,
    forced,
    renderer,
    rules,
    events,
    planInput,
    build: (changes) =>
      build({
        ...planInput(changes),
        ledger,
        forced,
        shares,
        renderer,
        keyring,
        threads: 2,
        now,
        ticks: now,
      }),
    prune: (changes) =>
      prune({
        ...planInput(),
        ledger,
        now,
        dryRun: false,
        olderThanMs: 0,
        maxShare: 1,
        extras: false,
        allowEmpty: false,
        ...changes,
      }),
    plan: async (changes) => {
      const input = planInput(changes)
      const counts = noCounts()
      const plans: PlannedSource[] = []
      const { rules } = await openForcedRun({ ...input, forced, now })
      for await (const plan of planSources({ ...input, rules, snapshot: await ledger.open() })) {
        countPlan(counts, plan)
        plans.push(plan)
      }
      counts.foreign = input.foreignCounts.foreign
      return { counts, plans }
    },
  }
}

/** Puts a text into a store, with headers that say nothing. */
export const putText = async (store: WritableStore, key: string, text: string): Promise<void> => {
  const headers = { contentType: 'image/jpeg', cacheControl: 'no-store', metadata: {} }
  await store.put(key, new TextEncoder().encode(text), { headers })
}

/** The text of an object; undefined where there is none. */
export const getText = async (store: WritableStore, key: string): Promise<string | undefined> => {
  const object = await store.get(key)
  return object && new TextDecoder().decode(object.bytes)
}

/** Every key of a store, in its order. */
export const listKeys = async (store: WritableStore, prefix = ''): Promise<string[]> => {
  const keys: string[] = []
  for await (const { key } of store.list({ prefix })) keys.push(key)
  return keys
}
