import { systemClock } from '../../waiting/system-clock.ts'
import { openOutput } from '../../wire/stores.ts'
import { boundConnections } from '../bound-connections.ts'
import { createCollector } from '../collect-garbage.ts'
import { createCommonHeaders } from '../common-headers.ts'
import { type Listening, listen } from '../listen.ts'
import type { ToOwner, ToWorker, WorkerOptions } from './messages.ts'
import { createNotifier } from './notifications.ts'
import { createOwnerLink } from './owner-link.ts'
import { openWorkerOrigin } from './worker-origin.ts'

/*
 * The program of a worker of `serve`: it listens together with the others, and answers. Only the owner decides when it
 * ends. It ignores signals, because terminals and systemd send them to all processes.
 */
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.once('disconnect', () => process.exit())

const send = (message: ToOwner): void => {
  if (process.connected) process.send?.(message)
}
const owner = createOwnerLink(send, createCollector())

const run = async (options: WorkerOptions): Promise<() => Promise<void>> => {
  const { config, port, host } = options
  const output = await openOutput(config.output)
  const notifier = createNotifier((notifications) => send({ kind: 'notify', notifications }), options.wants)
  const listening: Listening = await listen({
    port,
    host,
    handle: openWorkerOrigin({ ...options, output, owner, notifier, clock: systemClock }),
    commonHeaders: createCommonHeaders(config.serve),
    timeouts: config.serve.timeouts,
    trustProxy: config.serve.trustProxy,
    ...boundConnections({
      threads: 0,
      log: {
        warn: (message, more = {}) => notifier.tell({ kind: 'warning', message, more }),
        error: (message, error) => notifier.tell({ kind: 'error', message, error }),
      },
      now: systemClock.now,
    }),
    now: systemClock.now,
    onRequest: (facts) => notifier.tell({ kind: 'request', facts }),
  })
  send({ kind: 'listening' })
  return async () => {
    const isAnswered = await listening.close(late.signal).then(
      () => true,
      () => false,
    )
    notifier.flush()
    await output.close()
    send({ kind: 'closed', isAnswered })
  }
}

const late = new AbortController()
let running: Promise<() => Promise<void>> | undefined

process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'start':
      running = run(message.options)
      running.catch((error: Error & { hint?: string }) =>
        send({ kind: 'cannot-listen', message: error.message, hint: error.hint ?? '' }),
      )
      break
    case 'close':
      running?.then((close) => close()).catch(() => process.exit(1))
      break
    case 'cut':
      late.abort(new Error('too late'))
      break
    default:
      owner.take(message)
  }
})
send({ kind: 'loaded' })
