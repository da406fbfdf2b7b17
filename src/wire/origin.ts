import { createOrigin, type Origin } from '../app/origin/origin.ts'
import type { OriginPartsOptions } from '../app/origin/origin-parts.ts'
import { createFreshOverrides } from './fresh-overrides.ts'
import type { Project } from './project.ts'
import { toGateRules, toNamingRules } from './request-rules.ts'

/** A project, and what its origin may use. */
export interface ProjectOriginOptions
  extends Pick<OriginPartsOptions, 'renderer' | 'threads' | 'memoryBytes' | 'clock' | 'tell'> {
  readonly project: Project
}

/** The origin of a project. */
export const openProjectOrigin = ({ project, ...options }: ProjectOriginOptions): Origin => {
  const { config, overrides } = project
  const readOverride = createFreshOverrides(overrides, options.clock)
  const mayChange = config.overrides !== undefined || config.sidecars
  const gate = toGateRules(config, overrides, mayChange ? readOverride : undefined)
  return createOrigin({
    ...project,
    ...options,
    ledgerNow: project.now,
    expectation: project.expect(),
    readOverride,
    naming: toNamingRules(project),
    rules: { ...gate, encoding: project.encodingOf(config.serve.encoders) },
  })
}
