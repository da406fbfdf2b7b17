import { describe, expect, test } from 'vitest'
import { describeQueue, parseQueuePlace } from '../../src/config/queue-place.ts'

const HOST = 'sqs.eu-west-1.amazonaws.com'
const PATH = '/123456789012/q'

describe('a queue', () => {
  test.each<[string, object, string]>([
    ['sqs://uploads', { kind: 'sqs-name', name: 'uploads' }, 'uploads'],
    [
      'sqs://uploads?region=eu-west-1&account=123456789012&endpoint=http://localhost:9324',
      {
        kind: 'sqs-name',
        name: 'uploads',
        region: 'eu-west-1',
        account: '123456789012',
        endpoint: 'http://localhost:9324',
      },
      'uploads',
    ],
    [
      `sqs://${HOST}${PATH}`,
      { kind: 'sqs-url', url: `https://${HOST}${PATH}`, region: 'eu-west-1' },
      `https://${HOST}${PATH}`,
    ],
    [
      `sqs://queues.example${PATH}?region=here`,
      { kind: 'sqs-url', url: `https://queues.example${PATH}`, region: 'here' },
      `https://queues.example${PATH}`,
    ],
  ])('is named by %s', (text, place, name) => {
    const found = parseQueuePlace(text)
    expect(found).toStrictEqual(place)
    if ('kind' in found) expect(describeQueue(found)).toBe(`the queue ${name}`)
  })

  test.each([
    ['https://uploads', '"https://uploads"'],
    ['sqs://AKIAEXAMPLE:secret@uploads', 'credentials in a URI (not shown)'],
    ['sqs://uploads.fifo', 'a queue in order (.fifo); events need none, and S3 sends to none'],
    [`sqs://${HOST}/1/uploads.fifo`, 'a queue in order (.fifo); events need none, and S3 sends to none'],
    ['sqs://', '""'],
    ['sqs://up.loads', '"up.loads"'],
    ['sqs://uploads?regoin=here', 'the parameter "regoin"'],
    ['sqs://uploads?toString=here', 'the parameter "toString"'],
    ['sqs://uploads?region=Here', 'the parameter "region"'],
    ['sqs://uploads?region=a&region=b', 'the parameter "region"'],
    ['sqs://uploads?account=12', 'the parameter "account"'],
    ['sqs://uploads?endpoint=localhost', 'the parameter "endpoint"'],
  ])('is not named by %s', (text, found) => {
    expect(parseQueuePlace(text)).toMatchObject({ found })
  })
})
