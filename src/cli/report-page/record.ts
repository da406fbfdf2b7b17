import { createSavings, type Savings } from '../../app/batch/savings.ts'
import type { AppEvent } from '../../app/event.ts'
import type { Format } from '../../core/format.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { PlanStep } from '../../plan/decide.ts'
import type { VariantKey } from '../../url/keyring.ts'

/** A result on the page. */
export interface ShownResult {
  readonly key: VariantKey
  readonly format: Format
  readonly sizeBytes: number
  /** Whether it was stored before this build. */
  readonly isKept: boolean
  /** How its file was made, where that is unusual. */
  readonly made?: StoredEvent['made']
}

type StoredEvent = Extract<AppEvent, { kind: 'result-stored' }>

/** A source on the page. */
export interface ShownSource {
  readonly source: SourceKey
  readonly sizeBytes: number
  readonly megapixels: number
  readonly elapsedMs: number
  readonly results: readonly ShownResult[]
}

/** What a page shows in addition to the tally: lists of bounded length, however many sources there are. */
export interface BuildRecord {
  /** The first sources, in the order in which they were planned. */
  readonly gallery: readonly ShownSource[]
  /** The number of sources that could be shown, but are not. */
  readonly unshown: number
  readonly slowest: readonly RankedSource[]
  readonly largest: readonly RankedResult[]
  /** All results that were stored before and are kept. */
  readonly kept: Savings & { readonly bytes: number }
}

type RankedSource = Pick<
  Extract<AppEvent, { kind: 'source-rendered' }>,
  'source' | 'elapsedMs' | 'megapixels' | 'outputs'
>

type RankedResult = Pick<ShownResult, 'key' | 'sizeBytes'>

const GALLERY_SOURCES = 200
const RANKED = 10

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Collects what a page shows from the events of a build. */
export const createBuildRecord = (): { tell(event: AppEvent): void; read(): BuildRecord } => {
  const shown = new Map<SourceKey, Mutable<ShownSource> & { results: ShownResult[] }>()
  const slowest: RankedSource[] = []
  const largest: RankedResult[] = []
  const savings = createSavings()
  let keptBytes = 0
  let unshown = 0

  const addKept = ({ result, sizeBytes }: KeptStep, sourceBytes: number): void => {
    const { format, sizes } = result
    savings.add({ format, sizes, sourceBytes, sizeBytes })
    keptBytes += sizeBytes
  }
  const addPlanned = (event: Extract<AppEvent, { kind: 'source-planned' }>): void => {
    const { source, sourceBytes, steps } = event
    const standing = steps.filter((step) => step.kind === 'keep')
    for (const step of standing) addKept(step, sourceBytes)
    const isWorth = standing.length > 0 || steps.some((step) => step.kind === 'render')
    if (!isWorth) return
    const results = standing.map(toShown)
    if (shown.size >= GALLERY_SOURCES) unshown++
    else shown.set(source, { source, sizeBytes: sourceBytes, megapixels: 0, elapsedMs: 0, results })
  }
  const addStored = ({ source, key, format, sizeBytes, sourceBytes, made }: StoredEvent): void => {
    rank(largest, { key, sizeBytes }, (each) => each.sizeBytes)
    const own = shown.get(source)
    if (own === undefined) return
    own.sizeBytes = sourceBytes
    own.results.push({ key, format, sizeBytes, isKept: false, made })
  }
  return {
    tell: (event) => {
      if (event.kind === 'source-planned') addPlanned(event)
      else if (event.kind === 'result-stored') addStored(event)
      else if (event.kind === 'source-rendered') {
        const { source, sizeBytes, elapsedMs, megapixels, outputs } = event
        rank(slowest, { source, elapsedMs, megapixels, outputs }, (each) => each.elapsedMs)
        const own = shown.get(source)
        if (own !== undefined) Object.assign(own, { sizeBytes, elapsedMs, megapixels })
      }
    },
    read: () => {
      const gallery = [...shown.values()].filter(({ results }) => results.length > 0)
      return { gallery, unshown, slowest, largest, kept: { ...savings.read(), bytes: keptBytes } }
    },
  }
}

/** Keeps the highest few in the list, the highest first. */
const rank = <T>(list: T[], item: T, height: (item: T) => number): void => {
  const place = list.findIndex((other) => height(other) < height(item))
  list.splice(place === -1 ? list.length : place, 0, item)
  list.splice(RANKED)
}

type KeptStep = Extract<PlanStep, { kind: 'keep' }>

const toShown = ({ key, result, sizeBytes }: KeptStep): ShownResult => ({
  key,
  format: result.format,
  sizeBytes,
  isKept: true,
})
