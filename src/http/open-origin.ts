import type { Origin } from '../app/origin/origin.ts'
import { openProjectOrigin, type ProjectOriginOptions } from '../wire/origin.ts'
import { createHealth } from './health.ts'
import type { Handler } from './http-message.ts'
import { createOriginHandler } from './origin-handler.ts'
import type { PlaceholderPicture } from './problems.ts'
import type { OwnerSide } from './workers/ask-server.ts'

/** A project, and what its origin may use. */
export interface HttpOriginOptions extends ProjectOriginOptions {
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
