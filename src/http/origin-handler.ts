import type { Answerer } from '../app/origin/answer.ts'
import type { Outgoing } from '../app/origin/outgoing.ts'
import type { Config } from '../config/config.ts'
import type { Keyring } from '../url/keyring.ts'
import type { Clock } from '../waiting/clock.ts'
import { openForeign } from '../wire/dialects.ts'
import { openExpiringLinks } from '../wire/expiring-links.ts'
import { createCommonHeaders } from './common-headers.ts'
import { createRequestHandler } from './handler.ts'
import type { Health } from './health.ts'
import type { Handler } from './message.ts'
import type { Placeholder } from './problems.ts'

/** A configuration, and who answers for it. */
export interface OriginHandlerOptions {
  readonly config: Config
  readonly keyring: Keyring
  readonly answerer: Answerer
  readonly outgoing: Pick<Outgoing, 'hold'>
  readonly health: Health
  /** The path above our keys, with "/" at both ends. */
  readonly mount: string
  readonly placeholder?: Placeholder
  readonly clock: Clock
}

const RETRY_AFTER_SECONDS = 2

/** The handler of a configuration, in the process that renders or in a worker. */
export const createOriginHandler = (options: OriginHandlerOptions): Handler => {
  const { config, placeholder } = options
  return createRequestHandler({
    ...options,
    ...openExpiringLinks(config),
    resolveForeign: openForeign(options),
    cacheControl: config.cacheControl,
    foreignCacheControl: config.foreignCacheControl,
    autoCacheControl: config.serve.autoCacheControl,
    commonHeaders: createCommonHeaders(config.serve),
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(placeholder && { placeholder }),
  })
}
