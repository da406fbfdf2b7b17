import type { Config } from '../config/config.ts'

/** The options of `serve` from the command line, which the configuration does not have. */
export interface ServeRunOptions {
  readonly config: Config
  /** 0 means any free port. */
  readonly port: number
  readonly host: string
  /** The path above keys, with "/" at both ends; undefined: that of `baseUrl`. */
  readonly mount?: string
  /** The port of metrics for Prometheus; undefined: none. */
  readonly metricsPort?: number
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
