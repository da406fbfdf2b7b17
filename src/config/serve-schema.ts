import * as z from 'zod'
import { encodersSchema } from './encoders-schema.ts'
import {
  boolean,
  bytes,
  choice,
  duration,
  headerValue,
  list,
  object,
  share,
  wholeNumber,
} from './schema-values.ts'

const ORIGINS_ALLOWED = "'*', or origins such as 'https://example.com'"
const origin = z
  .string({ error: ORIGINS_ALLOWED })
  .refine((text) => text === '*' || isOrigin(text), { error: ORIGINS_ALLOWED })

/** As browsers write it: scheme, host, port; in lower case, with nothing after it. */
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text

const origins = z
  .union([origin.transform((text) => [text]), list(origin, ORIGINS_ALLOWED)], { error: ORIGINS_ALLOWED })
  .transform((texts) => (texts.includes('*') ? ('*' as const) : texts))

const PROXIES_ALLOWED = 'true, false, or how many proxies'

/** The options of `imgsizes serve`. */
export const serveSchema = object({
  /** Any signed transform, or with `'configured'` only those that `sizes` ask for. Default `'signed'`. */
  allow: choice(['signed', 'configured']).prefault('signed'),
  /**
   * Whether every URL needs a token that expires, `?expires=…&token=…`; without it the answer is 403. The bucket or
   * folder must then be closed to others, because stored results could be read without a token. Default `false`.
   * @see Links that expire, docs/guides/expiring-links.md
   */
  expiring: boolean.prefault(false),
  /**
   * A miss has the source's other configured results made in the background; `'one'`: only what was asked. Default
   * `'siblings'`.
   */
  fill: choice(['siblings', 'one']).prefault('siblings'),
  /**
   * Cheaper encoding for a miss, on top of `encoders`; the next `build` replaces what it made. Default
   * `{ jpeg: { mozjpeg: false, progressive: false, search: false }, webp: { search: false }, avif: { effort: 1, search: false } }`.
   */
  encoders: encodersSchema.optional(),
  /** A picture file: the body of 404 and 422 answers, whose status stays as it is. Default: a problem as JSON. */
  placeholder: z
    .string({ error: 'a picture file' })
    .regex(/\.(?:svg|png|jpe?g|webp|avif|gif)$/i, {
      error: 'a file that ends in .svg, .png, .jpg, .webp, .avif or .gif',
    })
    .optional(),
  /** Origins whose scripts may read pictures: `'*'`, one such as `https://example.com`, or several. Default: none. */
  cors: origins.optional(),
  /** Origins whose scripts may see how long pictures took. Default: none. */
  timingAllowOrigin: origins.optional(),
  /** The Cache-Control header of `.auto` answers. Default `'private, max-age=86400'`. */
  autoCacheControl: headerValue.prefault('private, max-age=86400'),
  /**
   * For an output folder that only `serve` fills: deletes what was least recently asked for. `build` and `verify
   * --repair` refuse to write there. Default: keeps all.
   */
  cache: object({
    /** Bytes, or a text such as `20GB`: beyond it, or once the disk is full, what was not asked for longest is deleted. */
    maxBytes: bytes,
    /** What nobody asked for during this time is deleted. Default `'14d'`. */
    inactive: duration.prefault('14d'),
  }).optional(),
  /** How much is logged. Default: as below. */
  log: object({
    /** `error`, `warn`, `info`, which has a line for every request, or `debug`. Default `'info'`. */
    level: choice(['error', 'warn', 'info', 'debug']).prefault('info'),
    /** The share of requests that are logged, 0..1; those that end in an error are always logged. Default `1`. */
    sample: share.prefault(1),
  }).prefault({}),
  /** Requests that may wait for a render. Default: as below. */
  queue: object({
    /** How many may wait; one more is answered 503 at once. Default `100`. */
    length: wholeNumber(0, 100_000).prefault(100),
    /**
     * How long one may wait: for room for its original, reading the header, a thread, memory. Default `'10s'`.
     */
    timeout: duration.prefault('10s'),
  }).prefault({}),
  /** Proxies in front that add to X-Forwarded-For: `true` for one, or how many. Default `false`. */
  trustProxy: z
    .union([boolean.transform(Number), wholeNumber(0, 100)], { error: PROXIES_ALLOWED })
    .prefault(false),
  /** The time limits of connections, and of the shutdown. Default: as below. */
  timeouts: object({
    /**
     * How long an idle connection is kept. Longer than the 60 s of load balancers: otherwise one may close during a
     * request. Default `'65s'`.
     */
    keepAlive: duration.prefault('65s'),
    /** How long the head of a request may take to arrive. Default `'10s'`. */
    headers: duration.prefault('10s'),
    /** How long open requests and uploads may take to end after SIGTERM. Default `'25s'`. */
    drain: duration.prefault('25s'),
  }).prefault({}),
})
