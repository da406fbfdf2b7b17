import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { ParsedMessage } from '../../src/events/message-format.ts'
import { parseMessage } from '../../src/events/parse-message.ts'
import { formatSourceList } from '../../src/events/source-list.ts'
import { ANY_CHARACTER } from '../support/characters.ts'

const parse = (value: unknown): ParsedMessage => parseMessage(JSON.stringify(value))

/** What is named: `bucket/key`, alternatives after "|", or the source. */
const namesOf = (parsed: ParsedMessage): readonly string[] =>
  parsed.kind === 'names'
    ? parsed.names.map((name) =>
        name.kind === 'source' ? name.key : `${name.bucket}/${name.keys.join(' | ')}`,
      )
    : [`${parsed.kind}!`]

const record = (eventSource: string, key: string, more: object = {}) => ({
  eventVersion: '2.1',
  eventSource,
  eventTime: '2026-11-28T12:00:00.000Z',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'pics', arn: 'arn:aws:s3:::pics' }, object: { key, size: 1024, eTag: 'd41d' } },
  ...more,
})

const EVENT_BRIDGE = {
  version: '0',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  time: '2026-11-28T12:00:00Z',
  detail: { version: '0', bucket: { name: 'pics' }, object: { key: 'a+b 50%.jpg', size: 5 } },
}

const RESOURCE = { kind: 'storage#object', bucket: 'pics', name: 'ü/a.jpg', updated: '2026-11-28T12:00:00Z' }

const PUB_SUB = {
  message: {
    attributes: {
      bucketId: 'pics',
      objectId: 'ü/a.jpg',
      eventType: 'OBJECT_FINALIZE',
      eventTime: '2026-11-28T12:00:00Z',
    },
    data: Buffer.from(JSON.stringify(RESOURCE)).toString('base64'),
    messageId: '1',
  },
  subscription: 'projects/p/subscriptions/s',
}

const wrap = (inner: unknown) => ({
  Type: 'Notification',
  MessageId: '1',
  TopicArn: 'arn:aws:sns:eu-west-1:1:t',
  Message: typeof inner === 'string' ? inner : JSON.stringify(inner),
  Timestamp: '2026-11-28T12:00:00.000Z',
})

test.each<[string, unknown, readonly string[]]>([
  ['S3: space as "+"', { Records: [record('aws:s3', 'caf%C3%A9/a+b%2Bc.jpg')] }, ['pics/café/a b+c.jpg']],
  ['SNS of another type', { ...wrap({ Records: [record('aws:s3', 'a')] }), Type: 'Later' }, ['pics/a']],
  ['S3: a key that is not encoded after all', { Records: [record('aws:s3', '100%.jpg')] }, ['pics/100%.jpg']],
  [
    'S3: several records, a deletion among them',
    {
      Records: [
        record('aws:s3', 'a.jpg'),
        record('aws:s3', 'b.jpg', { eventName: 'ObjectRemoved:DeleteMarkerCreated' }),
      ],
    },
    ['pics/a.jpg', 'pics/b.jpg'],
  ],
  [
    'S3: whatever happened, of whichever version',
    {
      Records: [
        's3:ObjectRestore:Completed',
        'LifecycleExpiration:Delete',
        'ObjectTagging:Put',
        'Replication:OperationFailedReplication',
      ].map((eventName) =>
        record('aws:s3', 'a.jpg', {
          eventName,
          s3: { bucket: { name: 'pics' }, object: { key: 'a.jpg', versionId: 'L4kqtJlcpXro' } },
        }),
      ),
    },
    Array.from({ length: 4 }, () => 'pics/a.jpg'),
  ],
  ['S3: its test', { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'pics' }, ['test!']],
  ['S3: no records at all', { Records: [] }, []],
  ['records of others', { Records: [{ eventSource: 'aws:sqs', body: 'x' }] }, ['unreadable!']],
  [
    'MinIO: slashes encoded, with its own fields beside the records',
    {
      EventName: 's3:ObjectCreated:Put',
      Key: 'pics/x/a b.jpg',
      Records: [record('minio:s3', 'x%2Fa+b.jpg', { eventName: 's3:ObjectCreated:Put' })],
    },
    ['pics/x/a b.jpg'],
  ],
  ['Ceph: as it is', { Records: [record('ceph:s3', 'x/100% + ü.jpg')] }, ['pics/x/100% + ü.jpg']],
  [
    'Ceph: what may be encoded, both ways',
    { Records: [record('ceph:s3', 'a+b%20c.jpg')] },
    ['pics/a+b%20c.jpg | a b c.jpg'],
  ],
  ['EventBridge', EVENT_BRIDGE, ['pics/a+b 50%.jpg']],
  ['EventBridge without a detail', { 'detail-type': 'Object Created', source: 'aws.s3' }, ['unreadable!']],
  ['EventBridge: of something else', { 'detail-type': 'Scheduled Event', detail: {} }, ['unreadable!']],
  ['SNS around S3', wrap({ Records: [record('aws:s3', 'a+b.jpg')] }), ['pics/a b.jpg']],
  ['SNS around EventBridge', wrap(EVENT_BRIDGE), ['pics/a+b 50%.jpg']],
  ["SNS around S3's test", wrap({ Event: 's3:TestEvent' }), ['test!']],
  ['SNS around no JSON', wrap('hello'), ['unreadable!']],
  ['SNS around SNS', wrap(wrap({ Records: [record('aws:s3', 'a.jpg')] })), ['unreadable!']],
  [
    'SNS that wants to be confirmed',
    {
      ...wrap('You have chosen to subscribe'),
      Type: 'SubscriptionConfirmation',
      SubscribeURL: 'https://sns.example/?a=b',
    },
    ['confirmation!'],
  ],
  ['Pub/Sub push', PUB_SUB, ['pics/ü/a.jpg']],
  ['Pub/Sub push: payload alone', { message: { data: PUB_SUB.message.data } }, ['pics/ü/a.jpg']],
  ['Pub/Sub push without a wrapper', RESOURCE, ['pics/ü/a.jpg']],
  ['Pub/Sub of something else', { message: { data: 'aGVsbG8=' } }, ['unreadable!']],
  [
    'R2',
    {
      account: '1',
      action: 'PutObject',
      bucket: 'pics',
      object: { key: 'a.jpg' },
      eventTime: '2026-11-28T12:00:00Z',
    },
    ['pics/a.jpg'],
  ],
  [
    'Tigris',
    { events: [{ eventName: 'OBJECT_CREATED_PUT', bucket: 'pics', object: { key: 'a.jpg' } }] },
    ['pics/a.jpg'],
  ],
  [
    'Backblaze B2',
    {
      events: [
        { eventType: 'b2:ObjectCreated:Upload', bucketName: 'pics', objectName: 'a.jpg', objectSize: 5 },
        { eventType: 'b2:HideMarkerCreated:Hide', bucketName: 'pics', objectName: 'x/b.jpg' },
      ],
    },
    ['pics/a.jpg', 'pics/x/b.jpg'],
  ],
  [
    'CloudEvents around Google’s storage',
    {
      specversion: '1.0',
      type: 'google.cloud.storage.object.v1.finalized',
      source: '//storage.googleapis.com/projects/_/buckets/pics',
      subject: 'objects/ü/a.jpg',
      data: RESOURCE,
    },
    ['pics/ü/a.jpg'],
  ],
  ['CloudEvents of something else', { specversion: '1.0', type: 'x', data: { a: 1 } }, ['unreadable!']],
  ['CloudEvents around nothing', { specversion: '1.0', type: 'x' }, ['unreadable!']],
  ['our own', { sources: ['a+b.jpg', 'x/ü 50%.jpg'] }, ['a+b.jpg', 'x/ü 50%.jpg']],
  ['our own, empty', { sources: [] }, []],
  ['our own with what is no name', { sources: ['a.jpg', 1] }, ['unreadable!']],
  ['no object', 42, ['unreadable!']],
  ['null', null, ['unreadable!']],
  ['an empty list', [], ['unreadable!']],
])('%s', (_, value, names) => {
  expect(namesOf(parse(value))).toEqual(names)
})

