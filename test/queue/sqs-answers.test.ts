import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MOST_BODY_BYTES, type QueueMessage } from '../../src/queue/port.ts'
import { openSqsQueue } from '../../src/queue/sqs.ts'

interface Asked {
  readonly action: string
  readonly QueueName?: string
  readonly QueueOwnerAWSAccountId?: string
  readonly Entries?: readonly { readonly VisibilityTimeout?: number }[]
  readonly MaxNumberOfMessages?: number
  readonly WaitTimeSeconds?: number
  readonly VisibilityTimeout?: number
}

/** A status, and what SQS would say with it. */
type Answer = readonly [status: number, body: object | string]

/** A queue whose service says what ElasticMQ never says: an answer for each action, else an empty one. */
const openAnswering = async (answers: Readonly<Record<string, Answer | object>>) => {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '')
    asked.push({ action, ...((await json(request)) as object) })
    const QueueUrl = `http://${request.headers.host}/1/q`
    const answer = answers[action] ?? (action === 'GetQueueUrl' ? { QueueUrl } : {})
    const [status, body] = Array.isArray(answer) ? (answer as unknown as Answer) : [200, answer]
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  process.env.AWS_ACCESS_KEY_ID ??= 'anybody'
  process.env.AWS_SECRET_ACCESS_KEY ??= 'anything'
  const queue = openSqsQueue({ kind: 'sqs-name', name: 'q', endpoint, region: 'here' })
  onTestFinished(async () => {
    await queue.close()
    server.closeAllConnections()
    server.close()
  })
  const of = (action: string) => asked.filter((each) => each.action === action)
  return { queue, of }
}

