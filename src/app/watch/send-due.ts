import type { SourceKey } from '../../core/source-key.ts'
import { formatSourceList } from '../../events/source-list.ts'
import { predictCost } from '../../plan/cost.ts'
import type { PlannedSource } from '../batch/plan.ts'

/** Sources with work, for one worker. */
interface DueMessage {
  readonly body: string
  readonly sources: number
}

/** So many are in memory (about 30 MB), to send the most expensive first. A larger plan is sorted in such pieces. */
const WINDOW = 200_000
/** Milliseconds of one core in one message: this is what is done twice if a worker is lost. */
const MOST_COST_MS = 10_000
const MOST_SOURCES = 50
const MOST_BYTES = 200_000

interface Due {
  readonly source: SourceKey
  readonly cost: number
}

/** Puts the sources of a plan that have work into messages of limited cost, the most expensive first. */
export async function* packDue(plans: AsyncIterable<PlannedSource>): AsyncGenerator<DueMessage> {
  let window: Due[] = []
  for await (const plan of plans) {
    const cost = predictCost(plan)
    if (cost > 0) window.push({ source: plan.group.key, cost })
    if (window.length < WINDOW) continue
    yield* pack(window)
    window = []
  }
  yield* pack(window)
}

function* pack(window: readonly Due[]): Generator<DueMessage> {
  let sources: SourceKey[] = []
  let cost = 0
  let bytes = 0
  for (const due of window.toSorted((a, b) => b.cost - a.cost)) {
    const size = due.source.length * 3
    const isFull =
      cost + due.cost > MOST_COST_MS || sources.length >= MOST_SOURCES || bytes + size > MOST_BYTES
    if (sources.length > 0 && isFull) {
      yield toMessage(sources)
      sources = []
      cost = 0
      bytes = 0
    }
    sources.push(due.source)
    cost += due.cost
    bytes += size
  }
  if (sources.length > 0) yield toMessage(sources)
}

const toMessage = (sources: readonly SourceKey[]): DueMessage => ({
  body: formatSourceList(sources),
  sources: sources.length,
})
