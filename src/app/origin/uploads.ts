import { setMaxListeners } from 'node:events'
import pLimit from 'p-limit'
import { toMark } from '../../core/mark.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import { emptyEntry, type ResultRecord } from '../../plan/ledger-entry.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { Clock } from '../../waiting/clock.ts'
import { orAborted } from '../../waiting/signals.ts'
import type { ResultOrigin, Results } from '../results.ts'
import type { Batches } from './batches.ts'
import type { TellAnswer } from './event.ts'
import { persist } from './persist.ts'
import { inStoreTime } from './store-time.ts'
import type { StoredPictures } from './stored-pictures.ts'

/** A result that is being stored. Meanwhile visitors get it from memory. */
export interface Upload {
  readonly key: VariantKey
  readonly source: SourceKey
  readonly bytes: Uint8Array
  readonly md5: string
  /** Milliseconds since 1970. */
  readonly renderedAt: number
  readonly origin: ResultOrigin
}

interface UploadsOptions {
  readonly results: Pick<Results, 'put'>
  readonly batches: Batches
  readonly stored: Pick<StoredPictures, 'learn'>
  /** For results that wait to be stored, or were a moment ago. One for which those that wait leave no room is not stored. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** Writes results into the store after they were answered. */
export type Uploads = ReturnType<typeof createUploads>

const PUTS_AT_ONCE = 8
const PUT_TIMEOUT_MS = 60_000
/** A visitor who asked the store before the upload may come here after it. */
const LINGER_MS = 2_000

/** Stores some at once; the rest wait in memory. */
export const createUploads = ({ results, batches, stored, maxBytes, clock, tell }: UploadsOptions) => {
  const uploads = new Map<VariantKey, Upload>()
  const outcomes = new Map<VariantKey, Promise<ResultRecord | undefined>>()
  const unstored = new Set<Upload>()
  /** Stored ones that visitors still get from memory, the oldest first. */
  const lingering = new Set<Upload>()
  const running = new Set<Promise<void>>()
  const limit = pLimit(PUTS_AT_ONCE)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // one for each upload that waits: bounded by maxBytes, and no leak
  let heldBytes = 0

  const store = async ({ key, source, bytes, md5, origin }: Upload): Promise<ResultRecord | 'exists'> => {
    const startedAt = clock.now()
    const time = { clock, ms: PUT_TIMEOUT_MS, signal: closing.signal, subject: key }
    const record = await inStoreTime(`"${key}" was not stored`, time, (signal) =>
      results.put(key, bytes, { origin, md5, createOnly: true, signal }),
    )
    if (record !== undefined) {
      stored.learn({ key, mark: toMark(record.mark), sizeBytes: bytes.length }, md5)
      await batches.add({ ...emptyEntry(source), results: [record] })
    }
    tell({ kind: 'stored', key, sizeBytes: bytes.length, elapsedMs: clock.now() - startedAt })
    return record ?? 'exists'
  }
  const storeInTheEnd = async (upload: Upload): Promise<ResultRecord | undefined> => {
    const outcome = await persist({ key: upload.key, clock, tell, signal: closing.signal }, () =>
      limit(() => store(upload)),
    )
    return outcome === 'exists' ? undefined : outcome
  }
  const forget = (upload: Upload): void => {
    if (!lingering.delete(upload)) return
    const { key, bytes } = upload
    heldBytes -= bytes.length
    uploads.delete(key)
    outcomes.delete(key)
  }
  const linger = (upload: Upload): void => {
    lingering.add(upload)
    clock.wait(LINGER_MS, closing.signal).then(
      () => forget(upload),
      () => forget(upload),
    )
  }
  const isFree = (sizeBytes: number): boolean => {
    for (const upload of lingering) {
      if (heldBytes + sizeBytes <= maxBytes) break
      forget(upload)
    }
    return heldBytes + sizeBytes <= maxBytes
  }

  return {
    get waiting(): number {
      return running.size
    },
    /** A result that is being stored or was stored a moment ago. */
    find: (key: VariantKey): Upload | undefined => uploads.get(key),
    /** Its record once it is stored; undefined where storing failed, or somebody else stored one first. */
    outcome: async (key: VariantKey): Promise<ResultRecord | undefined> => outcomes.get(key),
    /** Stores a result unless its key exists. Failures are told, and tried again where that may help. */
    add: (upload: Upload): void => {
      const { key, bytes } = upload
      if (uploads.has(key)) return
      if (!isFree(bytes.length)) {
        tell({ kind: 'store-failed', key, problem: tooMuch(maxBytes) })
        return
      }
      heldBytes += bytes.length
      uploads.set(key, upload)
      unstored.add(upload)
      const outcome = storeInTheEnd(upload).catch((error: unknown) => {
        if (!closing.signal.aborted) tell({ kind: 'bug', error })
        return undefined
      })
      outcomes.set(key, outcome)
      const task = outcome
        .then(() => {})
        .finally(() => {
          running.delete(task)
          unstored.delete(upload)
          linger(upload)
        })
      running.add(task)
    },
    /** Ends when everything is stored or given up; rejects with the signal's reason where that aborts first. */
    close: async (signal: AbortSignal): Promise<void> => {
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

const tooMuch = (maxBytes: number): Problem =>
  new Problem('uploads-full', `More than ${maxBytes} bytes wait to be stored.`, {
    hint: 'The store is slower than the renders. This result is not stored; it is rendered again when it is asked for.',
  })

const cutShort = (): Problem =>
  new Problem('store-timeout', 'It was not stored before the time limit of the shutdown.')
