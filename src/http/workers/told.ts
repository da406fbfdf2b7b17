import type { AnswerEvent } from '../../app/origin/event.ts'
import { Problem } from '../../core/problem.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { LogOptions, RequestFacts } from '../log.ts'

/** What a worker tells of its work. */
export type Told =
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
export interface TellingRules {
  /** Whether all events are counted; otherwise only those that a log of this level has are wanted. */
  readonly isCounted: boolean
  readonly level: LogOptions['level']
}

/** A short wait, because each message costs as much as a hit. */
const TELL_AFTER_MS = 20
const MOST_AT_ONCE = 500

/** Tells the owner what it wants to know, in the order in which it happened. */
export interface Teller {
  tell(told: Told): void
  flush(): void
}

/** Collects what is told, and sends it many at a time. */
export const createTeller = (send: (told: readonly Told[]) => void, wants: TellingRules): Teller => {
  let waiting: Told[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length > 0) send(waiting)
    waiting = []
  }
  return {
    tell: (told) => {
      if (!isWanted(told, wants)) return
      waiting.push(told.kind === 'event' ? { ...told, event: toPlain(told.event) } : told)
      if (waiting.length >= MOST_AT_ONCE) flush()
      else timer ??= setTimeout(flush, TELL_AFTER_MS)
    },
    flush,
  }
}

/** What no log of this level has, and nobody counts, is not sent. */
const isWanted = (told: Told, { isCounted, level }: TellingRules): boolean => {
  if (isCounted) return true
  if (told.kind === 'event') return told.event.kind !== 'looked-up' || level === 'debug'
  if (told.kind !== 'request') return true
  const { outcome, status } = told.facts
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
  const details = { ...(hint !== undefined && { hint }), ...(subject !== undefined && { subject }) }
  return { ...event, problem: new Problem(code, message, details) } as AnswerEvent
}
