import type { AppEvent } from '../app/event.ts'
import type { Config } from '../config/config.ts'
import type { ConfigInput } from '../config/schema.ts'
import type { Format } from '../core/format.ts'

/** What the functions of `imgsizes/build` take: the flags of the commands, by the names that they have in code. */

export interface OpenOptions {
  /** A configuration, as `imgsizes.config` exports it or `loadConfig` gives it. Default: found as the commands find it. */
  readonly config?: ConfigInput | Config
  /** Where a configuration file is searched for, and what relative paths are relative to. Default: the working folder. */
  readonly cwd?: string
  /** Pictures in work at once, a process each. Default: the CPUs. */
  readonly concurrency?: number
  /** What all pictures in work may take, in bytes. Default: half of what the machine or container may use. */
  readonly memoryBytes?: number
  /** Told of all that happens in every run. It returns at once. */
  readonly onEvent?: (event: AppEvent) => void
}

/** What every run takes. */
export interface RunOptions {
  /** Ends the run: what is in work is finished and stored, and what a report says is what was done. */
  readonly signal?: AbortSignal
  /** Told of all that happens in this run. It returns at once. */
  readonly onEvent?: (event: AppEvent) => void
}

/** Which pictures and results a run is about. Default: all. */
export interface ScopedOptions extends RunOptions {
  /** Sources that match this glob. */
  readonly only?: string
  /** These sources, looked up and not listed. */
  readonly sources?: readonly string[]
  /** One size of the configuration, by name. */
  readonly size?: string
  readonly format?: Format | 'original'
}

/** What is made again though nothing that was asked for has changed. */
export interface PlanOptions extends ScopedOptions {
  /** Makes everything again. */
  readonly force?: boolean
  /** Tries again what failed before. */
  readonly retryFailed?: boolean
  /** What becomes of results of another encoder version. Default: `keep`. */
  readonly encoderChanged?: 'keep' | 'rerender'
}

export interface BuildOptions extends PlanOptions {
  /** A share of the sources: `index` from 1 to `count`. */
  readonly shard?: { readonly index: number; readonly count: number }
}

export interface PruneOptions extends RunOptions {
  /** Counts what would be deleted, and deletes nothing. */
  readonly dryRun?: boolean
  /** Milliseconds since nothing has wanted a result. Default: a week. */
  readonly olderThanMs?: number
  /** Refuses where a larger share of sources would lose all results: 0..1. Default: 0.2. */
  readonly maxShare?: number
  /** Deletes also what no size asks for and `serve` has made. */
  readonly extras?: boolean
  /** Goes on when not a single source is listed. */
  readonly allowEmpty?: boolean
}

export interface VerifyOptions extends ScopedOptions {
  /** Renders again what is bad. */
  readonly repair?: boolean
}

export interface WarmOptions extends RunOptions {
  /** The most wanted so many. */
  readonly limit?: number
  /** Those asked for at least so often. */
  readonly minHits?: number
  /** Path that keys lie under in the logs. Default: that of `baseUrl`. */
  readonly mount?: string
  readonly retryFailed?: boolean
  /** Lists what would be rendered, and renders nothing. */
  readonly dryRun?: boolean
}

export interface UrlOptions extends Pick<RunOptions, 'signal'> {
  readonly size?: string
  readonly format?: Format | 'original' | 'auto'
  /** A transform of one's own in place of the sizes, such as `640w.q80`. */
  readonly transform?: string
  /** When the links end, with `serve.expiring`. */
  readonly expires?: Date
}
