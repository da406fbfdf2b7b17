import type { TellAnswer } from '../app/origin/event.ts'
import { createOrigin, type Origin } from '../app/origin/origin.ts'
import type { Renderer } from '../render/port.ts'
import type { Clock } from '../waiting/clock.ts'
import type { Project } from './project.ts'
import { toGateRules, toNamingRules } from './request-rules.ts'

/** A project, and what its origin may use. */
export interface ProjectOriginOptions {
  readonly project: Project
  readonly renderer: Renderer
  /** How many renders run at once. */
  readonly threads: number
  readonly memoryBytes: number
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** The origin of a project. */
export const openProjectOrigin = ({ project, ...options }: ProjectOriginOptions): Origin => {
  const { config } = project
  return createOrigin({
    ...project,
    ...options,
    ledgerNow: project.now,
    expectation: project.expect(),
    naming: toNamingRules(project),
    rules: { ...toGateRules(config), encoding: project.encodingOf(config.serve.encoders) },
  })
}
