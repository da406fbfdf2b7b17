import type { AppEvent } from '../app/event.ts'
import type { WatchEvent } from '../app/watch/event.ts'
import { unreachable } from '../core/unreachable.ts'
import { describeError, type Log } from './log.ts'

/** Logs a line for each source that is done, and for each error; more at level `debug`. */
export const logWatchEvent = (log: Log, event: WatchEvent): void => {
  switch (event.kind) {
    case 'messages-received':
    case 'messages-deleted':
      log.debug(event.kind, { messages: event.messages })
      break
    case 'message-ignored':
      log[event.needsAction ? 'warn' : 'debug'](event.kind, { reason: event.reason })
      break
    case 'bucket-unknown':
      log.warn(event.kind, { bucket: event.bucket, reason: 'No source lies in it: its events are deleted.' })
      break
    case 'source-settled': {
      const { kind, problem, ...facts } = event
      if (problem === undefined) log.info(kind, facts)
      else log.warn(kind, { ...facts, ...describeError(problem) })
      break
    }
    case 'message-returned':
    case 'message-poisoned': {
      const { kind, problem, sources, ...facts } = event
      const told = { ...facts, sources: sources.slice(0, MOST_NAMED), ...describeError(problem) }
      if (kind === 'message-returned') log.warn(kind, told)
      else log.error(kind, problem, told)
      break
    }
    case 'store-lost':
      log.error(event.kind, event.problem, { againInMs: event.againInMs })
      break
    case 'queue-failed':
    case 'record-failed':
      log.error(event.kind, event.problem)
      break
    case 'bug':
      log.error(event.kind, event.error)
      break
    default:
      unreachable(event)
  }
}

const MOST_NAMED = 20

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
      log.warn(event.kind, { source: event.source, undrawn: event.undrawn.join('; ') })
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
