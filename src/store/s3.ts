import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  GetBucketVersioningCommand,
  type ObjectCannedACL,
  PutObjectCommand,
  S3ServiceException,
  type ServerSideEncryption,
  type StorageClass,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { serviceStatusOf } from '../aws/service-error.ts'
import type { S3Settings } from '../config/config.ts'
import { countBytes } from '../core/byte-order.ts'
import { isSameMark, type Mark } from '../core/mark.ts'
import { Problem } from '../core/problem.ts'
import { MAX_KEY_BYTES } from '../core/source-key.ts'
import { onAbort } from '../waiting/signals.ts'
import type { ObjectHeaders, PutOptions, PutResult, WritableStore } from './port.ts'
import { openS3Client, type S3Limits } from './s3-client.ts'
import { createS3Copy } from './s3-copy.ts'
import { deleteBatches } from './s3-delete.ts'
import { toS3Problem } from './s3-errors.ts'
import { listBucket, listBucketPages, markOf, type OpenBucket, probeBucket } from './s3-list.ts'
import { MD5_FACT, openS3Reader } from './s3-read.ts'
import { createServerClock } from './server-clock.ts'

/** Which bucket, which part of it, and how it is written to. */
export interface S3StoreOptions extends S3Limits {
  readonly bucket: string
  /** "" or ending in "/". */
  readonly prefix: string
  readonly settings: S3Settings
}

/**
 * Objects up to this size are sent in one request, for which every store that knows conditions respects them. Usual
 * pictures are smaller.
 */
const PART_BYTES = 32 * 1024 * 1024

/** Only a write shows whether writing is allowed. */
const PROBE = {
  name: 'probe.txt',
  bytes: new TextEncoder().encode('imgsizes writes this to see whether it may write here.\n'),
  headers: { contentType: 'text/plain', cacheControl: 'no-store', metadata: {} },
} as const

/**
 * A bucket, or what lies below a prefix of it, as a store. It must be closed, or its sockets keep the process alive.
 */
export const openS3Store = (options: S3StoreOptions): WritableStore => {
  const { bucket, prefix, settings } = options
  const clock = createServerClock()
  const client = openS3Client(settings, options, clock)
  const at = settings.endpoint === undefined ? '' : ` at ${settings.endpoint}`
  const place: OpenBucket = { client, bucket, prefix, place: `s3://${bucket}/${prefix}${at}` }
  const reader = openS3Reader(place)
  const isOrdered = !DIRECTORY_BUCKET.test(bucket)
  const writer = openS3Writer(place, settings, reader)

  return {
    place: place.place,
    marks: 'content',
    isListable: isOrdered,
    keepsHeaders: true,
    objectSettings: formatObjectSettings(settings),
    keyLimits: { prefixBytes: countBytes(prefix), maxSegmentBytes: Number.POSITIVE_INFINITY },
    list: (list = {}) => (isOrdered ? listBucket(place, list) : refuseList(place)),
    listPages: (list = {}) => (isOrdered ? listBucketPages(place, list) : refuseList(place)),
    keepsVersions: () => keepsVersions(place),
    ...reader,
    ...writer,
    deleteAll: (keys, { signal } = {}) =>
      deleteBatches(
        place,
        keys.filter((key) => whyNotObject(prefix + key) === undefined),
        signal,
      ),
    clockOffsetMs: clock.offsetMs,
    // A multipart upload that was killed is invisible and rare; the bucket's lifecycle rules remove it.
    sweep: async () => {},
    probe: async ({ into, signal } = {}) => {
      if (into === undefined) await probeBucket(place, signal)
      else await writer.put(`${into}${PROBE.name}`, PROBE.bytes, { ...PROBE, signal })
    },
    close: async () => client.destroy(),
  }
}

/** Buckets of S3 Express One Zone, by the ending that only their names have. */
const DIRECTORY_BUCKET = /--x-s3$/

/** Such a bucket lists its keys without an order, so a plan would not fit into constant memory. */
const refuseList = ({ place }: OpenBucket): never => {
  throw new Problem(
    'source-not-listable',
    `${place} is a directory bucket (S3 Express), whose listing has no order`,
    {
      hint: 'Plans need a general purpose bucket; `serve` and build --sources-from can read originals from it.',
    },
  )
}

/** ACL and storage class always, because recorded digests contain them; the others where they are set. */
const formatObjectSettings = ({ acl, storageClass, sse, sseKmsKeyId }: S3Settings): string =>
  [
    `acl=${acl ?? ''}&storageClass=${storageClass ?? ''}`,
    ...(sse === undefined ? [] : [`sse=${sse}`]),
    ...(sseKmsKeyId === undefined ? [] : [`sseKmsKeyId=${sseKmsKeyId}`]),
  ].join('&')

/** Whether deleted and replaced objects remain as versions; undefined where that cannot be asked. */
const keepsVersions = async ({ client, bucket }: OpenBucket): Promise<boolean | undefined> => {
  try {
    const { Status: status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))
    return status === 'Enabled'
  } catch (error) {
    if (error instanceof S3ServiceException) return undefined
    throw error
  }
}

/** Why `key` cannot be an object, in words. S3 allows `..` too, but not every program between us and S3 does. */
const whyNotObject = (key: string): string | undefined => {
  if (key === '' || key.endsWith('/')) return 'it is empty or ends in "/"'
  if (!key.isWellFormed() || key.includes('\0')) return 'it contains NUL or is not valid Unicode'
  if (key.split('/').some((segment) => segment === '.' || segment === '..'))
    return 'it has a "." or ".." segment'
  return countBytes(key) > MAX_KEY_BYTES ? `it is longer than ${MAX_KEY_BYTES} bytes` : undefined
}

