import { createOrigin, type Origin } from '../app/origin/origin.ts'
import type { OriginPartsOptions } from '../app/origin/origin-parts.ts'
import { createFreshOverrides } from '../app/picture-overrides.ts'
import type { Project } from '../wire/project.ts'
import { toGateRules, toNamingRules } from '../wire/request-rules.ts'
import { createHealth } from './health.ts'
import type { Handler } from './http-message.ts'
import { createOriginHandler } from './origin-handler.ts'
import type { PlaceholderPicture } from './problems.ts'
import type { OwnerSide } from './workers/ask-server.ts'

interface HttpOriginOptions
  extends Pick<OriginPartsOptions, 'renderer' | 'threads' | 'memoryBytes' | 'clock' | 'tell'> {
  readonly project: Project
  /** The path above our keys, with "/" at both ends. */
  readonly mount: string
  readonly placeholder?: PlaceholderPicture | undefined
}

/** The origin of a project for HTTP, on a socket or inside another server. */
export interface HttpOrigin extends Pick<Origin, 'load' | 'startDraining' | 'close'> {
  readonly handle: Handler
  /** What it does for worker processes. */
  readonly owner: OwnerSide
}

/** Joins the origin with HTTP. Nothing listens yet. */
export const openHttpOrigin = (options: HttpOriginOptions): HttpOrigin => {
  const { project, renderer, clock, tell } = options
  const origin = openOrigin(options)
  const health = createHealth({
    probe: async (signal) => void (await Promise.all([project.output.probe({ signal }), renderer.probe()])),
    isDraining: () => origin.isDraining,
    clock,
    onFailed: (error) => tell({ kind: 'probe-failed', error }),
  })
  return {
    handle: createOriginHandler({ ...options, ...project, ...origin, health }),
    owner: { ...origin, health },
    get load() {
      return origin.load
    },
    startDraining: origin.startDraining,
    close: origin.close,
  }
}

const openOrigin = ({ project, ...options }: HttpOriginOptions): Origin => {
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
