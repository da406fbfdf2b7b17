import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3'
import { compareBytes } from '../core/byte-order.ts'
import { Problem } from '../core/problem.ts'
import type { ListOptions, StoredObject } from './port.ts'
import { toS3Problem } from './s3-errors.ts'
import { sendAgain } from './s3-send.ts'

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
  let last: string | undefined
  let coming: Promise<ListObjectsV2CommandOutput> | undefined = requestPage(place, options)
  while (coming !== undefined) {
    const page: ListObjectsV2CommandOutput = await coming
    const objects: StoredObject[] = []
    if (page.IsTruncated && page.NextContinuationToken === undefined) throw endless(place)
    coming = page.IsTruncated
      ? requestPage(place, { ...options, token: page.NextContinuationToken })
      : undefined
    coming?.catch(() => {}) // thrown where it is awaited, unless nobody reads on
    for (const object of page.Contents ?? []) {
      const key = decodeKey(object.Key ?? '', page)
      if (last !== undefined && compareBytes(last, key) >= 0) throw disorder(place, last, key)
      last = key
      if (key === place.prefix) continue // The mark that some consoles leave for an empty "folder".
      objects.push({
        key: key.slice(place.prefix.length),
        sizeBytes: object.Size ?? 0,
        modifiedAt: object.LastModified?.getTime() ?? 0,
        mark: toMark(object.ETag),
      })
    }
    yield objects
  }
}

/** Fails with a Problem where the bucket cannot be listed. */
export const probeBucket = async (place: S3Place, signal?: AbortSignal): Promise<void> => {
  await requestPage(place, { maxKeys: 1, ...(signal && { signal }) })
}

/** An ETag as a mark: without its quotes. */
export const toMark = (etag: string | undefined): string => (etag ?? '').replace(/^(W\/)?"|"$/g, '')

interface PageRequest extends ListOptions {
  readonly token?: string | undefined
  readonly maxKeys?: number
}

const requestPage = async (
  { client, bucket, prefix, place }: S3Place,
  { prefix: below = '', token, maxKeys = 1000, signal }: PageRequest,
): Promise<ListObjectsV2CommandOutput> => {
  signal?.throwIfAborted()
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: prefix + below,
    MaxKeys: maxKeys,
    EncodingType: 'url',
    ContinuationToken: token,
  })
  try {
    const page = await sendAgain(() => client.send(command, signal ? { abortSignal: signal } : {}))
    if (page.IsTruncated === undefined) throw noListing(place)
    return page
  } catch (error) {
    signal?.throwIfAborted()
    throw toS3Problem(error, { place, permission: 's3:ListBucket' })
  }
}

/** Keys come URL-encoded, form style, as XML cannot carry every character; the SDK leaves that to us. */
const decodeKey = (key: string, page: ListObjectsV2CommandOutput): string =>
  page.EncodingType === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key

/** The SDK takes any 200, a website's included, for a listing of nothing; S3 always says whether there is more. */
const noListing = (place: string): Problem =>
  new Problem('store-unavailable', `${place} answered with something that is no listing of S3`, {
    hint: 'Check the endpoint: it must be the S3 interface itself, not a website or a console.',
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
