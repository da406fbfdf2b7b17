import { listAt, textAt } from './json-path.ts'
import type { MessageFormat } from './message-format.ts'
import { type KeySpelling, timeOf, toObjectName } from './object-name.ts'

/** Senders whose documentation says that keys are encoded as in a query; Ceph does not encode them. */
const SPELLINGS: Readonly<Record<string, KeySpelling>> = { 'aws:s3': 'encoded', 'minio:s3': 'encoded' }

/** S3's own notifications, and those of Ceph and MinIO in the same form. */
export const readS3Records: MessageFormat = (value) => {
  if (textAt(value, 'Event') === 's3:TestEvent') return { kind: 'test', what: 's3:TestEvent' }
  const records = listAt(value, 'Records')
  if (records === undefined) return undefined
  const names = records.flatMap((record) => {
    const bucket = textAt(record, 's3', 'bucket', 'name')
    const key = textAt(record, 's3', 'object', 'key')
    const spelling = SPELLINGS[textAt(record, 'eventSource') ?? '']
    return toObjectName(bucket, key, timeOf(record), spelling) ?? []
  })
  if (names.length === 0 && records.length > 0)
    return { kind: 'unreadable', reason: 'none of its Records names an object of a bucket' }
  return { kind: 'names', names }
}
