import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3'
import pLimit from 'p-limit'
import { serviceStatusOf } from '../aws/service-error.ts'
import { deleteEach } from './delete-each.ts'
import type { DeleteFailure } from './port.ts'
import { sendAgain, toS3Problem } from './s3-errors.ts'
import type { OpenBucket } from './s3-list.ts'

/** The most that one request may name. */
const BATCH_KEYS = 1000

/** Deletes in batches; returns each key that the store refused, and fails where it refused a whole batch. */
export const deleteBatches = async (
  place: OpenBucket,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly DeleteFailure[]> => {
  const batches: (readonly string[])[] = []
  for (let i = 0; i < keys.length; i += BATCH_KEYS) batches.push(keys.slice(i, i + BATCH_KEYS))
  const failures = await pLimit(4).map(batches, (batch) => deleteBatch(place, batch, signal))
  return failures.flat()
}

const deleteBatch = async (
  place: OpenBucket,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly DeleteFailure[]> => {
  const { client, bucket, prefix } = place
  signal?.throwIfAborted()
  const stop = signal ? { abortSignal: signal } : {}
  const command = new DeleteObjectsCommand({
    Bucket: bucket,
    Delete: { Objects: keys.map((key) => ({ Key: prefix + key })), Quiet: true },
  })
  try {
    const { Errors: errors = [] } = await sendAgain(() => client.send(command, stop))
    return errors
      .filter(({ Code }) => Code !== 'NoSuchKey')
      .map(({ Key: key = '', Code, Message }) => ({
        key: key.slice(prefix.length),
        message: `${Code ?? 'refused'}: ${Message ?? 'no reason given'} (needs s3:DeleteObject)`,
      }))
  } catch (error) {
    signal?.throwIfAborted()
    if (NO_BATCHES.has(serviceStatusOf(error) ?? 0))
      return deleteEach(keys, {
        atOnce: 16,
        signal,
        deleteOne: (key) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + key }), stop),
        toProblem: (refusal, key) =>
          toS3Problem(refusal, { place: place.place, permission: 's3:DeleteObject', key }),
      })
    throw toS3Problem(error, { place: place.place, permission: 's3:DeleteObject' })
  }
}

/** Bad request, length required, not implemented: some stores do not know batches, or the SDK's checksums of them. */
const NO_BATCHES = new Set([400, 411, 501])
