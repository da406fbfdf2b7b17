import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { answerTask, Dropped } from './answer-task.ts'
import { listEncoderVersions } from './encoder-version.ts'
import { FrameReader, writeFrame } from './frames.ts'
import { setUpSharp } from './sharp.ts'
import { watchMemory } from './watch-memory.ts'
import {
  formatReply,
  type Grant,
  type Needs,
  type Notice,
  type Order,
  parseOrder,
  type Reply,
  type Task,
} from './wire.ts'

/** What our parent gave us to talk by (`processes.ts`). */
const CHANNEL = 3

/** Not by `process.exit`, which waits for libuv's threads, and with them for a picture that takes for ever. */
const end = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

/** Originals that V8, to which they are nothing but a name, would keep until there are dozens of megabytes of them. */
const COLLECTED_BYTES = 256 * 1024

/** Who waits for what its task needs. */
let asking: { grant(given: Grant): void; drop(reason: Dropped): void } | undefined

const ask = (needs: Needs): Promise<Grant> =>
  new Promise((grant, drop) => {
    asking = { grant, drop }
    say({ kind: 'needs', ...needs })
  })

const work = async (task: Task): Promise<void> => {
  const watch = watchMemory(say, Number(process.argv[2]))
  if (task.kind === 'render') watch.allow(task.grantedBytes ?? 0)
  try {
    const answer = await answerTask(task, async (needs) => {
      const grant = await ask(needs)
      watch.allow(grant.memoryBytes)
      return grant
    })
    say(answer)
  } catch (error) {
    if (!(error instanceof Dropped)) throw error
  } finally {
    watch.end()
    if (task.bytes.byteLength > COLLECTED_BYTES) globalThis.gc?.({ type: 'minor' })
  }
}

const hear = (order: Order): void => {
  if (order.kind === 'granted') asking?.grant(order)
  else if (order.kind === 'dropped') asking?.drop(new Dropped())
  else void work(order)
}

setUpSharp()
// Sent to us with our parent by whoever stops a service: the parent finishes what is under way, and ends us.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
const reader = new FrameReader((frame) => hear(parseOrder(frame)))
// Read to where it belongs: a source of 10 MB would else be copied once more, in pieces of 64 kB.
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
// It closes when our parent has gone.
channel.once('end', end).once('error', end)
const say = (reply: Reply | Notice): void => writeFrame(channel, formatReply(reply))
say({ kind: 'ready', encoders: listEncoderVersions() })
