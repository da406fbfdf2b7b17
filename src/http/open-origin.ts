import type { TellAnswer } from '../app/origin/event.ts'
import type { OriginLoad } from '../app/origin/origin.ts'
import type { Renderer } from '../render/port.ts'
import type { Clock } from '../waiting/clock.ts'
import { openProjectOrigin } from '../wire/origin.ts'
import type { Project } from '../wire/project.ts'
import { createHealth } from './health.ts'
import type { Handler } from './message.ts'
import { createOriginHandler } from './origin-handler.ts'
import type { Placeholder } from './problems.ts'
import type { OwnerSide } from './workers/ask-server.ts'

/** A project, and what its origin may use. */
export interface HttpOriginOptions {
  readonly project: Project
  readonly renderer: Renderer
  /** The path above our keys, with "/" at both ends. */
  readonly mount: string
  /** How many renders run at once. */
  readonly threads: number
  /** Memory that all renders together may take; originals and results take a share of the same size in addition. */
  readonly memoryBytes: number
  readonly placeholder?: Placeholder
  readonly clock: Clock
  readonly tell: TellAnswer
}

/** The origin of a project for HTTP, on a socket or inside another server. */
export interface HttpOrigin {
  readonly handle: Handler
  /** What it does for worker processes. */
  readonly owner: OwnerSide
  readonly load: OriginLoad
  /** Begins no more renders and is not ready; work that has begun goes on. */
  startDraining(): void
  /** Stores and records what was rendered; rejects where `signal` aborts first. The stores stay open. */
  close(signal: AbortSignal): Promise<void>
}

/** Joins the origin with HTTP. Nothing listens yet. */
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