describe('a message', () => {
  it.each([
    { Records: [record('aws:s3', 'a.jpg')] },
    EVENT_BRIDGE,
    PUB_SUB,
    RESOURCE,
    { sources: ['a.jpg'], time: '2026-11-28T12:00:00Z' },
  ])('says when it happened', (value) => {
    const parsed = parse(value)
    expect(parsed.kind === 'names' && parsed.names[0]?.at).toBe(Date.UTC(2026, 10, 28, 12))
  })

  it('whose time cannot be read has none', () => {
    const parsed = parse({ Records: [record('aws:s3', 'a.jpg', { eventTime: 'soon' })] })
    expect(parsed.kind === 'names' && parsed.names[0]).not.toHaveProperty('at')
  })

  it('names any key that S3 has encoded', () => {
    const encode = (key: string): string => encodeURIComponent(key).replaceAll('%20', '+')
    fc.assert(
      fc.property(fc.string({ unit: ANY_CHARACTER, minLength: 1 }), (key) => {
        expect(namesOf(parse({ Records: [record('aws:s3', encode(key))] }))).toEqual([`pics/${key}`])
      }),
    )
  })

  it('of Ceph names any key among what it may mean', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
        const parsed = parse({ Records: [record('ceph:s3', key)] })
        const [name] = parsed.kind === 'names' ? parsed.names : []
        expect(name?.kind === 'object' && name.keys).toContain(key)
      }),
    )
  })

  it('of our own says what was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 0, max: 4e12 }),
        (keys, at) => {
          const names = keys.map((key) => ({ kind: 'source', key, at }))
          expect(parseMessage(formatSourceList(keys, at))).toEqual({ kind: 'names', names })
        },
      ),
    )
  })

  it('of whatever text is read without an error', () => {
    const shapes = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((text) => JSON.stringify(wrap(text))),
    )
    fc.assert(
      fc.property(shapes, (text) => {
        expect(['names', 'test', 'confirmation', 'unreadable']).toContain(parseMessage(text).kind)
      }),
    )
  })

  it('with anything anywhere in it is read without an error', () => {
    const odd = fc.anything({ withNullPrototype: false })
    const mutated = fc.record(
      {
        Records: fc.array(
          fc.record({ eventSource: odd, eventTime: odd, s3: fc.record({ bucket: odd, object: odd }) }),
        ),
        sources: odd,
        message: fc.record({ attributes: odd, data: odd }),
        detail: odd,
        'detail-type': odd,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(mutated, (value) => {
        let text: string
        try {
          text = JSON.stringify(value)
        } catch {
          return // big integers
        }
        expect(() => parseMessage(text ?? '')).not.toThrow()
      }),
    )
  })
})
