import type { RequestedKey, RequestRules } from '../app/origin/read-request.ts'
import type { Clock } from '../waiting/clock.ts'
import type { PictureHeaders } from './picture-response.ts'
import { CLIENT_ERROR_MAX_AGE_SECONDS } from './problems.ts'

/** What may depend on the URL of a request. */
export interface UrlOptions extends PictureHeaders {
  /** Of an error that caches may keep; absent: as any other. */
  readonly errorCacheControl?: string
  /** What a redirect needs after the key's path, where links end. */
  readonly queryOf?: (keyText: string) => string
}

export interface UrlRules extends PictureHeaders, Pick<RequestRules, 'expiring'> {
  /** Of answers to the URLs of other image servers, which have no version. */
  readonly foreignCacheControl: string
  readonly clock: Pick<Clock, 'now'>
}

const LONGEST_PRIVATE_SECONDS = 86_400

/**
 * What holds for the answer to a URL that is sent now. Where the link ends, the answer lives no longer than that, in
 * nobody else's cache, and names no key that would.
 */
export const forUrl = <T extends UrlRules>(
  { expires, foreign }: Pick<RequestedKey, 'expires' | 'foreign'>,
  rules: T,
): T & UrlOptions => {
  if (expires === undefined)
    return foreign === undefined ? rules : { ...rules, cacheControl: rules.foreignCacheControl }
  const { expiring } = rules
  const cacheControl = privately(expires, LONGEST_PRIVATE_SECONDS, rules)
  return {
    ...rules,
    cacheControl,
    autoCacheControl: cacheControl,
    errorCacheControl: privately(expires, CLIENT_ERROR_MAX_AGE_SECONDS, rules),
    namesKey: false,
    ...(expiring && { queryOf: (movedTo: string) => `?${expiring.queryOf(movedTo, expires)}` }),
  }
}

const privately = (expires: number, mostSeconds: number, { clock }: Pick<UrlRules, 'clock'>): string => {
  const leftSeconds = Math.max(0, expires - Math.ceil(clock.now() / 1000))
  return `private, max-age=${Math.min(leftSeconds, mostSeconds)}`
}
