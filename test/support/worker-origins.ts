import { toFetchHandler } from '../../src/http/fetch-handler.ts'
import { createAskServer } from '../../src/http/workers/ask-server.ts'
import type { ToOwner, ToWorker } from '../../src/http/workers/messages.ts'
import { createNotifier, type Notification } from '../../src/http/workers/notifications.ts'
import { createOwnerLink } from '../../src/http/workers/owner-link.ts'
import { openWorkerOrigin } from '../../src/http/workers/worker-origin.ts'
import { encodePath } from '../../src/url/path.ts'
import { systemClock } from '../../src/waiting/system-clock.ts'
import { openTestOrigin, type TestOriginOptions } from './origin.ts'

/** Workers around an origin, in one process: what they say to each other is copied, as between processes. */
export const openWorkerOrigins = (count: number, options: TestOriginOptions = {}) => {
  const owner = openTestOrigin(options)
  const { clock = systemClock } = options
  const said: ToOwner[] = []
  const told: Notification[] = []
  const workers = Array.from({ length: count }, () => {
    const send = (message: ToOwner): void => {
      said.push(structuredClone(message))
      if (message.kind === 'ask' || message.kind === 'leave' || message.kind === 'release')
        queueMicrotask(() => asks.take(structuredClone(message)))
    }
    const link = createOwnerLink(send)
    const asks = createAskServer(owner.origin.owner, (message: ToWorker) => {
      const copy = structuredClone(message)
      if (copy.kind === 'reply' || copy.kind === 'failed') queueMicrotask(() => link.take(copy))
    })
    const notifier = createNotifier((some) => void told.push(...structuredClone(some)), {
      isCounted: true,
      level: 'info',
    })
    const handle = openWorkerOrigin({
      config: owner.bench.config,
      port: 0,
      host: '',
      mount: '/',
      hotBytes: 1_000_000,
      wants: { isCounted: true, level: 'info' },
      output: owner.bench.output,
      owner: link,
      notifier,
      clock,
    })
    const fetchFrom = toFetchHandler(handle, clock)
    return {
      notifier,
      die: () => asks.close(),
      get: (key: string, init: RequestInit & { whenSent?: (done: () => void) => void } = {}) => {
        const { whenSent, ...rest } = init
        return fetchFrom(new Request('http://localhost/', rest), {
          rawTarget: `/${encodePath(key)}`,
          ...(whenSent && { whenSent }),
          onReport: (report) => void owner.reports.push(report),
        })
      },
    }
  })
  return { ...owner, workers, said, told }
}
