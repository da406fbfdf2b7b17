import { createAnswerer } from '../../app/origin/answer.ts'
import { createMaker } from '../../app/origin/maker.ts'
import { createStoredPictures } from '../../app/origin/stored-pictures.ts'
import { requireSecrets } from '../../config/secrets.ts'
import type { WritableStore } from '../../store/port.ts'
import { createKeyring } from '../../url/keyring.ts'
import type { Clock } from '../../waiting/clock.ts'
import { toNamingRules } from '../../wire/request-rules.ts'
import type { Handler } from '../http-message.ts'
import { createOriginHandler } from '../origin-handler.ts'
import type { WorkerOptions } from './messages.ts'
import type { Notifier } from './notifications.ts'
import type { OwnerLink } from './owner-link.ts'

interface WorkerOriginOptions extends WorkerOptions {
  readonly output: WritableStore
  readonly owner: OwnerLink
  readonly notifier: Pick<Notifier, 'tell'>
  readonly clock: Clock
}

/** The part of the origin that needs no project: it answers what is in the store, and asks the owner for all else. */
export const openWorkerOrigin = (options: WorkerOriginOptions): Handler => {
  const { config, output, owner, notifier, clock } = options
  const keyring = createKeyring(requireSecrets(config))
  const answerer = createAnswerer({
    ...toNamingRules({ config, keyring, output }),
    stored: createStoredPictures({ store: output, hotBytes: options.hotBytes, now: clock.now }),
    lookupTimeoutMs: config.limits.fetchTimeoutMs,
    maker: createMaker({
      make: ({ key, isForeign = false }, signal) => owner.ask({ kind: 'make', key, isForeign }, signal),
    }),
    clock,
    tell: (event) => notifier.tell({ kind: 'event', event }),
    ...(config.versions &&
      config.dialects.length > 0 && {
        currentKeys: {
          find: (variant, signal) => owner.ask({ kind: 'find-current', key: keyring.keyOf(variant) }, signal),
        },
      }),
    ...(config.dialects.some((dialect) => 'cacheFolder' in dialect) && {
      aliases: {
        note: (name, { key }, etag) =>
          notifier.tell({ kind: 'alias', name, key, ...(etag !== undefined && { etag }) }),
      },
    }),
    ...(config.serve.cache && { onHit: (key) => notifier.tell({ kind: 'used', key }) }),
  })
  return createOriginHandler({
    ...options,
    keyring,
    answerer,
    outgoing: owner,
    health: { isReady: () => owner.ask({ kind: 'is-ready' }) },
  })
}
