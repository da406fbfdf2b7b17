import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { findRegion, openRequestHandler } from '../aws/client-parts.ts'
import { describeQueue, type QueuePlace } from '../config/queue-place.ts'
import { defined } from '../core/defined.ts'
import { Problem } from '../core/problem.ts'
import { onAbort } from '../waiting/signals.ts'
import { MOST_BODY_BYTES, type Queue, type QueueFacts, type QueueMessage } from './port.ts'
import { toQueueProblem, WRONG_REGION } from './sqs-errors.ts'
import { PROBES, saysThatItMakesNoSense } from './sqs-probes.ts'

/** How many messages SQS accepts or gives in one request. */
const MOST_PER_REQUEST = 10
/**
 * SQS also gives messages to a request whose client is gone, and hides them then. So a wait consists of short requests,
 * and none of them is cut off: a worker ends within this time. If idle, it sends less than a million a month.
 */
const MOST_WAIT_MS = 3_000
/** A request that is not answered so long after the wait was to end is cut off all the same. */
const ABANDONED_AFTER_MS = MOST_WAIT_MS + 1_000
const MOST_HIDDEN_MS = 12 * 3_600_000

const REQUEST_TIMEOUT_MS = 40_000
const ATTEMPTS = 8

/** Opens a queue; no request is sent yet. */
export const openSqsQueue = (place: QueuePlace): Queue => createQueue(openClient(place), place)

const openClient = ({ endpoint, region }: QueuePlace): SQSClient => {
  const hasEndpoint = endpoint !== undefined
  return new SQSClient({
    ...(hasEndpoint && { endpoint }),
    region: region ?? findRegion(hasEndpoint, () => new SQSClient({}), unknownRegion),
    retryMode: 'standard',
    maxAttempts: ATTEMPTS,
    requestHandler: openRequestHandler({
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      idleTimeoutMs: REQUEST_TIMEOUT_MS,
    }),
  })
}

const unknownRegion = (cause: unknown): Problem =>
  new Problem(WRONG_REGION.code, WRONG_REGION.reason, { hint: WRONG_REGION.hint, cause })

interface Poll {
  readonly most: number
  readonly waitMs: number
  readonly hiddenMs: number | undefined
  readonly signal: AbortSignal
}

/** Sends requests about one queue, whose URL is looked up once. */
const createRequests = (client: SQSClient, from: QueuePlace, place: string) => {
  let url = from.kind === 'sqs-url' ? from.url : undefined

  const ask = async <T>(permission: string, request: (queueUrl: string) => Promise<T>): Promise<T> => {
    try {
      url ??= await findUrl(client, from)
      return await request(url)
    } catch (error) {
      throw toQueueProblem(error, { place, permission })
    }
  }
  const lookAt = <N extends QueueAttributeName>(
    ...names: readonly N[]
  ): Promise<Partial<Record<N, string>>> =>
    ask('sqs:GetQueueAttributes', async (QueueUrl) => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
      )
      return Attributes ?? {}
    })
  const hide = async (messages: readonly QueueMessage[], ms: number): Promise<void> => {
    const VisibilityTimeout = toHiddenSeconds(ms)
    for (const batch of cut(messages))
      await ask('sqs:ChangeMessageVisibility', (QueueUrl) =>
        client.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl,
            Entries: toEntries(batch).map((entry) => ({ ...entry, VisibilityTimeout })),
          }),
        ),
      )
  }
  const poll = ({ most, waitMs, hiddenMs, signal }: Poll): Promise<readonly QueueMessage[]> =>
    ask('sqs:ReceiveMessage', async (QueueUrl) => {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(most, MOST_PER_REQUEST),
          WaitTimeSeconds: Math.floor(Math.min(waitMs, MOST_WAIT_MS) / 1000),
          ...(hiddenMs !== undefined && { VisibilityTimeout: toHiddenSeconds(hiddenMs) }),
          MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
        }),
        { abortSignal: signal },
      )
      return Messages.map(toMessage)
    })
  return { ask, lookAt, hide, poll }
}

