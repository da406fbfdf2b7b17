import { createLogUrlReader, type ReadLogUrl } from '../app/warm/read-log-url.ts'
import { openForeign } from './dialects.ts'
import { openExpiringLinks } from './expiring-links.ts'
import type { Project } from './project.ts'
import { toGateRules, toNamingRules } from './request-rules.ts'

export interface LogUrlOptions {
  /** Path that our own keys lie under, "/" at both ends. */
  readonly mount: string
  /** Seconds since 1970: links that end are over, or not, by this time. */
  readonly now: number
}

/** Reads the URLs of logs as `serve` would read them now. */
export const openLogUrls = (
  project: Pick<Project, 'config' | 'keyring' | 'output'>,
  { mount, now }: LogUrlOptions,
): ReadLogUrl => {
  const { config } = project
  return createLogUrlReader({
    ...toNamingRules(project),
    ...toGateRules(config),
    ...openExpiringLinks(config),
    resolveForeign: openForeign(project, mount),
    mount,
    outputPrefix: config.output.kind === 's3' ? config.output.prefix : '',
    now,
  })
}
