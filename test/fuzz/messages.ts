import { parseMessage } from '../../src/events/parse-message.ts'
import { words } from '../support/words.ts'
import { expectLaw, type Target, textTarget } from './target.ts'
import { JSON_WORDS } from './words.ts'

const RECORD = {
  eventSource: 'aws:s3',
  eventTime: '2026-11-28T12:00:00.000Z',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'pics' }, object: { key: 'a%20b+c.jpg', size: 1024, eTag: 'd41d' } },
}
const EVENT_BRIDGE = {
  'detail-type': 'Object Created',
  source: 'aws.s3',
  time: '2026-11-28T12:00:00Z',
  detail: { bucket: { name: 'pics' }, object: { key: 'a b.jpg' } },
}
const MESSAGES: readonly unknown[] = [
  { Records: [RECORD] },
  { Type: 'Notification', TopicArn: 'arn:aws:sns:x', Message: JSON.stringify({ Records: [RECORD] }) },
  EVENT_BRIDGE,
  { events: [{ bucket: 'pics', object: { key: 'a.jpg' }, eventTime: '2026' }] },
  {
    message: {
      data: Buffer.from('{"bucket":"pics","name":"a.jpg"}').toString('base64'),
      attributes: { bucketId: 'pics' },
    },
  },
  { sources: ['a.jpg'] },
]

export const MESSAGE_TARGETS: readonly Target[] = [
  textTarget({
    name: 'messages of stores',
    seeds: MESSAGES.map((message) => JSON.stringify(message)),
    words: [
      ...JSON_WORDS,
      ...words('"Records": "s3": "object":{"key": %2F % + "Message":"{}" "data":"e30="'),
    ],
    read: (text) => {
      const parsed = parseMessage(text)
      if (parsed.kind !== 'names') return
      for (const name of parsed.names)
        for (const key of name.kind === 'source' ? [name.key] : name.keys)
          expectLaw(typeof key === 'string' && !Number.isNaN(name.at), 'a name is a text, and its time one')
    },
  }),
]