const createQueue = (client: SQSClient, from: QueuePlace): Queue => {
  const place = describeQueue(from)
  const { ask, lookAt, hide, poll } = createRequests(client, from, place)
  return {
    place,
    facts: async () => toFacts(await lookAt('VisibilityTimeout', 'RedrivePolicy')),
    depth: async () => {
      const counts = await lookAt(
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible',
      )
      return {
        waiting:
          Number(counts.ApproximateNumberOfMessages ?? 0) +
          Number(counts.ApproximateNumberOfMessagesDelayed ?? 0),
        inHand: Number(counts.ApproximateNumberOfMessagesNotVisible ?? 0),
      }
    },
    openDeadLetters: async () => {
      const { deadLetterArn } = readRedrive((await lookAt('RedrivePolicy')).RedrivePolicy)
      const [, , , region, account, name] = deadLetterArn?.split(':') ?? []
      if (name === undefined) return undefined
      const { endpoint } = from
      const rest = defined({ account: account || undefined, region: region || undefined, endpoint })
      return openSqsQueue({ kind: 'sqs-name', name, ...rest })
    },
    receive: (options) => receiveByPolls(options, poll),
    hold: hide,
    giveBack: hide,
    delete: async (messages) => {
      for (const batch of cut(messages))
        await ask('sqs:DeleteMessage', async (QueueUrl) => {
          const { Failed = [] } = await client.send(
            new DeleteMessageBatchCommand({ QueueUrl, Entries: toEntries(batch) }),
          )
          // A message whose receipt has expired comes again, and is then found to be done.
          const ours = Failed.find(({ SenderFault }) => SenderFault !== true)
          if (ours !== undefined) throw unfinished(place, 'deleted', ours.Message)
        })
    },
    send: async (bodies) => {
      for (const batch of cutBySize(bodies))
        await ask('sqs:SendMessage', async (QueueUrl) => {
          const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }))
          const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
          const [first] = Failed
          if (first !== undefined) throw unfinished(place, 'taken', first.Message)
        })
    },
    probe: async (action) => {
      if (action === 'look') return void (await lookAt('VisibilityTimeout'))
      const { permission, command } = PROBES[action]
      await ask(permission, async (QueueUrl) => {
        try {
          await command(client, QueueUrl)
        } catch (error) {
          if (!saysThatItMakesNoSense(error)) throw error
        }
      })
    },
    close: async () => client.destroy(),
  }
}

/** A wait as several short requests; the one that runs when `signal` aborts still gives what came. */
const receiveByPolls = async (
  { most, waitMs, hiddenMs, signal }: Parameters<Queue['receive']>[0],
  poll: (poll: Poll) => Promise<readonly QueueMessage[]>,
): Promise<readonly QueueMessage[]> => {
  const late = new AbortController()
  const stopListening = onAbort(signal, () =>
    onAbort(AbortSignal.timeout(ABANDONED_AFTER_MS), () => late.abort(signal?.reason)),
  )
  try {
    for (let leftMs = waitMs; ; leftMs -= MOST_WAIT_MS) {
      signal?.throwIfAborted()
      const messages = await poll({ most, hiddenMs, waitMs: leftMs, signal: late.signal })
      if (messages.length > 0 || leftMs <= MOST_WAIT_MS) return messages
    }
  } finally {
    stopListening()
  }
}

const toHiddenSeconds = (ms: number): number => Math.ceil(Math.min(Math.max(ms, 0), MOST_HIDDEN_MS) / 1000)

const findUrl = async (client: SQSClient, from: QueuePlace): Promise<string> => {
  if (from.kind === 'sqs-url') return from.url
  const account = from.account && { QueueOwnerAWSAccountId: from.account }
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: from.name, ...account }))
  return QueueUrl ?? ''
}

const toFacts = (attributes: { VisibilityTimeout?: string; RedrivePolicy?: string }): QueueFacts => {
  const { mostReceives } = readRedrive(attributes.RedrivePolicy)
  return {
    visibilityMs: Number(attributes.VisibilityTimeout ?? 30) * 1000,
    ...(mostReceives !== undefined && { mostReceives }),
  }
}

/** The number may be a text, depending on who has set up the queue. */
const readRedrive = (
  text: string | undefined,
): { readonly deadLetterArn?: string; readonly mostReceives?: number } => {
  if (text === undefined || text === '') return {}
  const policy: { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown } = JSON.parse(text)
  const mostReceives = Number(policy.maxReceiveCount)
  if (typeof policy.deadLetterTargetArn !== 'string' || !(mostReceives > 0)) return {}
  return { deadLetterArn: policy.deadLetterTargetArn, mostReceives }
}

const toMessage = ({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
  Attributes = {},
}: Message): QueueMessage => ({
  id: MessageId,
  receipt: ReceiptHandle,
  body: Body,
  receives: Number(Attributes.ApproximateReceiveCount ?? 1),
  sentAt: Number(Attributes.SentTimestamp ?? Date.now()),
})

const toEntries = (messages: readonly QueueMessage[]) =>
  messages.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }))

function* cut<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += MOST_PER_REQUEST)
    yield all.slice(start, start + MOST_PER_REQUEST)
}

/** As many texts as fit into one request, which may be no larger than one message. */
function* cutBySize(bodies: readonly string[]): Generator<readonly string[]> {
  let batch: string[] = []
  let left = MOST_BODY_BYTES
  for (const body of bodies) {
    const size = Buffer.byteLength(body)
    if (batch.length > 0 && (size > left || batch.length === MOST_PER_REQUEST)) {
      yield batch
      batch = []
      left = MOST_BODY_BYTES
    }
    batch.push(body)
    left -= size
  }
  if (batch.length > 0) yield batch
}

const unfinished = (place: string, what: string, reason: string | undefined): Problem =>
  new Problem(
    'queue-unavailable',
    `${place}: not all messages were ${what}: ${reason ?? 'no reason was given'}`,
    { hint: 'Nothing is lost: messages that were not processed come again.' },
  )
