import { addAbortSignal, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand } from '@aws-sdk/client-s3'
import { serviceStatusOf } from '../aws/service-error.ts'
import { isSameObject } from '../core/mark.ts'
import { Problem } from '../core/problem.ts'
import type { ByteRange, ObjectFacts, ObjectHeaders, ReadableStore, ReadOptions } from './port.ts'
import { createReadAhead } from './read-ahead.ts'
import { BodyCutOff, checkByteCount, readBody } from './read-body.ts'
import { isNoKey, isSurelyNoKey, toS3Problem } from './s3-errors.ts'
import { markOf, type OpenBucket, probeBucket } from './s3-list.ts'

/** How often a body may break off and be continued: the SDK tries again only until the headers came. */
const MOST_BREAKS = 5
/** How often a body that cannot be continued is read again from its beginning, where all of it is needed. */
const MOST_BEGINNINGS = 8

/** A few hundred pictures for a large screen. */
const MOST_AHEAD_BYTES = 64 * 1024 * 1024

/** The longest wait before the first new request; doubled each time. */
const BREAK_MS = 25

const UNEXPLAINED = new Set([400, 401, 403])

/** The name under which `put` leaves the MD5 in an object's metadata. */
export const MD5_FACT = 'imgsizes-md5'

type Reader = Pick<ReadableStore, 'head' | 'get' | 'open'>

/** Asks for objects. A key that does not exist is no error; a bucket that does not is one. */
const createRequests = (place: OpenBucket) => {
  const { client, bucket, prefix } = place
  let isBucketSeen = false

  /** The answer of `request`; undefined where the key does not exist, but the bucket does. */
  const ask = async <T>(
    key: string,
    signal: AbortSignal | undefined,
    request: (options: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T | undefined> => {
    signal?.throwIfAborted()
    try {
      const answer = await request(signal ? { abortSignal: signal } : {})
      isBucketSeen = true
      return answer
    } catch (error) {
      signal?.throwIfAborted()
      if (isNoKey(error)) {
        // The answer to a HEAD has no body that would say what does not exist.
        if (!isBucketSeen && !isSurelyNoKey(error)) await probeBucket(place, signal)
        isBucketSeen = true
        return undefined
      }
      // Without the right to list, a missing key gives 403. The answer to a HEAD is 400 or 403 without a reason,
      // also for wrong credentials: the listing gives the reason.
      if (UNEXPLAINED.has(serviceStatusOf(error) ?? 0)) await probeBucket(place, signal)
      throw toS3Problem(error, { place: place.place, permission: 's3:GetObject', key })
    }
  }

  const head: Reader['head'] = async (key, { signal } = {}) => {
    if (isNoObject(key)) return undefined
    const command = new HeadObjectCommand({ Bucket: bucket, Key: prefix + key })
    const answer = await ask(key, signal, (options) => client.send(command, options))
    return answer && { ...toFacts(key, answer), sizeBytes: answer.ContentLength ?? 0 }
  }

  const request = async (
    key: string,
    { maxBytes, range, signal }: ReadOptions & { readonly range?: ByteRange },
  ): Promise<Answer | undefined> => {
    if (isNoObject(key)) return undefined
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: prefix + key,
      ...(range && { Range: `bytes=${range.start}-${range.end}` }),
    })
    const output = await ask(key, signal, (options) => client.send(command, options))
    const answer = output && toAnswer(key, output, maxBytes, signal)
    if (answer === undefined || range === undefined || answer.start === range.start) return answer
    answer.body.destroy()
    throw noRanges(place, key)
  }

  return { head, request }
}

