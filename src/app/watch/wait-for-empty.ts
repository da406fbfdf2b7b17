import type { Queue, QueueDepth } from '../../queue/port.ts'

const LOOK_EVERY_MS = 5_000
/** What SQS says of its depth may be a minute old, so seeing it empty once proves nothing. */
const EMPTY_FOR_MS = 60_000

/** Ends when a queue has been empty for a while, and nobody holds a message. Rejects where `wait` does. */
export const waitForEmpty = async (
  queue: Pick<Queue, 'depth'>,
  {
    now,
    wait,
    onDepth,
  }: {
    readonly now: () => number
    readonly wait: (ms: number) => Promise<void>
    readonly onDepth: (depth: QueueDepth) => void
  },
): Promise<void> => {
  let emptySince: number | undefined
  for (;;) {
    const depth = await queue.depth()
    onDepth(depth)
    if (depth.waiting + depth.inHand > 0) emptySince = undefined
    else {
      emptySince ??= now()
      if (now() - emptySince >= EMPTY_FOR_MS) return
    }
    await wait(LOOK_EVERY_MS)
  }
}
