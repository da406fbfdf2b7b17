import type { AnswerEvent } from '../../app/origin/event.ts'
import { Problem } from '../../core/problem.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { LogOptions, RequestFacts } from '../log.ts'

/** What a worker tells of its work. */
export type Notification =
  | { readonly kind: 'request'; readonly facts: RequestFacts }
  | { readonly kind: 'event'; readonly event: AnswerEvent | PlainEvent }
  | { readonly kind: 'warning'; readonly message: string; readonly more: Readonly<Record<string, unknown>> }
  | { readonly kind: 'error'; readonly message: string; readonly error: unknown }
  /** A stored result was used, for eviction. */
  | { readonly kind: 'used'; readonly key: VariantKey }
  /** A result must be stored under a second name. */
  | { readonly kind: 'alias'; readonly name: string; readonly key: VariantKey; readonly etag?: string }

/** An event as it can be sent: without the class of its problem. */
interface PlainEvent {
  readonly kind: Extract<AnswerEvent, { readonly problem: Problem }>['kind']
  readonly problem: Pick<Problem, 'code' | 'message' | 'hint' | 'subject'>
}

/** Which events the owner wants. */
export interface NotificationRules {
  /** Whether all events are counted; otherwise only those that a log of this level has are wanted. */
  readonly isCounted: boolean
  readonly level: LogOptions['level']
}

/** A short wait, because each message costs as much as a hit. */
const TELL_AFTER_MS = 20
const MOST_AT_ONCE = 500

/** Tells the owner what it wants to know, in the order in which it happened. */
export type Notifier = ReturnType<typeof createNotifier>

/** Collects what is told, and sends it many at a time. */
export const createNotifier = (
  send: (notifications: readonly Notification[]) => void,
  wants: NotificationRules,
) => {
  let waiting: Notification[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length > 0) send(waiting)
    waiting = []
  }
  return {
    tell: (notification: Notification): void => {
      if (!isWanted(notification, wants)) return
      waiting.push(
        notification.kind === 'event'
          ? { ...notification, event: toPlain(notification.event) }
          : notification,
      )
      if (waiting.length >= MOST_AT_ONCE) flush()
      else timer ??= setTimeout(flush, TELL_AFTER_MS)
    },
    flush,
  }
}

/** What no log of this level has, and nobody counts, is not sent. */
const isWanted = (notification: Notification, { isCounted, level }: NotificationRules): boolean => {
  if (isCounted) return true
  if (notification.kind === 'event') return notification.event.kind !== 'looked-up' || level === 'debug'
  if (notification.kind !== 'request') return true
  const { outcome, status } = notification.facts
  if (level === 'error') return outcome === 'bug'
  return level !== 'warn' || status >= 500
}

const toPlain = (event: AnswerEvent | PlainEvent): AnswerEvent | PlainEvent => {
  if (!('problem' in event)) return event
  const { code, message, hint, subject } = event.problem
  return { ...event, problem: { code, message, hint, subject } } as PlainEvent
}

/** The inverse of `toPlain`, for the owner. */
export const reviveEvent = (event: AnswerEvent | PlainEvent): AnswerEvent => {
  if (!('problem' in event)) return event
  const { code, message, hint, subject } = event.problem
  const details = { hint, subject }
  return { ...event, problem: new Problem(code, message, details) } as AnswerEvent
}
