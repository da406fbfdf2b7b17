import type { AppEvent } from '../app/event.ts'
import type { WatchEvent } from '../app/watch/event.ts'
import type { WatchLoad } from '../app/watch/session.ts'
import { type ByKind, dispatchByKind } from '../core/by-kind.ts'
import { createMeters } from './metrics.ts'

/** The numbers of a worker, for Prometheus. */
export type WatchMetrics = ReturnType<typeof createWatchMetrics>

/** From a second with an idle worker to hours behind a big build. */
const DELAYS = [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400]

/** The metrics of a worker; `readLoad` is called whenever they are read. */
export const createWatchMetrics = (readLoad: () => WatchLoad, now: () => number) => {
  const { registry, counter, histogram, gauge } = createMeters()
  const received = counter('events_received_total', 'Messages received, those that came again included')
  const ended = counter('events_total', 'Messages by what became of them', ['outcome'])
  const sources = counter('sources_settled_total', 'Sources by what was found or done', ['end'])
  const failures = counter('source_failures_total', 'Sources that could not be settled, or never can', [
    'code',
  ])
  const delay = histogram(
    'event_to_stored_seconds',
    'From what happened to its results being stored',
    [],
    DELAYS,
  )
  const pushes = counter('pushes_total', 'Events pushed by HTTP, by answer', ['status'])
  const results = counter('results_stored_total', 'Results made', ['format'])
  const storedBytes = counter('stored_bytes_total', 'Bytes of results stored')
  const renderSeconds = histogram('render_seconds', 'Of all results of a source', [])
  const queueFailures = counter('queue_failures_total', 'Times the queue could not be asked', ['code'])
  const recordFailures = counter('record_failures_total', 'Times the ledger could not be written')
  const bugs = counter('bugs_total', 'Errors that nobody expected')
  gauge('sources_waiting', 'Sources in hand that nobody works on yet', () => readLoad().waiting)
  gauge('sources_working', 'Sources in work', () => readLoad().working)
  gauge('events_in_hand', 'Messages in hand', () => readLoad().messages)
  gauge('oldest_event_seconds', 'Age of the oldest message in hand', () => {
    const { oldestSentAt } = readLoad()
    return oldestSentAt === undefined ? 0 : Math.max(0, now() - oldestSentAt) / 1000
  })
  return {
    contentType: registry.contentType,
    read: () => registry.metrics(),
    countPush: (status: number): void => pushes.inc({ status }),
    countWork: (event: AppEvent): void => {
      if (event.kind === 'result-stored') {
        results.inc({ format: event.format })
        storedBytes.inc(event.sizeBytes)
      } else if (event.kind === 'source-rendered') renderSeconds.observe(event.elapsedMs / 1000)
    },
    countWatch: dispatchByKind<WatchEvent>({
      'messages-received': ({ messages }) => received.inc(messages),
      'message-ignored': () => ended.inc({ outcome: 'ignored' }),
      'messages-deleted': ({ messages }) => ended.inc({ outcome: 'done' }, messages),
      'message-returned': ({ problem: { code } }) => {
        ended.inc({ outcome: 'returned' })
        failures.inc({ code })
      },
      'message-poisoned': ({ problem: { code } }) => {
        ended.inc({ outcome: 'poisoned' })
        failures.inc({ code })
      },
      'source-settled': ({ end, problem, elapsedMs }) => {
        sources.inc({ end })
        if (problem !== undefined) failures.inc({ code: problem.code })
        if (end === 'made') delay.observe(elapsedMs / 1000)
      },
      'queue-failed': ({ problem: { code } }) => queueFailures.inc({ code }),
      'record-failed': () => recordFailures.inc(),
      bug: () => bugs.inc(),
      'bucket-unknown': () => {},
      'store-lost': () => {},
    } satisfies ByKind<WatchEvent>),
  }
}
