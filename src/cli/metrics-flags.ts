import { VALUE } from './common-flags.ts'
import type { Flags } from './flags.ts'
import { UsageError } from './usage-error.ts'

/** Where Prometheus finds metrics. */
export interface MetricsFlags {
  readonly metricsPort?: number
  readonly metricsHost: string
}

export const PORT = { min: 0, max: 65_535 } as const

const GROUP = 'Where to listen:'

export const METRICS_OPTIONS = {
  'metrics-port': { ...VALUE, group: GROUP, describe: 'Prometheus metrics here; default: nowhere' },
  'metrics-host': { ...VALUE, group: GROUP, describe: 'Default 127.0.0.1, this machine alone' },
} as const

/** Who reads metrics learns what a site shows, and how well it copes: nobody from outside, unless somebody says so. */
export const readMetricsFlags = (flags: Flags): MetricsFlags => {
  const metricsPort = flags.wholeNumber('metrics-port', PORT)
  const host = flags.text('metrics-host')
  if (host !== undefined && metricsPort === undefined)
    throw new UsageError('--metrics-host is given, but no --metrics-port: there are no metrics without it')
  return { metricsHost: host ?? '127.0.0.1', ...(metricsPort !== undefined && { metricsPort }) }
}
