import { createHash, createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { createNaming } from '../../src/app/watch/name-sources.ts'
import { readMessage } from '../../src/app/watch/read-message.ts'
import { createBucket, openS3Client, s3Endpoint, testS3 } from '../support/s3.ts'

/** What Ceph pushes of what happens in a bucket, by a topic that keeps it until it is answered. */

const client = openS3Client()
let server: Server | undefined
afterAll(() => {
  server?.close()
  server?.closeAllConnections()
  client.destroy()
})

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** A request of SNS, signed (AWS signature 4): the SDK for it is not worth a dependency. */
const askSns = async (parameters: Readonly<Record<string, string>>): Promise<string> => {
  const { accessKeyId, secretAccessKey } = testS3().owner
  const url = new URL(s3Endpoint())
  const body = new URLSearchParams(parameters).toString()
  const date = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '')
  const day = date.slice(0, 8)
  const scope = `${day}/us-east-1/s3/aws4_request`
  const headers = { host: url.host, 'x-amz-content-sha256': hash(body), 'x-amz-date': date }
  const names = Object.keys(headers).join(';')
  const canonical = [
    'POST',
    '/',
    '',
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    '',
    names,
    hash(body),
  ].join('\n')
  const key = ['us-east-1', 's3', 'aws4_request'].reduce(
    (inner: string | Buffer, part) => mac(inner, part),
    mac(`AWS4${secretAccessKey}`, day),
  )
  const signature = mac(
    key as Buffer,
    ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n'),
  ).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers: { ...headers, authorization, 'content-type': 'application/x-www-form-urlencoded' },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`)
  return text
}

test('an upload and a deletion in Ceph are told, and name their sources, however odd', async () => {
  const bucket = await createBucket('notify')
  const bodies: string[] = []
  let refused = 0
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      // The first push is refused: a persistent topic comes again.
      if (refused++ === 0) return void response.writeHead(503).end()
      bodies.push(body)
      response.writeHead(202).end()
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const made = await askSns({
    Action: 'CreateTopic',
    Name: `watch-${port}`,
    'Attributes.entry.1.key': 'push-endpoint',
    'Attributes.entry.1.value': `http://127.0.0.1:${port}/`,
    'Attributes.entry.2.key': 'persistent',
    'Attributes.entry.2.value': 'true',
  })
  const TopicArn = /<TopicArn>(.*?)<\/TopicArn>/.exec(made)?.[1]
  await client.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: {
        TopicConfigurations: [{ Id: 'all', TopicArn, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] }],
      },
    }),
  )
  const keys = ['in/a b+c 100%.jpg', 'in/été/🐈.png']
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }))
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keys[0] }))
  const naming = createNaming([{ prefix: '', bucket: { name: bucket, prefix: 'in/' } }], {
    mayBe: () => true,
  })
  const named = (): readonly string[] =>
    bodies.flatMap((body): readonly string[] => {
      const said = readMessage(body, naming)
      return said.kind === 'sources' ? [...said.sources.keys()] : [said.kind]
    })
  await expect
    .poll(() => named().filter((name) => name === 'a b+c 100%.jpg' || name === 'été/🐈.png').length, {
      timeout: 80_000,
    })
    .toBeGreaterThanOrEqual(3)
  expect(refused).toBeGreaterThan(3)
})
