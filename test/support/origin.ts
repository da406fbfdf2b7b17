import { randomUUID } from 'node:crypto'
import type { AnswerEvent } from '../../src/app/origin/event.ts'
import type { PictureOverrides } from '../../src/app/picture-overrides.ts'
import { compileMatch } from '../../src/config/match.ts'
import type { Format } from '../../src/core/format.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { parseTransform } from '../../src/core/transform.ts'
import { type FetchHandler, toFetchHandler } from '../../src/http/fetch-handler.ts'
import type { RequestReport } from '../../src/http/http-message.ts'
import { type HttpOrigin, openHttpOrigin } from '../../src/http/open-origin.ts'
import type { PlaceholderPicture } from '../../src/http/problems.ts'
import { createExpectation } from '../../src/plan/expected.ts'
import { createEncoding } from '../../src/plan/recipe.ts'
import { type Keyring, spellKey } from '../../src/url/keyring.ts'
import { encodePath } from '../../src/url/path.ts'
import type { Clock } from '../../src/waiting/clock.ts'
import { systemClock } from '../../src/waiting/system-clock.ts'
import type { Project } from '../../src/wire/project.ts'
import { type Bench, type BenchOptions, openBench } from './bench-project.ts'
import { NO_OVERRIDES } from './no-overrides.ts'

export interface TestOriginOptions extends BenchOptions {
  readonly clock?: Clock
  readonly threads?: number
  readonly mount?: string
  readonly placeholder?: PlaceholderPicture
  readonly memoryBytes?: number
  readonly overrides?: Partial<PictureOverrides>
}

/** An origin without a socket, over stores in memory. */
export interface TestOrigin {
  readonly bench: Bench
  readonly origin: HttpOrigin
  /** As a server of your own mounts it. */
  readonly fetchFrom: FetchHandler
  readonly events: AnswerEvent[]
  readonly reports: RequestReport[]
  /** The key of a result of `source`, "640w.q80" as webp where nothing else is said. */
  key(source: string, transform?: string, ext?: Format | 'auto', secretIndex?: number): string
  get(key: string, init?: RequestInit): Promise<Response>
  /** As `get`, by the path as it would come over a socket. */
  getRaw(rawTarget: string, init?: RequestInit): Promise<Response>
  /** Stores and records everything. */
  settle(): Promise<void>
}

export const openTestOrigin = (options: TestOriginOptions = {}): TestOrigin => {
  const bench = openBench(options)
  const { clock = systemClock, threads = 2, mount = '/', placeholder } = options
  const events: AnswerEvent[] = []
  const reports: RequestReport[] = []
  const origin = openHttpOrigin({
    project: toProject(bench, clock, options.overrides),
    renderer: bench.renderer,
    mount,
    threads,
    memoryBytes: options.memoryBytes ?? 512 * 1024 * 1024,
    ...(placeholder && { placeholder }),
    clock,
    tell: (event) => void events.push(event),
  })
  const fetchFrom = toFetchHandler(origin.handle, clock)
  const getRaw = (rawTarget: string, init: RequestInit = {}): Promise<Response> =>
    fetchFrom(new Request('http://localhost/', init), {
      rawTarget,
      onReport: (report) => void reports.push(report),
    })
  return {
    bench,
    origin,
    fetchFrom,
    events,
    reports,
    key: (source, transform, ext, secretIndex) =>
      testKey(bench.keyring, source, { transform, ext, secretIndex }),
    getRaw,
    get: (key, init) => getRaw(mount + encodePath(key), init),
    settle: () => origin.close(AbortSignal.timeout(60_000)),
  }
}

/** A signed key as a test spells it. */
export const testKey = (
  keyring: Keyring,
  source: string,
  parts: {
    readonly transform?: string | undefined
    readonly ext?: Format | 'auto' | undefined
    readonly secretIndex?: number | undefined
  } = {},
): string => {
  const { transform: transformText = '640w.q80', ext = 'webp', secretIndex } = parts
  const sourceKey = source as SourceKey
  if (parseTransform(transformText) === undefined) throw new Error(`${transformText} is no transform`)
  const signature = keyring.sign(sourceKey, transformText, secretIndex)
  return spellKey({ source: sourceKey, transformText, signature, ext })
}

/** A bench as the origin and builds take it. */
export const toProject = (
  bench: Bench,
  { date: now }: Pick<Clock, 'date'>,
  overrides: Partial<PictureOverrides> = {},
): Project => {
  const { config, keyring, originals, results, ledger, shares, forced, output, source, renderer } = bench
  return {
    config,
    keyring,
    originals,
    results,
    ledger,
    shares,
    forced,
    output,
    sourceStores: [source],
    overrides: { ...NO_OVERRIDES, ...overrides },
    now,
    context: { now, newId: randomUUID, tell: () => {}, programVersion: 'test' },
    expect: (narrowing) =>
      createExpectation({ ...config, toMatcher: compileMatch, ...(narrowing && { narrowing }) }),
    rules: () => bench.rules,
    planInput: () => bench.planInput(),
    encodingOf: (encoders) => createEncoding(encoders, config),
    openRenderer: () => renderer,
    close: async () => {},
  }
}

/** A count of what a store was asked, by operation: for who fetched what how often. */
export const countOperations = (
  gate?: (operation: string) => Promise<void>,
): { readonly gate: (operation: string) => Promise<void>; readonly of: (operation: string) => number } => {
  const counts = new Map<string, number>()
  return {
    gate: async (operation) => {
      counts.set(operation, (counts.get(operation) ?? 0) + 1)
      await gate?.(operation)
    },
    of: (operation) => counts.get(operation) ?? 0,
  }
}
