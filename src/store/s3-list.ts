import { ListObjectsV2Command, type S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { compareBytes } from '../core/byte-order.ts'
import { type Mark, toMark } from '../core/mark.ts'
import { Problem } from '../core/problem.ts'
import type { ListOptions, StoredObject } from './port.ts'
import { toS3Problem } from './s3-errors.ts'
import { type ListedPage, readListing, UnreadableListing } from './s3-listing.ts'

/** A bucket, and the prefix of every key that is ours. */
export interface S3Place {
  readonly client: S3Client
  readonly bucket: string
  /** "" or ending in "/". */
  readonly prefix: string
  /** In words. */
  readonly place: string
}

/** Every object below the prefix, in the order of S3; Problem `listing-disorder` where it is none. */
export async function* listBucket(place: S3Place, options: ListOptions): AsyncGenerator<StoredObject> {
  for await (const page of listBucketPages(place, options)) yield* page
}

/** The same page by page, each asked for while the one before it is worked on. */
export async function* listBucketPages(
  place: S3Place,
  options: ListOptions,
): AsyncGenerator<readonly StoredObject[]> {
  const upTo = options.upTo === undefined ? undefined : place.prefix + options.upTo
  let last: string | undefined
  let isMorePromised = false
  // Set once a store has shown that it cannot go on from its own token.
  let goesByPlace = false
  let coming: Promise<ListedPage> | undefined = requestPage(place, options)
  while (coming !== undefined) {
    const page: ListedPage = await coming
    const objects: StoredObject[] = []
    const isOver = upTo !== undefined && isBeyond(page, upTo)
    if (page.isTruncated && page.token === undefined) throw endless(place)
    const end = lastKeyOf(page) ?? last
    // More was promised and nothing comes: taken for the end, that would be the loss of all the rest.
    const isLost = isMorePromised && !page.isTruncated && page.objects.length === 0
    goesByPlace ||= isLost
    isMorePromised = page.isTruncated
    const next =
      goesByPlace && end !== undefined ? { after: end.slice(place.prefix.length) } : { token: page.token }
    coming = (page.isTruncated && !isOver) || isLost ? requestPage(place, { ...options, ...next }) : undefined
    coming?.catch(() => {}) // thrown where it is awaited, unless nobody reads on
    for (const { key, text, sizeBytes, modifiedAt, etag } of page.objects) {
      if (key === undefined) {
        options.onSkipped?.(text, 'is not valid UTF-8')
        continue
      }
      if (last !== undefined && compareBytes(last, key) >= 0) throw disorder(place, last, key)
      last = key
      if (key === place.prefix) continue // The mark that some consoles leave for an empty "folder".
      if (upTo !== undefined && compareBytes(key, upTo) > 0) break
      objects.push({ key: key.slice(place.prefix.length), sizeBytes, modifiedAt, mark: markOf(etag) })
    }
    yield objects
  }
}

const lastKeyOf = ({ objects }: ListedPage): string | undefined =>
  objects.findLast((object) => object.key !== undefined)?.key

const isBeyond = (page: ListedPage, upTo: string): boolean => {
  const key = lastKeyOf(page)
  return key !== undefined && compareBytes(key, upTo) >= 0
}

/** Fails with a Problem where the bucket cannot be listed. */
export const probeBucket = async (place: S3Place, signal?: AbortSignal): Promise<void> => {
  await requestPage(place, { maxKeys: 1, ...(signal && { signal }) })
}

/** An ETag as a mark: without its quotes. Some stores show none, or an empty one, of what they did not take in. */
export const markOf = (etag: string | undefined): Mark | undefined =>
  toMark(etag?.replace(/^(W\/)?"|"$/g, ''))

interface PageRequest extends ListOptions {
  readonly token?: string | undefined
  readonly maxKeys?: number
}

const requestPage = async (
  place: S3Place,
  { prefix: below = '', after, token, maxKeys = 1000, signal }: PageRequest,
): Promise<ListedPage> => {
  signal?.throwIfAborted()
  const command = new ListObjectsV2Command({
    Bucket: place.bucket,
    Prefix: place.prefix + below,
    StartAfter: after === undefined ? undefined : place.prefix + after,
    MaxKeys: maxKeys,
    EncodingType: 'url',
    ContinuationToken: token,
  })
  let page: ListedPage | undefined
  readAnswer(command, (read) => {
    page = read
  })
  try {
    await place.client.send(command, signal ? { abortSignal: signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof UnreadableListing
      ? unreadable(place, error)
      : toS3Problem(error, { place: place.place, permission: 's3:ListBucket' })
  }
  if (page === undefined) throw new Error('the SDK has answered a listing itself')
  return page
}

/**
 * Has the answer read by {@link readListing}, within an attempt of the SDK: what breaks off, or is refused in the
 * middle, is tried again with its patience. The SDK itself is left an empty listing, for its own reading took half of
 * a plan's time.
 */
const readAnswer = (command: ListObjectsV2Command, onPage: (page: ListedPage) => void): void =>
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { response } = result
      if (!isAnswer(response)) return result
      try {
        const read = await readListing(response.body)
        if ('code' in read) throw refused(read.code, read.message)
        onPage(read)
      } catch (error) {
        const isPassing = error instanceof UnreadableListing && error.isBroken
        throw isPassing ? Object.assign(error, { $retryable: { throttling: false } }) : error
      }
      return { ...result, response: { ...response, body: EMPTY_LISTING } }
    },
    // Nearer to the wire than all of the SDK's own that look into a body.
    { step: 'deserialize', priority: 'low', name: 'readListing' },
  )

const EMPTY_LISTING = new TextEncoder().encode('<ListBucketResult/>')

interface Answer {
  readonly statusCode: 200
  readonly body: AsyncIterable<Uint8Array>
}

/** Whether it is one with status 200: the others are read by the SDK. */
const isAnswer = (response: unknown): response is Answer =>
  typeof response === 'object' &&
  response !== null &&
  'statusCode' in response &&
  response.statusCode === 200 &&
  'body' in response

/** As the SDK makes of an error that comes with status 200: a passing one. */
const refused = (code: string, message: string): S3ServiceException =>
  new S3ServiceException({ name: code, message, $fault: 'server', $metadata: { httpStatusCode: 503 } })

const unreadable = ({ place }: S3Place, cause: UnreadableListing): Problem =>
  cause.isBroken
    ? new Problem('store-unavailable', `the listing of ${place} keeps coming broken: ${cause.message}`, {
        hint: 'Check the network between here and the store; nothing was decided on this listing.',
        cause,
      })
    : new Problem('store-unavailable', `${place} answered with something that is no listing of S3`, {
        hint: 'Check the endpoint: it must be the S3 interface itself, not a website or a console.',
        cause,
      })

const disorder = ({ place }: S3Place, last: string, key: string): Problem =>
  new Problem('listing-disorder', `the listing of ${place} goes backwards: "${key}" comes after "${last}"`, {
    subject: key,
    hint: 'S3 promises UTF-8 byte order; nothing was decided on this listing.',
  })

const endless = ({ place }: S3Place): Problem =>
  new Problem(
    'listing-disorder',
    `the listing of ${place} breaks off: more keys, but no way to ask for them`,
    {
      hint: 'S3 promises a continuation token; nothing was decided on this listing.',
    },
  )
