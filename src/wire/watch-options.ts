import type { ServeRunOptions } from './serve-options.ts'

/** Where a worker hears of originals. */
export type WatchFeed =
  /** The URI of a queue. */
  | { readonly kind: 'queue'; readonly uri: string; readonly door?: WatchDoor }
  | { readonly kind: 'door'; readonly door: WatchDoor }
  /** The folders that originals lie in. */
  | { readonly kind: 'folders' }

/** Where events are pushed to by HTTP, and with what token. */
export interface WatchDoor {
  readonly host: string
  readonly port: number
  readonly token: string
}

/** What the command line tells a worker. */
export interface WatchRunOptions extends Omit<ServeRunOptions, 'port' | 'host' | 'mount' | 'workers'> {
  readonly feed: WatchFeed
}

/** How a worker has ended that was told to. */
export type WatchEnd =
  /** What was under way is stored and recorded, and the rest given back. */
  | 'drained'
  /** Not in time: what was under way is given back too. */
  | 'late'
