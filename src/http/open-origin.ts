import type { TellAnswer } from '../app/origin/event.ts'
import type { OriginLoad } from '../app/origin/origin.ts'
import { Problem } from '../core/problem.ts'
import type { Renderer } from '../render/port.ts'
import type { Clock } from '../waiting/clock.ts'
import { openProjectOrigin } from '../wire/origin.ts'
import type { Project } from '../wire/project.ts'
import { createHealth } from './health.ts'
import type { Handler } from './message.ts'
import { createOriginHandler } from './origin-handler.ts'
import type { Placeholder } from './problems.ts'
import type { OwnerSide } from './workers/ask-server.ts'

export interface HttpOriginOptions {
  readonly project: Project
  readonly renderer: Renderer
  /** Path that keys lie under, "/" at both ends. */
  readonly mount: string
  /** Renders at once. */
  readonly threads: number
  /** What renders may take at once; originals and results on their way to the store take a part of that beside it. */
  readonly memoryBytes: number
  readonly placeholder?: Placeholder
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** The origin of a project as HTTP asks it, by a socket or within another server. */
export interface HttpOrigin {
  readonly handle: Handler
  /** What it does for processes that answer beside it. */
  readonly owner: OwnerSide
  readonly load: OriginLoad
  /** Begins no more renders and is not ready; what is under way goes on. */
  startDraining(): void
  /** Stores what was rendered and records it; rejects where `signal` aborts first. The stores stay open. */
  close(signal: AbortSignal): Promise<void>
}

export const openHttpOrigin = (options: HttpOriginOptions): HttpOrigin => {
  const { project, renderer, clock, tell } = options
  const origin = openProjectOrigin(options)
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

/** A mount as somebody wrote it: "/" at both ends. */
export const toMount = (text: string): string => {
  if (!text.startsWith('/') || /[?#\s]/.test(text))
    throw new Problem(
      'config-invalid',
      `The mount is ${JSON.stringify(text)}; allowed: a path such as /img/.`,
    )
  return text.endsWith('/') ? text : `${text}/`
}
