import type { Config } from '../config/config.ts'
import type { Keyring } from '../url/keyring.ts'
import { openForeign } from '../wire/dialects.ts'
import { openExpiringLinks } from '../wire/request-rules.ts'
import { createCommonHeaders } from './common-headers.ts'
import { createRequestHandler, type HandlerOptions } from './handler.ts'
import type { Handler } from './http-message.ts'

interface OriginHandlerOptions
  extends Pick<HandlerOptions, 'answerer' | 'outgoing' | 'health' | 'mount' | 'placeholder' | 'clock'> {
  readonly config: Config
  readonly keyring: Keyring
}

/** The handler of a configuration, in the process that renders or in a worker. */
export const createOriginHandler = (options: OriginHandlerOptions): Handler => {
  const { config } = options
  return createRequestHandler({
    ...options,
    ...openExpiringLinks(config),
    resolveForeign: openForeign(options),
    cacheControl: config.cacheControl,
    foreignCacheControl: config.foreignCacheControl,
    autoCacheControl: config.serve.autoCacheControl,
    commonHeaders: createCommonHeaders(config.serve),
  })
}
