import { addAbortSignal, Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand } from '@aws-sdk/client-s3'
import { Problem } from '../core/problem.ts'
import type { ByteRange, ObjectFacts, ObjectHeaders, ReadableStore, ReadOptions } from './port.ts'
import { createReadAhead } from './read-ahead.ts'
import { readBody } from './read-body.ts'
import { isNoKey, isSurelyNoKey, statusOf, toS3Problem } from './s3-errors.ts'
import { probeBucket, type S3Place, toMark } from './s3-list.ts'
import { checkSize } from './size-limit.ts'

/** Bodies that break off are asked for again, whole: the SDK retries no further than the headers. */
const BODY_ATTEMPTS = 4

/** Some hundred pictures of a large screen. */
const MOST_AHEAD_BYTES = 64 * 1024 * 1024

const UNEXPLAINED = new Set([400, 401, 403])

type Reader = Pick<ReadableStore, 'head' | 'get' | 'open'>

export const openS3Reader = (place: S3Place): Reader => {
  const { client, bucket, prefix } = place
  const readAhead = createReadAhead(MOST_AHEAD_BYTES)
  let isBucketSeen = false

  /** `request`'s answer; undefined where the key, and not the bucket, is what is missing. */
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
        // The answer to a HEAD has no body that would say what is missing.
        if (!isBucketSeen && !isSurelyNoKey(error)) await probeBucket(place, signal)
        isBucketSeen = true
        return undefined
      }
      // Who may not list is told 403 of a missing key, and the answer to a HEAD says 400 or 403 without a reason,
      // of wrong credentials among others: the listing says why.
      if (UNEXPLAINED.has(statusOf(error) ?? 0)) await probeBucket(place, signal)
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
    return output && toAnswer(key, output, maxBytes, signal)
  }

  const get: Reader['get'] = async (key, options = {}) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await request(key, options)
      if (answer === undefined) return undefined
      const { body, facts, lengthBytes } = answer
      try {
        const bytes = await readBody(body, { key, expectedBytes: lengthBytes, ...options })
        return { ...facts, sizeBytes: bytes.length, bytes }
      } catch (error) {
        options.signal?.throwIfAborted()
        if (error instanceof Problem) throw error
        if (attempt === BODY_ATTEMPTS) throw cutOff(place, key, error)
      }
    }
  }

  const open: Reader['open'] = async (key, options = {}) => {
    const answer = await request(key, options)
    return (
      answer && {
        ...answer.facts,
        body: readAhead(answer.body, answer.lengthBytes ?? answer.facts.sizeBytes),
      }
    )
  }

  return { head, get, open }
}

/** The SDK refuses an empty key itself, as a bug of the caller's; the others are never written by us. */
const isNoObject = (key: string): boolean =>
  key === '' || !key.isWellFormed() || key.split('/').some((segment) => segment === '.' || segment === '..')

interface Answer {
  readonly facts: ObjectFacts
  readonly body: Readable
  /** Of what was asked for, which may be a part. */
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
  const sizeBytes = Number(range?.split('/')[1] ?? lengthBytes ?? 0)
  try {
    checkSize(key, sizeBytes, maxBytes)
  } catch (error) {
    body.destroy()
    throw error
  }
  if (signal !== undefined) addAbortSignal(signal, body)
  return { facts: { ...toFacts(key, output), sizeBytes }, body, lengthBytes }
}

interface Described {
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
  readonly ContentType?: string | undefined
  readonly CacheControl?: string | undefined
  readonly Metadata?: Record<string, string> | undefined
}

const toFacts = (key: string, object: Described) => ({
  key,
  modifiedAt: object.LastModified?.getTime() ?? 0,
  mark: toMark(object.ETag),
  headers: toHeaders(object),
})

const toHeaders = ({ ContentType, CacheControl, Metadata }: Described): Partial<ObjectHeaders> => ({
  ...(ContentType !== undefined && { contentType: ContentType }),
  ...(CacheControl !== undefined && { cacheControl: CacheControl }),
  ...(Metadata !== undefined && { metadata: Metadata }),
})

const cutOff = ({ place }: S3Place, key: string, cause: unknown): Problem =>
  new Problem(
    'store-unavailable',
    `"${key}" in ${place} broke off ${BODY_ATTEMPTS} times while it was read`,
    {
      subject: key,
      hint: 'Check the network between here and the store, or lower --concurrency.',
      cause,
    },
  )
