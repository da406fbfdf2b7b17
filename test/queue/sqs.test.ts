import { afterAll, expect, test } from 'vitest'
import { openSqsQueue } from '../../src/queue/sqs.ts'
import { openElasticQueue, startElasticMq } from '../support/elasticmq.ts'
import { queueContract } from './contract.ts'

const server = await startElasticMq()
afterAll(() => server?.stop())

if (server === undefined) test.skip('a queue of SQS: ElasticMQ is not there', () => {})
else {
  queueContract('a queue of SQS', {
    open: async (options) =>
      openElasticQueue(server, await server.createQueue({ visibilitySeconds: 2, ...options })),
  })

  test('a queue of SQS that is not there is a Problem that names it', async () => {
    const queue = openElasticQueue(server, 'nobody-made-this')
    await expect(queue.receive({ most: 1, waitMs: 0 })).rejects.toMatchObject({ code: 'queue-missing' })
    await expect(queue.probe('look')).rejects.toMatchObject({
      code: 'queue-missing',
      message: expect.stringContaining('nobody-made-this'),
    })
    await queue.close()
  })
}

test('a queue that nobody answers for is a Problem that says so', async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'anybody'
  process.env.AWS_SECRET_ACCESS_KEY ??= 'anything'
  const endpoint = 'http://127.0.0.1:1'
  const queue = openSqsQueue({ kind: 'sqs-name', name: 'q', endpoint, region: 'us-east-1' })
  await expect(queue.depth()).rejects.toMatchObject({ code: 'queue-unavailable' })
  await queue.close()
})
