import {
  answerStatusOf,
  CREDENTIALS_WRONG,
  isUnreadable,
  type RefusalMeaning,
  type RefusalMeanings,
  serviceCodeOf,
  serviceFaultOf,
  serviceStatusOf,
  toServiceProblem,
} from '../aws/service-error.ts'

interface S3Action {
  readonly place: string
  /** The permission that the action needs, as IAM names it. */
  readonly permission: string
  readonly key?: string | undefined
}

const isNoBucket = (error: unknown): boolean => serviceCodeOf(error) === 'NoSuchBucket'

/** Whether S3 says that the key does not exist. For a HEAD, a missing bucket gives the same answer. */
export const isNoKey = (error: unknown): boolean => serviceStatusOf(error) === 404 && !isNoBucket(error)

/** Whether S3 says for certain that the key, and not the bucket, does not exist. */
export const isSurelyNoKey = (error: unknown): boolean => serviceCodeOf(error) === 'NoSuchKey'

const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage'])

/** A refusal by S3, or a failed network, as a Problem; any other error, a bug or an abort, as it is. */
export const toS3Problem = (error: unknown, action: S3Action): unknown => {
  const { place, key } = action
  const what = key === undefined ? place : `"${key}" in ${place}`
  return toServiceProblem(error, { what, subject: key, judge: (refusal) => judge(refusal, action) })
}

const judge = (error: Error, { permission }: S3Action): RefusalMeaning | undefined => {
  const code = serviceCodeOf(error)
  const status = serviceStatusOf(error)
  if (code === 'NoSuchBucket') return MISSING
  // Ceph answers 403 where a quota is reached.
  if (FULL.has(code) || status === 507) return STORE_FULL
  if (code === 'EntityTooLarge' || answerStatusOf(error) === 413) return TOO_LARGE
  if (status === 501) return unsupported(permission)
  const fault = serviceFaultOf(error)
  return fault && verdicts(error, permission)[fault]
}

const REFUSED_HINT =
  'Check the settings in the query of the s3:// URI (acl, storageClass, checksums, sse, requestPayer).'

/** S3 has a code for one of these refusals; the other is recognised by its words. */
const hintOf = (code: string, message: string): string => {
  if (code === 'AccessControlListNotSupported')
    return 'The bucket has its ACLs disabled: leave `acl` out of the s3:// URI, and open it by its bucket policy.'
  if (code === 'MissingContentMD5' || /Content-MD5|x-amz-checksum/i.test(message))
    return 'The bucket requires a checksum with every object, as with object lock: add checksums=supported to the s3:// URI.'
  return REFUSED_HINT
}

const unsupported = (permission: string): RefusalMeaning => ({
  code: 'store-unsupported',
  reason: `this store does not support ${permission.replaceAll('s3:', '')}`,
  hint: 'imgsizes needs it. docs/reference/s3-servers.md tells what is known of S3 servers.',
})

const MISSING: RefusalMeaning = {
  code: 'store-missing',
  reason: 'the bucket does not exist',
  hint: 'Check the name and the endpoint, or create the bucket; imgsizes never creates one.',
}

const STORE_FULL: RefusalMeaning = {
  code: 'store-full',
  reason: 'the store is full or over its quota',
  hint: 'Make space and run again; what was stored is complete.',
}

const TOO_LARGE: RefusalMeaning = {
  code: 'store-refused',
  reason: 'the object is larger than the store, or a proxy in front of it, accepts',
  hint: 'Raise that limit (in nginx client_max_body_size, which is 1 MB by default), or connect to the store itself.',
}

const verdicts = (error: Error, permission: string): RefusalMeanings => ({
  credentials: { code: 'store-credentials', ...CREDENTIALS_WRONG },
  region: {
    code: 'store-region',
    reason: 'the bucket is in another region',
    hint: 'Set AWS_REGION, or ?region=… in the s3:// URI.',
  },
  denied: {
    code: 'store-denied',
    reason: `access denied; it needs the permission ${permission}`,
    hint: `Grant ${permission} to the credentials in use.`,
  },
  timeout: {
    code: 'store-timeout',
    reason: 'the store took too long to answer',
    hint: 'Check the network, or lower --concurrency.',
  },
  failing: {
    code: 'store-unavailable',
    reason: 'the store keeps failing',
    hint: 'Run again later, or lower --concurrency.',
  },
  refused: {
    code: 'store-refused',
    reason: error.message,
    hint: hintOf(serviceCodeOf(error), error.message),
  },
  unreachable: {
    code: 'store-unavailable',
    reason: 'the store cannot be reached',
    hint: 'Check the endpoint and the network.',
  },
  unreadable: {
    code: 'store-unavailable',
    reason: 'the answer is not from S3',
    hint: 'Check the endpoint: it must be the S3 interface itself, not a website or a console.',
  },
})

const READINGS = 3

/**
 * Sends a request that may be sent twice, and sends it again where the answer cannot be read. Where an answer in chunks
 * breaks off, the SDK takes it for complete, finds that its XML has no end, and does not try again by itself.
 */
export const sendAgain = async <T>(send: () => Promise<T>): Promise<T> => {
  for (let reading = 1; ; reading++)
    try {
      return await send()
    } catch (error) {
      if (reading === READINGS || !isUnreadable(error) || answerStatusOf(error) >= 300) throw error
    }
}