/** Reads objects of a bucket; what breaks off is continued or read again. */
export const openS3Reader = (place: OpenBucket): Reader => {
  const { head, request } = createRequests(place)
  const readAhead = createReadAhead(MOST_AHEAD_BYTES)

  /** The body of an answer; where it breaks off, it is continued with the same object, or fails. */
  const readOn = async function* (
    key: string,
    reading: { answer: Answer },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const { facts, start, lengthBytes } = reading.answer
    let position = start
    for (let breaks = 1; ; breaks++) {
      let cause: unknown
      try {
        for await (const chunk of reading.answer.body) {
          position += chunk.length
          yield chunk
        }
        if (lengthBytes === undefined || position === start + lengthBytes) return
        cause = new BodyCutOff(`"${key}": it ended at byte ${position}`)
      } catch (error) {
        signal?.throwIfAborted()
        cause = error
      }
      if (breaks > MOST_BREAKS || lengthBytes === undefined) throw brokenOff(place, key, cause)
      await sleep(BREAK_MS * 2 ** breaks * Math.random(), undefined, { signal })
      const range = { start: position, end: start + lengthBytes - 1 }
      const next = await request(key, { range, signal })
      if (next === undefined || !isSameObject(next.facts, facts)) {
        next?.body.destroy()
        throw new CannotReadOn(place, key, cause)
      }
      reading.answer = next
    }
  }

  const get: Reader['get'] = async (key, options = {}) => {
    for (let beginning = 1; ; beginning++) {
      const answer = await request(key, options)
      if (answer === undefined) return undefined
      const body = readOn(key, { answer }, options.signal)
      try {
        const bytes = await readBody(body, { key, expectedBytes: answer.lengthBytes, ...options })
        return { ...answer.facts, sizeBytes: bytes.length, bytes }
      } catch (error) {
        if (!(error instanceof CannotReadOn) || beginning === MOST_BEGINNINGS) throw error
      }
    }
  }

  const open: Reader['open'] = async (key, options = {}) => {
    const answer = await request(key, options)
    if (answer === undefined) return undefined
    const reading = { answer }
    const body = Readable.from(readOn(key, reading, options.signal), { objectMode: false })
    // A body that nobody reads does not end by itself.
    body.once('close', () => reading.answer.body.destroy())
    return { ...answer.facts, body: readAhead(body, answer.lengthBytes ?? answer.facts.sizeBytes) }
  }

  return { head, get, open }
}

/**
 * The SDK throws an error of its own for an empty key, as a bug of the caller. A folder that a server on a file system
 * shows as an object is none. We never write such keys.
 */
const isNoObject = (key: string): boolean =>
  key === '' ||
  key.endsWith('/') ||
  !key.isWellFormed() ||
  key.split('/').some((segment) => segment === '.' || segment === '..')

interface Answer {
  readonly facts: ObjectFacts
  readonly body: Readable
  /** The position of its first byte in the object. */
  readonly start: number
  /** The length of the requested part, or of all. */
  readonly lengthBytes: number | undefined
}

const toAnswer = (
  key: string,
  output: GetObjectCommandOutput,
  maxBytes: number | undefined,
  signal: AbortSignal | undefined,
): Answer => {
  const { Body: body, ContentLength: lengthBytes, ContentRange: range } = output
  if (!(body instanceof Readable)) throw new Error('the SDK gave no Node stream')
  const [, start = '0', whole = lengthBytes ?? 0] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range ?? '') ?? []
  const sizeBytes = Number(whole)
  try {
    checkByteCount(key, sizeBytes, maxBytes)
  } catch (error) {
    body.destroy()
    throw error
  }
  if (signal !== undefined) addAbortSignal(signal, body)
  return { facts: { ...toFacts(key, output), sizeBytes }, body, start: Number(start), lengthBytes }
}

type Described = Pick<
  GetObjectCommandOutput,
  'ETag' | 'LastModified' | 'ContentType' | 'CacheControl' | 'Metadata'
>

const toFacts = (key: string, object: Described) => ({
  key,
  modifiedAt: object.LastModified?.getTime() ?? 0,
  mark: markOf(object.ETag),
  headers: toHeaders(object),
  ...(object.Metadata?.[MD5_FACT] !== undefined && { md5: object.Metadata[MD5_FACT] }),
})

const toHeaders = ({ ContentType, CacheControl, Metadata }: Described): Partial<ObjectHeaders> => ({
  ...(ContentType !== undefined && { contentType: ContentType }),
  ...(CacheControl !== undefined && { cacheControl: CacheControl }),
  ...(Metadata !== undefined && { metadata: withoutMd5(Metadata) }),
})

const withoutMd5 = ({ [MD5_FACT]: _, ...metadata }: Record<string, string>): Record<string, string> =>
  metadata

const BREAK_HINT = 'Check the network to the store, or lower --concurrency.'

const brokenOff = ({ place }: OpenBucket, key: string, cause: unknown): Problem =>
  new Problem('store-unavailable', `"${key}" in ${place} broke off again and again while it was read`, {
    subject: key,
    hint: BREAK_HINT,
    cause,
  })

/** The object was replaced meanwhile, or shows no mark that would tell. */
class CannotReadOn extends Problem {
  constructor({ place }: OpenBucket, key: string, cause: unknown) {
    super('store-unavailable', `"${key}" in ${place} broke off, and may be another object by now`, {
      subject: key,
      hint: BREAK_HINT,
      cause,
    })
  }
}

const noRanges = ({ place }: OpenBucket, key: string): Problem =>
  new Problem(
    'store-unavailable',
    `"${key}" in ${place} was sent from its beginning though a part was asked for`,
    {
      subject: key,
      hint: 'Something between this machine and the store removes the header Range; imgsizes needs the store itself.',
    },
  )
