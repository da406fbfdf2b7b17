import type { WatchEvent } from '../../../src/app/watch/event.ts'
import { createNaming } from '../../../src/app/watch/name-sources.ts'
import type { Watch } from '../../../src/app/watch/session.ts'
import { openSourcesWork } from '../../../src/app/watch/source-work.ts'
import { createWatch } from '../../../src/app/watch/watch.ts'
import { formatSourceList } from '../../../src/events/source-list.ts'
import type { Queue } from '../../../src/queue/port.ts'
import type { Clock } from '../../../src/waiting/clock.ts'
import { type Bench, type BenchOptions, openBench } from '../../support/bench-project.ts'

export interface Worker {
  readonly bench: Bench
  readonly watch: Watch
  readonly events: WatchEvent[]
  /** Ends when it has stopped; true where it was drained in time. */
  readonly running: Promise<boolean>
  readonly stop: (deadline?: AbortSignal) => Promise<boolean>
}

const NEVER = new AbortController().signal

/** A worker over stores and a queue in memory, that runs. */
export const startWorker = async (
  queue: Queue,
  clock: Clock,
  {
    recordWithinMs = 60_000,
    atOnce = 8,
    ...options
  }: BenchOptions & { recordWithinMs?: number; atOnce?: number } = {},
): Promise<Worker> => {
  const bench = openBench({ now: clock.date, ...options })
  const events: WatchEvent[] = []
  const stopping = new AbortController()
  let deadline = NEVER
  const watch = createWatch({
    queue,
    facts: await queue.facts(),
    nameSources: createNaming([{ prefix: '', bucket: { name: 'site', prefix: '' } }], bench.originals),
    openWork: (stop) =>
      openSourcesWork({
        ...bench.planInput(),
        ledger: bench.ledger,
        renderer: bench.renderer,
        keyring: bench.keyring,
        threads: 2,
        now: clock.date,
        ticks: clock.now,
        stop,
      }),
    atOnce,
    recordWithinMs,
    clock,
    tell: (event) => void events.push(event),
  })
  const running = watch.run(stopping.signal, () => deadline)
  running.catch(() => {})
  return {
    bench,
    watch,
    events,
    running,
    stop: (within = NEVER) => {
      deadline = within
      stopping.abort(new Error('stopped'))
      return running
    },
  }
}

/** The text of a message that names sources. */
export const naming = (...sources: readonly string[]): string => formatSourceList(sources)
