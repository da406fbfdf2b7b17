import type { Config } from '../config/config.ts'

/** What the command line tells the origin: what is not in the configuration. */
export interface ServeRunOptions {
  readonly config: Config
  /** 0 takes any free one. */
  readonly port: number
  readonly host: string
  /** Path that the keys lie under, "/" at both ends; absent, that of `baseUrl`. */
  readonly mount?: string
  /** Where Prometheus finds metrics; absent, nowhere. */
  readonly metricsPort?: number
  readonly metricsHost: string
  /** Processes that answer; where there is but one, it is the one that renders are asked of, too. */
  readonly workers: number
  /** Renders at once, a process each. */
  readonly threads: number
  /** Predicted decoded bytes in flight. */
  readonly memoryBytes: number
  readonly programVersion: string
  /** Log as JSON, one object a line. */
  readonly json: boolean
  /** Log errors only. */
  readonly quiet: boolean
  readonly verbose: boolean
}

/** How a server has ended that was told to. */
export type ServeEnd =
  /** All was answered, stored and recorded in time. */
  | 'drained'
  /** Something that was answered is not stored, or not recorded. */
  | 'lost'
  /** Nothing is lost, but somebody was cut off. */
  | 'late'
