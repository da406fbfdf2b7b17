import { parseJson } from '../core/json.ts'
import { listAt, textAt, valueAt } from './json-path.ts'
import {
  type EventName,
  type KeySpelling,
  type MessageFormat,
  type ParsedMessage,
  timeOf,
  toObjectName,
} from './message-format.ts'
import { readSourceList } from './source-list.ts'

/** The event inside a CloudEvent, as Google's Eventarc sends it; any other value as it is. */
const openCloudEvent = (value: unknown): unknown =>
  textAt(value, 'specversion') === undefined ? value : valueAt(value, 'data')

/** What a message names, in any known format; never throws. */
export const parseMessage = (text: string): ParsedMessage => {
  const value = parseJson(text)
  if (value === undefined) return { kind: 'unreadable', reason: 'it is not JSON' }
  const envelope = openSns(value)
  if (envelope === undefined) return parseValue(value)
  if (envelope.kind === 'confirmation') return envelope
  const inner = parseJson(envelope.text)
  return inner === undefined
    ? { kind: 'unreadable', reason: 'what SNS wraps is not JSON' }
    : parseValue(inner)
}

const parseValue = (value: unknown): ParsedMessage => {
  const inner = openCloudEvent(value)
  for (const read of FORMATS) {
    const parsed = read(inner)
    if (parsed !== undefined) return parsed
  }
  return { kind: 'unreadable', reason: 'its format is not known' }
}

/** What Amazon SNS wraps around a message. */
type SnsEnvelope =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'confirmation'; readonly url: string }

/** Undefined where the value is not from SNS. */
const openSns = (value: unknown): SnsEnvelope | undefined => {
  const text = textAt(value, 'Message')
  if (text === undefined || textAt(value, 'TopicArn') === undefined) return undefined
  const url = textAt(value, 'SubscribeURL')
  return textAt(value, 'Type') !== 'Notification' && url !== undefined
    ? { kind: 'confirmation', url }
    : { kind: 'message', text }
}

/** Senders whose documentation says that keys are encoded as in a query; Ceph does not encode them. */
const SPELLINGS: Readonly<Record<string, KeySpelling>> = { 'aws:s3': 'encoded', 'minio:s3': 'encoded' }

/** S3's own notifications, and those of Ceph and MinIO in the same form. */
const readS3Records: MessageFormat = (value) => {
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

/** S3's events as Amazon EventBridge sends them. */
const readEventBridge: MessageFormat = (value) => {
  if (textAt(value, 'detail-type') === undefined) return undefined
  const bucket = textAt(value, 'detail', 'bucket', 'name')
  const key = textAt(value, 'detail', 'object', 'key')
  const name = toObjectName(bucket, key, timeOf(value))
  return name === undefined
    ? {
        kind: 'unreadable',
        reason: `its detail (${textAt(value, 'detail-type')}) names no object of a bucket`,
      }
    : { kind: 'names', names: [name] }
}

/** Google Cloud Storage by a Pub/Sub push: the attributes name the object, and the payload describes it. */
const readPubSub: MessageFormat = (value) => {
  const message = valueAt(value, 'message')
  if (message === undefined) return readResource(value)
  const attributes = valueAt(message, 'attributes')
  const [bucket, object] = [textAt(attributes, 'bucketId'), textAt(attributes, 'objectId')]
  const name = toObjectName(bucket, object, timeOf(attributes))
  if (name !== undefined) return { kind: 'names', names: [name] }
  const payload = Buffer.from(textAt(message, 'data') ?? '', 'base64').toString()
  return readResource(parseJson(payload))
}

/** Google's description of an object, which is also the whole body of a push without a wrapper. */
const readResource: MessageFormat = (value) => {
  if (textAt(value, 'kind') !== 'storage#object') return undefined
  const name = toObjectName(textAt(value, 'bucket'), textAt(value, 'name'), timeOf(value))
  return name && { kind: 'names', names: [name] }
}

/**
 * `{ "bucket": "…", "object": { "key": "…" } }`, as Cloudflare R2 sends it, or a list of them, as Tigris does;
 * Backblaze B2 says `bucketName` and `objectName` in its list.
 */
const readFlatRecords: MessageFormat = (value) => {
  const names = (listAt(value, 'events') ?? [value]).flatMap((record) => toName(record) ?? [])
  return names.length === 0 ? undefined : { kind: 'names', names }
}

const toName = (record: unknown): EventName | undefined =>
  toObjectName(
    textAt(record, 'bucket') ?? textAt(record, 'bucketName'),
    textAt(record, 'object', 'key') ?? textAt(record, 'objectName'),
    timeOf(record),
  )

/** The first format that recognises a value reads it. */
const FORMATS: readonly MessageFormat[] = [
  readS3Records,
  readEventBridge,
  readSourceList,
  readPubSub,
  readFlatRecords,
]
