import type { RequestedKey } from '../app/origin/name-key.ts'
import type { RequestRules } from '../app/origin/read-request.ts'
import type { Clock } from '../waiting/clock.ts'
import type { PictureHeaders } from './picture-response.ts'
import { CLIENT_ERROR_MAX_AGE_SECONDS } from './problems.ts'

/** What may depend on the URL of a request. */
export interface AnswerHeaders extends PictureHeaders {
  /** The `Cache-Control` of an error that caches may keep; undefined: as for any other. */
  readonly errorCacheControl?: string
  /** The query that a redirect needs, where links expire. */
  readonly queryOf?: (keyText: string) => string
}

/** What decides how long answers to a URL may be cached. */
export interface UrlRules extends PictureHeaders, Pick<RequestRules, 'expiring'> {
  /** The `Cache-Control` of answers to URLs of other image servers, which have no version. */
  readonly foreignCacheControl: string
  readonly clock: Pick<Clock, 'date'>
}

const LONGEST_PRIVATE_SECONDS = 86_400

/**
 * The options for an answer that is sent now. Where the link expires, the answer is cached no longer than that, and not
 * by shared caches, and does not name the key, which does not expire.
 */
export const forUrl = <T extends UrlRules>(
  { expires, foreign }: Pick<RequestedKey, 'expires' | 'foreign'>,
  rules: T,
): T & AnswerHeaders => {
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
  const leftSeconds = Math.max(0, expires - Math.ceil(clock.date() / 1000))
  return `private, max-age=${Math.min(leftSeconds, mostSeconds)}`
}
