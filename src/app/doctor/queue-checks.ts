import type { Queue, QueueAction } from '../../queue/port.ts'
import { type Check, checkThat, warning } from './check.ts'

const PERMISSIONS: Readonly<Record<QueueAction, string>> = {
  look: 'sqs:GetQueueAttributes',
  receive: 'sqs:ReceiveMessage',
  hold: 'sqs:ChangeMessageVisibility',
  delete: 'sqs:DeleteMessage',
  send: 'sqs:SendMessage',
}

const ACTIONS: readonly QueueAction[] = ['look', 'receive', 'hold', 'delete', 'send']

/** With more receives, a message survives the restarts of a deployment. */
const FEW_RECEIVES = 3

/**
 * Whether a worker can work through a queue: each permission, what happens to messages that fail, and the time it has.
 */
export async function* checkQueue(
  queue: Queue,
  { renderTimeoutMs }: { readonly renderTimeoutMs: number },
): AsyncGenerator<Check> {
  let canLook = false
  for (const action of ACTIONS) {
    const check = await checkThat('queue', `${action} (${PERMISSIONS[action]})`, async () => {
      await queue.probe(action)
      if (action === 'send') return 'needed for --listen and plan --to'
      return action === 'look' ? queue.place : 'allowed'
    })
    if (action === 'look') canLook = check.status === 'ok'
    yield check
  }
  if (!canLook) return
  yield await checkThat('queue', 'dead letters', () => lookAtDeadLetters(queue))
  yield await checkThat('queue', 'visibility', () => lookAtVisibility(queue, renderTimeoutMs))
}

const lookAtDeadLetters = async (queue: Queue) => {
  const { mostReceives } = await queue.facts()
  const deadLetters = await queue.openDeadLetters()
  try {
    if (mostReceives === undefined || deadLetters === undefined)
      return warning(
        'there are none: a message that always fails comes again until it expires',
        'Give the queue a redrive policy to a second queue, with maxReceiveCount 5.',
      )
    const { waiting } = await deadLetters.depth()
    if (waiting > 0)
      return warning(
        `${waiting} messages were put aside in ${deadLetters.place}`,
        'The log of `watch` gives the reason for each (message-poisoned). Correct that, then start a redrive in the console of SQS.',
      )
    if (mostReceives < FEW_RECEIVES)
      return warning(
        `a message is put aside after ${mostReceives} receives, and a worker that is restarted costs one`,
        'Set maxReceiveCount to 5 or more.',
      )
    return `after ${mostReceives} receives to ${deadLetters.place}, which is empty`
  } finally {
    await deadLetters?.close()
  }
}

const lookAtVisibility = async (queue: Queue, renderTimeoutMs: number) => {
  const { visibilityMs } = await queue.facts()
  if (visibilityMs >= renderTimeoutMs)
    return `${visibilityMs / 1000} s, extended while work goes on; limits.renderTimeout is ${renderTimeoutMs / 1000} s`
  return warning(
    `${visibilityMs / 1000} s, and limits.renderTimeout is ${renderTimeoutMs / 1000} s`,
    `It is extended while work goes on; where that fails once, work is done twice. Set the visibility timeout to ${Math.ceil(renderTimeoutMs / 500)} s.`,
  )
}
