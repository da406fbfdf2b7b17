import type { PictureSize } from '../../core/geometry.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { sourceSizeOf } from '../../plan/cost.ts'
import type { Expectation } from '../../plan/expected.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { untilAborted } from '../../waiting/signals.ts'
import type { PlannedSource } from '../batch/plan.ts'
import type { InventoryLine, Pattern } from './protocol.ts'
import { chooseThumb, listStanding, toPattern } from './result-state.ts'
import { createTally, type Tally } from './tally.ts'

/** What is kept of a source while the page is open. */
export interface InventoryRow {
  /** From the ledger, else guessed from its bytes. */
  readonly size: PictureSize
  /** A result to use as thumbnail; undefined where none exists. */
  readonly thumb?: VariantKey | undefined
}

/** All sources of a project with the state of their results, read once by a plan. */
export interface Inventory {
  /** Those of which something is made: without those that an override excludes. */
  readonly rows: ReadonlyMap<SourceKey, InventoryRow>
  readonly tally: Pick<Tally, 'read' | 'densities'>
  /** Settles when all is read; an error is in the last line. Never rejects. */
  readonly ended: Promise<void>
  /** Every line as JSON, earlier and later ones, to the last. */
  lines(): AsyncIterable<string>
}

interface InventoryInput {
  readonly plans: AsyncIterable<PlannedSource>
  readonly expectation: Expectation
  /** In milliseconds. */
  readonly now: () => number
}

/** The first lines are short, so that something is visible at once. */
const FIRST_LINE = 100
const LONGEST_LINE = 2_000
/** With a slow store, what was read so far is shown after this time. */
const LINE_WITHIN_MS = 500

/** Begins to read at once. */
export const readInventory = ({ plans, expectation, now }: InventoryInput): Inventory => {
  const rows = new Map<SourceKey, InventoryRow>()
  const tally = createTally()
  const feed = createFeed()
  const startedAt = now()
  const patterns = createPatterns()
  const read = async (): Promise<void> => {
    let line = openLine()
    let flushedAt = startedAt
    let most = FIRST_LINE
    let sources = 0
    for await (const plan of plans) {
      const { source, key } = plan.group
      if (source === undefined || !source.isIncluded) continue
      const results = listStanding(plan, expectation)
      const size = sourceSizeOf(plan)
      const thumb = chooseThumb(results)?.standing?.key
      sources++
      if (!plan.override?.exclude) rows.set(key, { size, thumb })
      tally.addSource(source.sizeBytes)
      tally.add(key, results, size)
      const why = plan.problem?.message ?? results.find(({ state }) => state === 'failing')?.why
      const pattern = plan.problem === undefined ? toPattern(results) : UNKNOWN
      addToLine(line, plan, patterns.placeOf(pattern, line), why)
      if (line.names.length < most && now() - flushedAt < LINE_WITHIN_MS) continue
      feed.add(line)
      line = openLine()
      flushedAt = now()
      most = LONGEST_LINE
    }
    if (line.names.length > 0) feed.add(line)
    feed.add({ kind: 'end', sources, seconds: (now() - startedAt) / 1000 })
  }
  const ended = read()
    .catch((error: unknown) => {
      feed.add({ kind: 'problem', message: toMessage(error) })
    })
    .finally(feed.end)
  return { rows, tally, ended, lines: feed.lines }
}

const toMessage = (error: unknown): string => {
  if (!(error instanceof Problem)) return String(error)
  return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`
}

/** For a source that could not be looked at. */
const UNKNOWN: Pattern = [['', 'svg', 'failing']]

const openLine = () => ({
  kind: 'sources' as const,
  names: [] as string[],
  bytes: [] as number[],
  patterns: [] as number[],
  newPatterns: [] as Pattern[],
  whys: [] as [number, string][],
  alts: [] as [number, string][],
})

type Line = ReturnType<typeof openLine>

const addToLine = (
  line: Line,
  { group: { key, source }, override }: PlannedSource,
  pattern: number,
  why: string | undefined,
): void => {
  const place = line.names.length
  line.names.push(key)
  line.bytes.push(source?.sizeBytes ?? 0)
  line.patterns.push(pattern)
  if (why !== undefined) line.whys.push([place, why])
  if (override?.alt !== undefined) line.alts.push([place, override.alt])
}

const createPatterns = () => {
  const places = new Map<string, number>()
  return {
    placeOf: (pattern: Pattern, line: Line): number => {
      const id = JSON.stringify(pattern)
      const known = places.get(id)
      if (known !== undefined) return known
      const place = places.size
      places.set(id, place)
      line.newPatterns.push(pattern)
      return place
    },
  }
}

/** Lines that any number of readers follow from the first to the last. */
const createFeed = () => {
  const lines: string[] = []
  let isEnded = false
  let alarm = new AbortController()
  const ring = (): void => {
    alarm.abort()
    alarm = new AbortController()
  }
  return {
    add: (line: InventoryLine): void => {
      lines.push(JSON.stringify(line))
      ring()
    },
    end: (): void => {
      isEnded = true
      ring()
    },
    lines: async function* (): AsyncGenerator<string> {
      for (let at = 0; ; ) {
        const line = lines[at]
        if (line !== undefined) {
          at++
          yield line
        } else if (isEnded) return
        else await untilAborted(alarm.signal)
      }
    },
  }
}
