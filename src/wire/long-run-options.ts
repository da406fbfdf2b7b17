import type { Config } from '../config/config.ts'
import type { AccessLog } from './warm.ts'

/** The options of `serve` from the command line, which the configuration does not have. */
export interface ServeRunOptions {
  readonly config: Config
  /** 0 means any free port. */
  readonly port: number
  readonly host: string
  /** The path above keys, with "/" at both ends; undefined: that of `baseUrl`. */
  readonly mount?: string | undefined
  /** The port of metrics for Prometheus; undefined: none. */
  readonly metricsPort?: number | undefined
  readonly metricsHost: string
  /** How many processes answer. With only one, the same process also renders. */
  readonly workers: number
  /** How many renders run at once, each in a process. */
  readonly threads: number
  /** The limit of decoded bytes in memory, as predicted. */
  readonly memoryBytes: number
  readonly programVersion: string
  /** Whether the log is JSON, one object a line. */
  readonly json: boolean
  /** Whether only errors are logged. */
  readonly quiet: boolean
  readonly verbose: boolean
}

/** How a server ended that was told to end. */
export type ServeEnd =
  /** Everything was answered, stored and recorded in time. */
  | 'drained'
  /** Some answered pictures were not stored, or not recorded. */
  | 'lost'
  /** Nothing is lost, but some requests were cut off. */
  | 'late'

/** How a worker learns of changed originals. */
export type WatchFeed =
  | { readonly kind: 'queue'; readonly uri: string; readonly webhook?: WebhookAddress }
  | { readonly kind: 'webhook'; readonly webhook: WebhookAddress }
  /** It follows the folders of originals. */
  | { readonly kind: 'folders' }

/** Where events are pushed by HTTP, and with what token. */
export interface WebhookAddress {
  readonly host: string
  readonly port: number
  readonly token: string
}

/** The options of a worker from the command line. */
export interface WatchRunOptions extends Omit<ServeRunOptions, 'port' | 'host' | 'mount' | 'workers'> {
  readonly feed: WatchFeed
}

/** How a worker ended that was told to end. */
export type WatchEnd =
  /** Work that had begun is stored and recorded; everything else was given back. */
  | 'drained'
  /** The time was over: unfinished work was given back, too. */
  | 'late'

/** The options of the studio from the command line. */
export interface StudioRunOptions
  extends Pick<
    ServeRunOptions,
    'config' | 'port' | 'threads' | 'memoryBytes' | 'programVersion' | 'json' | 'quiet' | 'verbose'
  > {
  /** A log that tells what visitors asked for. */
  readonly log?: AccessLog
}

/**
 * Runs the origin until `stop` aborts, and drains it. Provided by `src/main.ts`, because `cli/` and `http/` do not
 * know each other.
 */
export type ServeRunner = (options: ServeRunOptions, stop: AbortSignal) => Promise<ServeEnd>

/** Runs a worker until `stop` aborts. Provided by `src/main.ts`, as the origin is. */
export type WatchRunner = (options: WatchRunOptions, stop: AbortSignal) => Promise<WatchEnd>

/** Runs the studio until `stop` aborts. Provided by `src/main.ts`, as the origin is. */
export type StudioRunner = (options: StudioRunOptions, stop: AbortSignal) => Promise<'drained'>
