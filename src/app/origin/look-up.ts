import { asProblem, isPassing } from '../../core/problem.ts'
import type { ByteRange } from '../../store/port.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { Clock } from '../../waiting/clock.ts'
import type { TellAnswer } from './event.ts'
import { cancel, type PictureBody, type StoredPicture } from './picture-body.ts'
import { type Refused, refuse } from './refusal.ts'
import { inStoreTime } from './store-time.ts'
import type { StoredPictures } from './stored-pictures.ts'

/** What the store is asked with. */
export interface LookUpOptions {
  readonly stored: StoredPictures
  /** How long the store may take to say whether it has a key, or to send the first bytes. */
  readonly lookupTimeoutMs: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** A stored result whose bytes can be had within the time limit, or a refusal. */
export interface FoundPicture extends Omit<StoredPicture, 'open'> {
  open(range?: ByteRange): Promise<PictureBody | Refused | undefined>
}

/** Looks up a key within the time that a visitor may wait; undefined where it is not there. */
export const lookUpInTime = async (
  key: VariantKey,
  { wantsBody, signal }: { readonly wantsBody: boolean; readonly signal: AbortSignal },
  options: LookUpOptions,
): Promise<FoundPicture | Refused | undefined> => {
  const { stored, clock, tell } = options
  const startedAt = clock.now()
  const found = await askStore(key, signal, options, async (limited) => {
    const picture = await stored.lookUp(key, { wantsBody, signal: limited })
    return closeIfAborted(picture, picture?.body, limited)
  })
  if (found !== undefined && 'kind' in found) return found
  tell({ kind: 'looked-up', found: found !== undefined, elapsedMs: clock.now() - startedAt })
  return (
    found && {
      ...found,
      open: (range) =>
        askStore(key, signal, options, async (limited) => {
          const body = await found.open(range, limited)
          return closeIfAborted(body, body, limited)
        }),
    }
  )
}

/** The same for what is in memory. Undefined does not mean that it is not stored. */
export const lookUpNow = (key: VariantKey, { stored, tell }: LookUpOptions): FoundPicture | undefined => {
  const found = stored.findNow(key)
  if (found?.body === undefined) return undefined
  tell({ kind: 'looked-up', found: true, elapsedMs: 0 })
  return found as FoundPicture
}

const askStore = async <T>(
  key: VariantKey,
  signal: AbortSignal,
  { lookupTimeoutMs: ms, clock, tell }: LookUpOptions,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | Refused> => {
  try {
    return await inStoreTime('The store did not answer', { clock, ms, signal, subject: key }, (limited) =>
      askAgain(() => ask(limited), clock, limited),
    )
  } catch (error) {
    if (signal.aborted) throw error
    const problem = asProblem(error)
    tell({ kind: 'lookup-failed', key, problem })
    // The result may well be there: rendering it would answer a slow store with a busy CPU.
    return refuse('store-unavailable')
  }
}

/** Closes what was opened for a visitor who has gone: nobody else would. */
const closeIfAborted = async <T>(
  opened: T,
  body: PictureBody | undefined,
  signal: AbortSignal,
): Promise<T> => {
  if (signal.aborted) await cancel(body)
  return opened
}

/** In addition to the store client's own attempts, which suit any request; here a visitor waits. */
const ATTEMPTS = 3
const AGAIN_AFTER_MS = 150

const askAgain = async <T>(ask: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (!isPassing(error) || attempt === ATTEMPTS || signal.aborted) throw error
      await clock.wait(AGAIN_AFTER_MS * attempt * (0.5 + clock.random()), signal)
    }
  }
}
