import type { AppEvent } from '../app/event.ts'
import type { Config } from '../config/config.ts'
import type { ConfigInput } from '../config/config-input.ts'
import type { Format } from '../core/format.ts'

/** The options of the functions of `imgsizes/build`: the flags of the commands, with names for code. */

/** Which project is opened, and what it may use. */
export interface OpenOptions {
  /** A configuration, as `imgsizes.config` exports it or `loadConfig` gives it. Default: found as the commands find it. */
  readonly config?: ConfigInput | Config
  /** Where a configuration file is searched for, and what relative paths are relative to. Default: the working folder. */
  readonly cwd?: string
  /** How many pictures are worked on at once, each in a process. Default: the number of CPUs. */
  readonly concurrency?: number
  /** Memory for all pictures that are worked on, in bytes. Default: half of what the machine or container may use. */
  readonly memoryBytes?: number
  /** Called with every event of every run. It must return at once. */
  readonly onEvent?: (event: AppEvent) => void
}

/** The options of every run. */
export interface RunOptions {
  /** Ends the run early: work that runs is finished and stored, and the report says what was done. */
  readonly signal?: AbortSignal
  /** Called with every event of this run. It must return at once. */
  readonly onEvent?: (event: AppEvent) => void
}

/** Which pictures and results a run works on. Default: all. */
export interface ScopedOptions extends RunOptions {
  /** Sources that match this glob. */
  readonly only?: string
  /** Only these sources, which are looked up instead of listed. */
  readonly sources?: readonly string[]
  /** One size of the configuration, by name. */
  readonly size?: string
  readonly format?: Format | 'original'
}

/** What is made again although it exists and is current. */
export interface PlanOptions extends ScopedOptions {
  /** Makes everything again. */
  readonly force?: boolean
  /** Tries failed sources again. */
  readonly retryFailed?: boolean
  /** What to do with results of another encoder version. Default: `keep`. */
  readonly encoderChanged?: 'keep' | 'rerender'
}

/** The options of `build`. */
export interface BuildOptions extends PlanOptions {
  /** A share of the sources: `index` from 1 to `count`. */
  readonly shard?: { readonly index: number; readonly count: number }
}

/** The options of `prune`, and its guards. */
export interface PruneOptions extends RunOptions {
  /** Counts what would be deleted, and deletes nothing. */
  readonly dryRun?: boolean
  /** How long a result must have been unwanted, in milliseconds. Default: a week. */
  readonly olderThanMs?: number
  /** Refuses to delete where a larger share of sources would lose all results: 0..1. Default: 0.2. */
  readonly maxShare?: number
  /** Also deletes results that `serve` made and no size asks for. */
  readonly extras?: boolean
  /** Deletes even if no source is listed at all. */
  readonly allowEmpty?: boolean
}

/** The options of `verify`. */
export interface VerifyOptions extends ScopedOptions {
  /** Renders bad results again. */
  readonly repair?: boolean
}

/** The options of `warm`. */
export interface WarmOptions extends RunOptions {
  /** Only so many results, those that are asked for most. */
  readonly limit?: number
  /** Only results that were asked for at least so often. */
  readonly minHits?: number
  /** The path above keys in the logs. Default: that of `baseUrl`. */
  readonly mount?: string
  readonly retryFailed?: boolean
  /** Lists what would be rendered, and renders nothing. */
  readonly dryRun?: boolean
}

/** Which URLs of a source are signed. */
export interface UrlOptions extends Pick<RunOptions, 'signal'> {
  readonly size?: string
  readonly format?: Format | 'original' | 'auto'
  /** A transform to use instead of the sizes, such as `640w.q80`. */
  readonly transform?: string
  /** When the links expire, with `serve.expiring`. */
  readonly expires?: Date
}