const messages = (count: number): readonly QueueMessage[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${i}`, receipt: `${i}`, body: '', receives: 1, sentAt: 0 }))

const failed = (SenderFault: boolean) => ({
  Failed: [{ Id: '0', Code: 'x', Message: 'so it is', SenderFault }],
})

describe('a queue of SQS', () => {
  test('deletes again what is gone, and says what it could not delete or take', async () => {
    const gone = await openAnswering({ DeleteMessageBatch: failed(true) })
    await gone.queue.delete(messages(1))
    const { queue } = await openAnswering({
      DeleteMessageBatch: failed(false),
      SendMessageBatch: failed(true),
    })
    const unfinished = { code: 'queue-unavailable', message: expect.stringMatching(/not all .* so it is/) }
    await expect(queue.delete(messages(1))).rejects.toMatchObject(unfinished)
    await expect(queue.send(['a'])).rejects.toMatchObject(unfinished)
  })

  test('is asked for ten at once, and for as many texts as one message may be long', async () => {
    const { queue, of } = await openAnswering({})
    await queue.delete(messages(23))
    const sizes = (action: string) => of(action).map(({ Entries }) => Entries?.length)
    expect(sizes('DeleteMessageBatch')).toEqual([10, 10, 3])
    const half = 'é'.repeat(MOST_BODY_BYTES / 4)
    await queue.send([half, half, half, 'a', ...Array.from({ length: 9 }, () => 'b')])
    expect(sizes('SendMessageBatch')).toEqual([2, 10, 1])
    await queue.receive({ most: 99, waitMs: 7_500, hiddenMs: 1 })
    expect(of('ReceiveMessage')).toMatchObject(
      [3, 3, 1].map((WaitTimeSeconds) => ({
        MaxNumberOfMessages: 10,
        WaitTimeSeconds,
        VisibilityTimeout: 1,
      })),
    )
    for (const ms of [-5, 1_001, 99 * 3_600_000]) await queue.hold(messages(1), ms)
    const seconds = of('ChangeMessageVisibilityBatch').map(({ Entries }) => Entries?.[0]?.VisibilityTimeout)
    expect(seconds).toEqual([0, 2, 43_200])
  })

  test('tells of a message how often and when it was sent, and is polled no more once one came', async () => {
    const MD5OfBody = createHash('md5').update('a').digest('hex')
    const Attributes = { ApproximateReceiveCount: '3', SentTimestamp: '1700000000000' }
    const { queue, of } = await openAnswering({
      ReceiveMessage: {
        Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: 'a', MD5OfBody, Attributes }],
      },
    })
    expect(await queue.receive({ most: 1, waitMs: 9_000 })).toEqual([
      { id: 'm', receipt: 'r', body: 'a', receives: 3, sentAt: 1_700_000_000_000 },
    ])
    expect(of('ReceiveMessage')).toMatchObject([{ MessageSystemAttributeNames: Object.keys(Attributes) }])
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(queue.receive({ most: 1, waitMs: 0, signal })).rejects.toThrow('stopped')
    await queue.depth()
    expect([of('ReceiveMessage').length, of('GetQueueUrl').length]).toEqual([1, 1])
  })

  test('may leave out what it mostly says', async () => {
    const MD5OfBody = createHash('md5').update('a').digest('hex')
    const { queue } = await openAnswering({ ReceiveMessage: { Messages: [{ Body: 'a', MD5OfBody }] } })
    expect(await queue.receive({ most: 1, waitMs: 0 })).toMatchObject([{ id: '', body: 'a', receives: 1 }])
    expect(await queue.depth()).toEqual({ waiting: 0, inHand: 0 })
    expect(await queue.facts()).toEqual({ visibilityMs: 30_000 })
  })

  test('counts what is delayed, and names its dead letters as whoever set it up wrote them', async () => {
    const deadLetterTargetArn = 'arn:aws:sqs:there:123456789012:dead'
    const withPolicy = (policy: object) =>
      openAnswering({
        GetQueueAttributes: {
          Attributes: {
            ApproximateNumberOfMessages: '3',
            ApproximateNumberOfMessagesDelayed: '4',
            ApproximateNumberOfMessagesNotVisible: '5',
            RedrivePolicy: JSON.stringify(policy),
          },
        },
      })
    const { queue, of } = await withPolicy({ deadLetterTargetArn, maxReceiveCount: '1' })
    expect(await queue.depth()).toEqual({ waiting: 7, inHand: 5 })
    expect(await queue.facts()).toEqual({ visibilityMs: 30_000, mostReceives: 1 })
    await (await queue.openDeadLetters())?.probe('look')
    expect(of('GetQueueUrl').at(-1)).toMatchObject({
      QueueName: 'dead',
      QueueOwnerAWSAccountId: '123456789012',
    })
    for (const policy of [
      { deadLetterTargetArn, maxReceiveCount: 0 },
      { maxReceiveCount: 3 },
      { deadLetterTargetArn },
    ]) {
      const without = (await withPolicy(policy)).queue
      expect([await without.facts(), await without.openDeadLetters()]).toEqual([
        { visibilityMs: 30_000 },
        undefined,
      ])
    }
  })

  test.each<[string, Answer, string]>([
    ['QueueDoesNotExist', [400, { __type: 'com.amazonaws.sqs#QueueDoesNotExist' }], 'queue-missing'],
    ['AccessDeniedException', [400, { __type: 'AccessDeniedException' }], 'queue-denied'],
    ['a plain 403', [403, { __type: 'Nobody' }], 'queue-denied'],
    ['InvalidClientTokenId', [403, { __type: 'InvalidClientTokenId' }], 'queue-credentials'],
    ['a redirect', [301, { __type: 'Moved' }], 'queue-region'],
    ['any other refusal', [400, { __type: 'UnsupportedOperation', message: 'why' }], 'queue-refused'],
    ['a page', [200, '<html>'], 'queue-unavailable'],
  ])('that answers %s is a Problem', async (_, answer, code) => {
    const { queue } = await openAnswering({ GetQueueAttributes: answer, SendMessageBatch: answer })
    for (const asking of [queue.depth, () => queue.probe('send')])
      await expect(asking()).rejects.toMatchObject({ code })
  })

  test('that finds no sense in the question permits it', async () => {
    const { queue } = await openAnswering({ DeleteMessage: [400, { __type: 'ReceiptHandleIsInvalid' }] })
    await queue.probe('delete')
  })
})
