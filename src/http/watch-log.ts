import type { AppEvent } from '../app/event.ts'
import type { WatchEvent } from '../app/watch/event.ts'
import { unreachable } from '../core/unreachable.ts'
import type { Log, LogOptions } from './log.ts'

/** Logs a line for each source that is done, and for each error; more at level `debug`. */
export const logWatchEvent = (log: Log, event: WatchEvent): void => log.tell(levelOf(event), toTold(event))

const levelOf = (event: WatchEvent): LogOptions['level'] => {
  switch (event.kind) {
    case 'messages-received':
    case 'messages-deleted':
      return 'debug'
    case 'message-ignored':
      return event.needsAction ? 'warn' : 'debug'
    case 'source-settled':
      return event.problem === undefined ? 'info' : 'warn'
    case 'bucket-unknown':
    case 'message-returned':
      return 'warn'
    case 'message-poisoned':
    case 'store-lost':
    case 'queue-failed':
    case 'record-failed':
    case 'bug':
      return 'error'
    default:
      return unreachable(event)
  }
}

const MOST_NAMED = 20
const toTold = (event: WatchEvent) => {
  if (event.kind === 'message-ignored') return { kind: event.kind, reason: event.reason }
  if ('sources' in event) return { ...event, sources: event.sources.slice(0, MOST_NAMED) }
  if (event.kind !== 'bucket-unknown') return event
  return { ...event, reason: 'No source lies in it: its events are deleted.' }
}

/** Logs events of the work on a source that are told nowhere else. */
export const logWork = (log: Log, event: AppEvent): void => {
  switch (event.kind) {
    case 'warning':
    case 'ledger-unread':
      log.error('warning', event.problem)
      break
    case 'source-damaged':
      log.warn(event.kind, { source: event.source, reason: event.message })
      break
    case 'drawing-simplified':
      log.tell('warn', event)
      break
    case 'result-stored':
      log.debug(event.kind, { key: event.key, sizeBytes: event.sizeBytes })
      break
    case 'result-dropped':
      log.debug(event.kind, { key: event.key })
      break
    case 'source-rendered':
      log.debug(event.kind, { source: event.source, outputs: event.outputs, elapsedMs: event.elapsedMs })
      break
    default:
  }
}
