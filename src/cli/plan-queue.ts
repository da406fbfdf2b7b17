import { setTimeout as sleep } from 'node:timers/promises'
import type { PlannedSource } from '../app/batch/plan.ts'
import { packDue } from '../app/watch/send-due.ts'
import { waitForEmpty } from '../app/watch/wait-for-empty.ts'
import type { Queue, QueueDepth } from '../queue/port.ts'
import { openQueue } from '../wire/queue.ts'
import type { AgainFlags } from './common-flags.ts'
import { type Flags, UsageError } from './flags.ts'
import { formatCount } from './format-numbers.ts'
import { withProgress } from './progress.ts'
import type { Scope } from './scope.ts'
import { quoteWord } from './shell.ts'
import type { Terminal } from './terminal.ts'

interface PlanTo {
  readonly uri: string
  /** Whether to wait until it is done. */
  readonly waits: boolean
}

interface SentPlan {
  readonly sources: number
  readonly messages: number
  /**
   * Messages that were put into the dead letters during the wait; undefined without dead letters, or without a wait.
   */
  readonly putAside?: number
}

/** `--to` and `--wait`. A message only names sources, so flags that narrow or force a plan cannot be sent with it. */
export const readPlanTo = (
  flags: Flags,
  { scope, again }: { readonly scope: Scope; readonly again: AgainFlags },
): PlanTo | undefined => {
  const uri = flags.text('to')
  const waits = flags.isSet('wait')
  if (uri === undefined) {
    if (waits) throw new UsageError('--wait is given, but no --to: nothing is sent that could be waited for')
    return undefined
  }
  const isMore = again.force || again.retryFailed || again.rerenderOtherEncoders
  if (scope.narrowing !== undefined || isMore)
    throw new UsageError(
      '--to sends the names of sources, and workers make all that is due for them: leave out --size, --format, --force, --retry-failed and --encoder-changed',
    )
  return { uri, waits }
}

/** The command that comes next once the work is sent: a build would do it a second time. */
export const nextAfterSending = ({ uri, waits }: PlanTo): string =>
  waits ? 'imgsizes prune' : `imgsizes watch --events ${quoteWord(uri)}`

interface SendWorkOptions {
  readonly terminal: Terminal
  readonly isQuiet: boolean
  readonly signal: AbortSignal
}

/** Sends the sources with work, of the plans that `withEach` hands over, and says so; waits where that is asked for. */
export const sendWork = async (
  { uri, waits }: PlanTo,
  withEach: <T>(work: (plans: AsyncIterable<PlannedSource>) => Promise<T>) => Promise<T>,
  options: SendWorkOptions,
): Promise<SentPlan> => {
  const { terminal, isQuiet } = options
  const queue = await openQueue(uri, '--to')
  try {
    const sent = await withEach((plans) => sendPlan(plans, queue))
    const { sources, messages } = sent
    if (!isQuiet)
      terminal.log(
        `sent ${formatCount(sources, 'source')} in ${formatCount(messages, 'message')} to ${queue.place}`,
      )
    const putAside = waits ? await waitForWork(queue, options) : undefined
    if (putAside)
      terminal.log(
        `${terminal.logStyle.red('failed')} ${formatCount(putAside, 'message')} came into the queue's dead letters: the log of \`watch\` says why (message-poisoned)`,
      )
    return { ...sent, ...(putAside !== undefined && { putAside }) }
  } finally {
    await queue.close()
  }
}

const sendPlan = async (
  plans: AsyncIterable<PlannedSource>,
  queue: Queue,
): Promise<{ sources: number; messages: number }> => {
  const sent = { sources: 0, messages: 0 }
  let batch: string[] = []
  const send = async (): Promise<void> => {
    await queue.send(batch)
    sent.messages += batch.length
    batch = []
  }
  for await (const { body, sources } of packDue(plans)) {
    batch.push(body)
    sent.sources += sources
    if (batch.length >= SENT_AT_ONCE) await send()
  }
  await send()
  return sent
}

const SENT_AT_ONCE = 10

/** Waits until the queue is empty; returns how many messages were put aside meanwhile. */
const waitForWork = async (
  queue: Queue,
  { terminal, isQuiet, signal }: SendWorkOptions,
): Promise<number | undefined> => {
  const deadLetters = await queue.openDeadLetters()
  const countAside = async (): Promise<number> => (await deadLetters?.depth())?.waiting ?? 0
  let depth: QueueDepth | undefined
  const read = () => ({
    text:
      depth === undefined
        ? 'looking at the queue'
        : `${formatCount(depth.waiting, 'message')} wait, ${depth.inHand} in hand`,
  })
  try {
    const before = await countAside()
    await withProgress(terminal, { isQuiet, read }, () =>
      waitForEmpty(queue, {
        now: () => performance.now(), // the date may be set meanwhile
        wait: (ms) => sleep(ms, undefined, { signal }),
        onDepth: (found) => {
          depth = found
        },
      }),
    )
    return deadLetters && Math.max(0, (await countAside()) - before)
  } finally {
    await deadLetters?.close()
  }
}
