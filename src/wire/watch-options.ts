import type { ServeRunOptions } from './serve-options.ts'

/** How a worker learns of changed originals. */
export type WatchFeed =
  /** The URI of a queue. */
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
