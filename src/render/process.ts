import { createRequire } from 'node:module'
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { getHeapStatistics } from 'node:v8'
import { answerTask, Dropped } from './answer-task.ts'
import { listEncoderVersions } from './encoder-version.ts'
import { FrameReader, writeFrame } from './message-frames.ts'
import { createOriginalMemory } from './original-memory.ts'
import { setUpSharp } from './sharp.ts'
import {
  formatReply,
  type Grant,
  type Needs,
  type Notice,
  parseOrder,
  type Task,
  type TaskOrder,
  type TaskReply,
} from './task-messages.ts'
import { watchMemory } from './watch-memory.ts'

/** The file descriptor for talking to the parent (`processes.ts`). */
const CHANNEL = 3

/** Not by `process.exit`, which waits for libuv's threads, and so for a picture that never ends. */
const end = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

/** After tasks have left this much, V8 is told to collect: of pixels it counts little, and would keep dozens of megabytes. */
const COLLECTED_BYTES = 4 * 1024 * 1024

const heldOutside = (): number => getHeapStatistics().external_memory
let leftBytes = heldOutside()

const collect = (): void => {
  const heldBytes = heldOutside()
  leftBytes = Math.min(leftBytes, heldBytes)
  if (heldBytes - leftBytes < COLLECTED_BYTES) return
  globalThis.gc?.({ type: 'minor' })
  leftBytes = heldOutside()
}

/** The task that waits for what it needs. */
let asking: { grant(given: Grant): void; drop(reason: Dropped): void } | undefined

const ask = (needs: Needs): Promise<Grant> =>
  new Promise((grant, drop) => {
    asking = { grant, drop }
    say({ kind: 'needs', ...needs })
  })

/** The most bytes that a task may hold in any case. */
const mostBytes = Number(process.argv[2])
const KEPT_SHARE = 32
const originals = createOriginalMemory(mostBytes / KEPT_SHARE)

/** Of what later tasks compile, little is missing after so many. */
const MOST_TASKS = 32
let tasks = 0
const { saveCompiled } = createRequire(import.meta.url)('#compile-cache') as {
  readonly saveCompiled: (work: number) => void
}

const work = async (task: Task): Promise<void> => {
  const watch = watchMemory(say, mostBytes)
  if (task.kind === 'render') watch.allow(task.grantedBytes ?? 0)
  try {
    const answer = await answerTask(task, async (needs) => {
      const grant = await ask(needs)
      watch.allow(grant.memoryBytes)
      return grant
    })
    // After a failure, a decoder may still be at work.
    if (answer.kind === 'problem' || answer.kind === 'bug') originals.leave()
    else originals.giveBack()
    // Before the answer, after which the parent may end this process.
    if (++tasks <= MOST_TASKS) saveCompiled(tasks)
    say(answer)
  } catch (error) {
    originals.leave()
    if (!(error instanceof Dropped)) throw error
  } finally {
    watch.end()
    collect()
  }
}

const hear = (order: TaskOrder): void => {
  if (order.kind === 'granted') asking?.grant(order)
  else if (order.kind === 'dropped') asking?.drop(new Dropped())
  else void work(order)
}

setUpSharp()
// Sent to all processes when a service is stopped: the parent finishes its work, and then ends this process.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
const reader = new FrameReader((frame) => hear(parseOrder(frame)), originals.take)
// Read directly into its memory: otherwise a source of 10 MB would be copied once more, in pieces of 64 kB.
const options: SocketConstructorOpts & ConnectOpts = {
  fd: CHANNEL,
  readable: true,
  writable: true,
  onread: {
    buffer: () => reader.space,
    callback: (count) => {
      reader.fill(count)
      return true
    },
  },
}
const channel = new Socket(options)
// It closes when the parent is gone.
channel.once('end', end).once('error', end)
const say = (reply: TaskReply | Notice): void => writeFrame(channel, formatReply(reply))
say({ kind: 'ready', encoders: listEncoderVersions() })
