import { type InventoryLine, type Pattern, RESULT_STATES, type ResultState } from '../app/studio/protocol.ts'
import { FORMATS, type Format } from '../core/format.ts'

/** The state of a picture's results as a whole; `none`: no size asks for anything. */
export type PictureState = ResultState | 'none'

/** Every picture of the project that was read so far. Parallel arrays, because there may be a million. */
export interface Sources {
  readonly names: string[]
  readonly bytes: number[]
  readonly patternOf: number[]
  readonly patterns: Pattern[]
  readonly whys: Map<number, string>
  readonly alts: Map<number, string>
  /** Present once all are read, or reading failed. */
  end?: { readonly problem?: string }
}

/** Empty lists, to read into. */
export const noSources = (): Sources => ({
  names: [],
  bytes: [],
  patternOf: [],
  patterns: [],
  whys: new Map(),
  alts: new Map(),
})

/** Adds a line of the inventory. */
export const addLine = (sources: Sources, line: InventoryLine): void => {
  if (line.kind !== 'sources') {
    sources.end = line.kind === 'problem' ? { problem: line.message } : {}
    return
  }
  const from = sources.names.length
  for (const name of line.names) sources.names.push(name)
  for (const bytes of line.bytes) sources.bytes.push(bytes)
  for (const pattern of line.patterns) sources.patternOf.push(pattern)
  sources.patterns.push(...line.newPatterns)
  for (const [place, why] of line.whys) sources.whys.set(from + place, why)
  for (const [place, alt] of line.alts) sources.alts.set(from + place, alt)
}

/** Puts what is known of one picture now in the place of what was read. */
export const replacePattern = (sources: Sources, place: number, pattern: Pattern): void => {
  const text = JSON.stringify(pattern)
  const known = sources.patterns.findIndex((each) => JSON.stringify(each) === text)
  sources.patternOf[place] = known === -1 ? sources.patterns.push(pattern) - 1 : known
}

/** Formats that any size asks for, the most compact first. */
export const listFormats = ({ patterns }: Pick<Sources, 'patterns'>): readonly Format[] => {
  const used = new Set(
    patterns.flatMap((pattern) => pattern.filter(([size]) => size !== '').map(([, format]) => format)),
  )
  return FORMATS.filter((format) => used.has(format))
}

/** Which pictures are shown; "" is all. */
export interface Filter {
  readonly search: string
  readonly size: string
  readonly format: string
  readonly state: PictureState | ''
  readonly lacksAlt: boolean
}

/** Shows all pictures. */
export const NO_FILTER: Filter = { search: '', size: '', format: '', state: '', lacksAlt: false }

/** The worst state of the results that the filter is about. */
export const stateOf = (
  pattern: Pattern,
  { size, format }: Pick<Filter, 'size' | 'format'>,
): PictureState => {
  let worst: PictureState = 'none'
  let rank: number = RESULT_STATES.length
  for (const [cellSize, cellFormat, state] of pattern) {
    // What could not be looked at is of no size.
    if (cellSize !== '' && ((size !== '' && cellSize !== size) || (format !== '' && cellFormat !== format)))
      continue
    const own = RESULT_STATES.indexOf(state)
    if (own < rank) [worst, rank] = [state, own]
  }
  return worst
}

/** The pictures that a filter shows, by their places, and how many have each state if its `state` is ignored. */
export const findSources = (sources: Sources, filter: Filter) => {
  const states = sources.patterns.map((pattern) => stateOf(pattern, filter))
  const isNarrow = filter.size !== '' || filter.format !== ''
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean)
  const counts: Record<PictureState, number> = { failing: 0, stale: 0, missing: 0, built: 0, none: 0 }
  const places: number[] = []
  for (const [place, name] of sources.names.entries()) {
    const state = states[sources.patternOf[place] ?? -1] ?? 'none'
    if (isNarrow && state === 'none') continue
    if (filter.lacksAlt && sources.alts.has(place)) continue
    if (!words.every((word) => name.toLowerCase().includes(word))) continue
    counts[state]++
    if (filter.state === '' || filter.state === state) places.push(place)
  }
  return { places, counts }
}
