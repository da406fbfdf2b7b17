import * as z from 'zod'
import { type EncodersInput, encodersSchema } from './encoders-schema.ts'
import {
  boolean,
  bytes,
  choice,
  duration,
  type Fields,
  headerValue,
  list,
  object,
  wholeNumber,
} from './schema-values.ts'

/** The options of `imgsizes serve`. */
export interface ServeInput {
  /** `signed`: any valid transform; `configured`: only those that `sizes` ask for. Default `signed`. */
  readonly allow?: 'signed' | 'configured' | undefined
  /**
   * Whether every URL needs a token that expires, `?expires=…&token=…`; without it the answer is 403. The bucket or
   * folder must then be closed to others, because stored results could be read without a token. Default false.
   */
  readonly expiring?: boolean | undefined
  /** What a miss makes: this result and the others of its source, or only this one. Default `siblings`. */
  readonly fill?: 'siblings' | 'one' | undefined
  /**
   * Faster encoding for a miss; changes `encoders`. Default
   * `{ jpeg: { mozjpeg: false, progressive: false }, avif: { effort: 1 } }`.
   */
  readonly encoders?: EncodersInput | undefined
  /** A picture file: the body of 404 and 422 answers, which keep their status. Default: a problem as JSON. */
  readonly placeholder?: string | undefined
  /** Origins whose scripts may read pictures (Access-Control-Allow-Origin). Default: none. */
  readonly cors?: OriginsInput | undefined
  /** Origins whose scripts may see how long pictures took (Timing-Allow-Origin). Default: none. */
  readonly timingAllowOrigin?: OriginsInput | undefined
  /** Cache-Control of `.auto` answers. Default `private, max-age=86400`. */
  readonly autoCacheControl?: string | undefined
  /** For an output folder that only `serve` fills: deletes what was not asked for longest. Default: keeps all. */
  readonly cache?: CacheInput | undefined
  /** How much is logged. Default: a line for every request. */
  readonly log?: LogInput | undefined
  /** How many requests may wait for a render, and for how long. Default 100, `10s`. */
  readonly queue?: QueueInput | undefined
  /** Proxies in front that add to X-Forwarded-For: true for one, or how many. Default false. */
  readonly trustProxy?: boolean | number | undefined
  /** The time limits of connections, of a request's head, and of the shutdown. Default: see `TimeoutsInput`. */
  readonly timeouts?: TimeoutsInput | undefined
}

/** `*`, one origin such as `https://example.com`, or several. */
type OriginsInput = string | readonly string[]

/** The bounds of a folder that only `serve` fills. */
export interface CacheInput {
  /** Bytes, or a text such as `20GB`: beyond it, what was not asked for longest is deleted. */
  readonly maxBytes: number | string
  /** What nobody asked for during this time is deleted. Default `14d`. */
  readonly inactive?: string | undefined
}

/** How much `serve` logs. */
export interface LogInput {
  /** Default `info`, which has a line for every request. */
  readonly level?: 'error' | 'warn' | 'info' | 'debug' | undefined
  /** The share of requests that are logged, 0..1; those that end in an error are always logged. Default 1. */
  readonly sample?: number | undefined
}

/** Requests that wait for a render. */
export interface QueueInput {
  /** How many may wait; the next is answered 503 at once. Default 100. */
  readonly length?: number | undefined
  /** How long one may wait. Default `10s`. */
  readonly timeout?: string | undefined
}

/** The time limits of connections, and of the shutdown. */
export interface TimeoutsInput {
  /** How long an idle connection is kept. Default `65s`. */
  readonly keepAlive?: string | undefined
  /** How long the head of a request may take to arrive. Default `10s`. */
  readonly headers?: string | undefined
  /** How long open requests and uploads may take to end after SIGTERM. Default `25s`. */
  readonly drain?: string | undefined
}

const ORIGINS_ALLOWED = "'*', or origins such as 'https://example.com'"
const origin = z.string({ error: ORIGINS_ALLOWED }).refine((text) => text === '*' || isOrigin(text), {
  error: ORIGINS_ALLOWED,
})

/** As browsers write it: scheme, host, port; in lower case, with nothing after it. */
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text

const origins = z
  .union([origin.transform((text) => [text]), list(origin, ORIGINS_ALLOWED)], { error: ORIGINS_ALLOWED })
  .transform((texts) => (texts.includes('*') ? ('*' as const) : texts))

const SHARE_ALLOWED = 'a number 0..1'
const share = z
  .number({ error: SHARE_ALLOWED })
  .min(0, { error: SHARE_ALLOWED })
  .max(1, { error: SHARE_ALLOWED })

const PROXIES_ALLOWED = 'true, false, or how many proxies'

/** The options of `serve`, field by field. */
export const serveSchema = object({
  allow: choice(['signed', 'configured']).optional(),
  expiring: boolean.optional(),
  fill: choice(['siblings', 'one']).optional(),
  encoders: encodersSchema.optional(),
  placeholder: z
    .string({ error: 'a picture file' })
    .regex(/\.(?:svg|png|jpe?g|webp|avif|gif)$/i, {
      error: 'a file that ends in .svg, .png, .jpg, .webp, .avif or .gif',
    })
    .optional(),
  cors: origins.optional(),
  timingAllowOrigin: origins.optional(),
  autoCacheControl: headerValue.optional(),
  cache: object({ maxBytes: bytes, inactive: duration.optional() } satisfies Fields<CacheInput>).optional(),
  log: object({
    level: choice(['error', 'warn', 'info', 'debug']).optional(),
    sample: share.optional(),
  } satisfies Fields<LogInput>).optional(),
  queue: object({
    length: wholeNumber(0, 100_000).optional(),
    timeout: duration.optional(),
  } satisfies Fields<QueueInput>).optional(),
  trustProxy: z
    .union([boolean.transform(Number), wholeNumber(0, 100)], { error: PROXIES_ALLOWED })
    .optional(),
  timeouts: object({
    keepAlive: duration.optional(),
    headers: duration.optional(),
    drain: duration.optional(),
  } satisfies Fields<TimeoutsInput>).optional(),
} satisfies Fields<ServeInput>)