type Writer = Pick<WritableStore, 'put' | 'copy' | 'replace'>

const openS3Writer = (
  place: OpenBucket,
  settings: S3Settings,
  reader: Pick<WritableStore, 'head' | 'get'>,
): Writer => {
  const { client, bucket, prefix } = place
  // Set once a store has shown that it does not know `If-None-Match`.
  let isConditionUnknown = false

  const objectOf = (key: string, headers: ObjectHeaders, md5?: string) => ({
    Bucket: bucket,
    Key: prefix + key,
    ContentType: headers.contentType,
    CacheControl: headers.cacheControl,
    Metadata: { ...headers.metadata, ...(md5 !== undefined && { [MD5_FACT]: md5 }) },
    // The SDK's types have the names that AWS knows; other stores have names of their own.
    ...(settings.acl !== undefined && { ACL: settings.acl as ObjectCannedACL }),
    ...(settings.storageClass !== undefined && { StorageClass: settings.storageClass as StorageClass }),
    ...(settings.sse !== undefined && { ServerSideEncryption: settings.sse as ServerSideEncryption }),
    ...(settings.sseKmsKeyId !== undefined && { SSEKMSKeyId: settings.sseKmsKeyId }),
  })

  const upload = async (
    key: string,
    body: Uint8Array,
    { headers, md5, signal }: PutOptions,
    isNew: boolean,
  ): Promise<Mark | undefined> => {
    const params = { ...objectOf(key, headers, md5), Body: body }
    if (body.length > PART_BYTES) return uploadParts(place, params, signal)
    const command = new PutObjectCommand({ ...params, ...(isNew && { IfNoneMatch: '*' }) })
    const { ETag } = await client.send(command, signal ? { abortSignal: signal } : {})
    return markOf(ETag)
  }

  const put = async (key: string, bytes: Uint8Array, options: PutOptions): Promise<PutResult> => {
    const { createOnly = false, md5: sum = hash('md5', bytes), signal } = options
    checkKey(place, key)
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      const isConditional = createOnly && !isConditionUnknown && bytes.length <= PART_BYTES
      // Without a condition, two writers may both believe that they were first; the object is complete all the same.
      if (createOnly && !isConditional && (await reader.head(key, { signal }))) return { kind: 'exists' }
      try {
        // Some stores show no ETag after an upload in parts; a later look might show another object.
        const mark = await upload(key, bytes, { ...options, md5: sum }, isConditional)
        const object = { key, sizeBytes: bytes.length, modifiedAt: Date.now(), mark }
        return { kind: 'stored', object, md5: sum }
      } catch (error) {
        signal?.throwIfAborted()
        const status = isConditional ? serviceStatusOf(error) : undefined
        if (status === 412) return { kind: 'exists' }
        if (status === 501) isConditionUnknown = true
        else if (status === 409 && attempt < CONFLICT_ATTEMPTS)
          await sleep(20 * 2 ** attempt, undefined, { signal })
        else throw toS3Problem(error, { place: place.place, permission: 's3:PutObject', key })
      }
    }
  }

  /** An ETag has quotes; Ceph before 18 compares it without them. */
  const spellEtag = (mark: Mark): readonly string[] => [`"${mark}"`, mark]

  const replace: Writer['replace'] = async (key, bytes, { mark, headers, signal }) => {
    checkKey(place, key)
    const stop = signal ? { abortSignal: signal } : {}
    for (const etag of spellEtag(mark)) {
      try {
        const object = { ...objectOf(key, headers, hash('md5', bytes)), Body: bytes, IfMatch: etag }
        await client.send(new PutObjectCommand(object), stop)
        return 'replaced'
      } catch (error) {
        signal?.throwIfAborted()
        const status = serviceStatusOf(error)
        if (status === 404 || status === 409) return 'changed'
        if (status === 501) break
        if (status !== 412) throw toS3Problem(error, { place: place.place, permission: 's3:PutObject', key })
        if (!isSameMark((await reader.head(key, { signal }))?.mark, mark)) return 'changed'
      }
    }
    throw new Problem('store-unsupported', `${place.place} does not support conditional writes`, {
      subject: key,
    })
  }

  const deleteOne = (key: string) => deleteBatches(place, [key], undefined)
  const copy = createS3Copy({ place, reader, put, objectOf, deleteOne })
  return {
    put,
    replace,
    copy: async (from, to, options) => {
      checkKey(place, to)
      return copy(from, to, options)
    },
  }
}

/** 409 means that another writer of the key was active; the waits grow from 40 ms to 0.6 s. */
const CONFLICT_ATTEMPTS = 6

const checkKey = ({ place, prefix }: OpenBucket, key: string): void => {
  const reason = whyNotObject(prefix + key)
  if (reason === undefined) return
  throw new Problem('store-key-refused', `"${key}" cannot be stored in ${place}: ${reason}`, { subject: key })
}

/** Several requests; the last one makes the whole object appear. */
const uploadParts = async (
  { client }: OpenBucket,
  params: { readonly Bucket: string; readonly Key: string; readonly Body: Uint8Array },
  signal: AbortSignal | undefined,
): Promise<Mark | undefined> => {
  const uploading = new Upload({ client, params, partSize: PART_BYTES, queueSize: 2 })
  const stop = onAbort(signal, () => void uploading.abort())
  try {
    return markOf((await uploading.done()).ETag)
  } finally {
    stop()
  }
}
