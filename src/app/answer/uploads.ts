import { setMaxListeners } from 'node:events'
import pLimit from 'p-limit'
import { asProblem, Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { emptyEntry } from '../../plan/ledger-entry.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { ResultOrigin, Results } from '../results.ts'
import { orAborted } from './abort.ts'
import type { Batches } from './batches.ts'
import { type Clock, withDeadline } from './clock.ts'
import type { TellAnswer } from './event.ts'
import type { StoredPictures } from './stored-pictures.ts'

/** A result on its way into the store; visitors get it from here meanwhile. */
export interface Upload {
  readonly key: VariantKey
  readonly source: SourceKey
  readonly bytes: Uint8Array
  readonly etag: string
  readonly renderedAt: number
  readonly origin: ResultOrigin
}

export interface UploadsOptions {
  readonly results: Pick<Results, 'put'>
  readonly batches: Batches
  readonly stored: Pick<StoredPictures, 'learn'>
  /** Of results that wait to be stored; one that does not fit is not stored. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** Writes results into the store after they were answered. */
export interface Uploads {
  /** Stores a result unless one stands there. Failures are told, and tried again while there is hope. */
  add(upload: Upload): void
  /** A result that is being stored, or was a moment ago. */
  find(key: VariantKey): Upload | undefined
  readonly waiting: number
  /** Ends when everything is stored, or given up; rejects with the signal's reason where that aborts first. */
  close(signal: AbortSignal): Promise<void>
}

const PUTS_AT_ONCE = 8
const PUT_TIMEOUT_MS = 60_000
/** With the waits between them, about a minute and a half. */
const MAX_ATTEMPTS = 8
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 30_000
/** A visitor who looked before it was stored may come for it after. */
const LINGER_MS = 2_000

/** Trying again is no use where nobody changes anything. */
const HOPELESS: ReadonlySet<string> = new Set(['store-denied', 'store-credentials', 'store-key-refused'])

export const createUploads = (options: UploadsOptions): Uploads => {
  const { results, batches, stored, maxBytes, clock, tell } = options
  const uploads = new Map<VariantKey, Upload>()
  const unstored = new Set<Upload>()
  const running = new Set<Promise<void>>()
  const limit = pLimit(PUTS_AT_ONCE)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // one for each upload that waits: bounded by maxBytes, and no leak
  let heldBytes = 0

  const store = async ({ key, source, bytes, etag, origin }: Upload): Promise<void> => {
    const startedAt = clock.now()
    const record = await withDeadline(
      clock,
      { ms: PUT_TIMEOUT_MS, signal: closing.signal, onTimeout: () => tooSlow(key) },
      (signal) => results.put(key, bytes, { origin, createOnly: true, signal }),
    )
    if (record !== undefined) {
      if (record.mark !== undefined) stored.learn({ key, mark: record.mark, sizeBytes: bytes.length }, etag)
      await batches.add({ ...emptyEntry(source), results: [record] })
    }
    tell({ kind: 'stored', key, sizeBytes: bytes.length, elapsedMs: clock.now() - startedAt })
  }
  const storeInTheEnd = async (upload: Upload): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await limit(() => store(upload))
      } catch (error) {
        const problem = asProblem(error)
        if (attempt === MAX_ATTEMPTS || HOPELESS.has(problem.code)) {
          tell({ kind: 'store-failed', key: upload.key, problem })
          return
        }
        tell({ kind: 'store-retried', key: upload.key, problem })
        await clock.wait(backoffMs(attempt, clock.random()), closing.signal)
      }
    }
  }
  const forget = ({ key, bytes }: Upload): void => {
    heldBytes -= bytes.length
    uploads.delete(key)
  }
  const linger = (upload: Upload): void => {
    clock.wait(LINGER_MS, closing.signal).then(
      () => forget(upload),
      () => forget(upload),
    )
  }

  return {
    get waiting() {
      return running.size
    },
    find: (key) => uploads.get(key),
    add: (upload) => {
      const { key, bytes } = upload
      if (uploads.has(key)) return
      if (heldBytes + bytes.length > maxBytes)
        return tell({ kind: 'store-failed', key, problem: tooMuch(maxBytes) })
      heldBytes += bytes.length
      uploads.set(key, upload)
      unstored.add(upload)
      const task = storeInTheEnd(upload)
        .catch((error: unknown) => {
          if (!closing.signal.aborted) tell({ kind: 'bug', error })
        })
        .finally(() => {
          running.delete(task)
          unstored.delete(upload)
          linger(upload)
        })
      running.add(task)
    },
    close: async (signal) => {
      try {
        while (running.size > 0) await orAborted(Promise.all(running), signal)
      } catch (error) {
        for (const { key } of unstored) tell({ kind: 'store-failed', key, problem: cutShort() })
        throw error
      } finally {
        closing.abort()
      }
    },
  }
}

/** Doubled each time, and between half and the whole of that, so that many do not come back at once. */
const backoffMs = (attempt: number, random: number): number =>
  Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS) * (0.5 + random / 2)

const tooMuch = (maxBytes: number): Problem =>
  new Problem('uploads-full', `More than ${maxBytes} bytes wait to be stored.`, {
    hint: 'The store is slower than the renders; what is left out is rendered again when asked for.',
  })

const tooSlow = (key: VariantKey): Problem =>
  new Problem('store-timeout', `"${key}" was not stored within ${PUT_TIMEOUT_MS / 1000} s.`, { subject: key })

const cutShort = (): Problem =>
  new Problem('store-timeout', 'It was not stored before the time to shut down was over.')
