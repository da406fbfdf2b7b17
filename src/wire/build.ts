import { build } from '../app/build.ts'
import type { Tell } from '../app/event.ts'
import type { Forcing } from '../app/forced.ts'
import type { FactsListener } from '../app/images.ts'
import { type WarmInput, warm } from '../app/warm/warm.ts'
import type { Config } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Renderer } from '../render/port.ts'
import type { AgainChoices } from './plan.ts'
import type { Project, RendererBounds } from './project.ts'
import type { ScopeOptions } from './scope.ts'

/** What work on a project may take, and who hears of it. */
export interface WorkOptions {
  readonly bounds: RendererBounds
  readonly tell: Tell
  /** Ends the taking of new sources; what is in flight is finished and stored. */
  readonly stop?: AbortSignal
}

export interface BuildOptions extends WorkOptions, ScopeOptions {
  readonly again?: AgainChoices
  /** Of one by `again.force`: see `ForcedRunInput.forcing`. */
  readonly forcing?: Forcing
  readonly facts?: FactsListener
}

/** Makes every result that is missing or out of date. Throws where a listing or the ledger fails. */
export const buildProject = (project: Project, options: BuildOptions): Promise<void> => {
  const { again, forcing, facts } = options
  return withRenderer(project, options, (renderer) =>
    build({
      ...project.planInput({ ...options, choices: { ...again, encoderOf: renderer.encoderVersion } }),
      ...toWork(project, renderer, options),
      ...(forcing && { forcing }),
      ...(facts && { facts }),
    }),
  )
}

/**
 * Whose sizes count as made by a build: those of included sources; none in an output that only `serve` fills, which
 * must hold nothing of a build. All that is made ahead there is an extra.
 */
export const isBuilt = ({ include, serve }: Config): ((source: SourceKey) => boolean) =>
  serve.cache === undefined ? compileMatch(include) : () => false

export interface WarmOptions extends WorkOptions {
  /** Whether pages show it, which may want its preview; default no. */
  readonly isForPages?: boolean
  readonly wanted: WarmInput['wanted']
  readonly retryFailed?: boolean
}

/** Makes what is wanted and not there, and looks at nothing else. */
export const warmProject = (
  project: Project,
  { wanted, retryFailed = false, isForPages = false, ...options }: WarmOptions,
): Promise<void> =>
  withRenderer(project, options, (renderer) =>
    warm({
      ...project.planInput({ ...options, choices: { isNarrowed: true, retryFailed } }),
      ...toWork(project, renderer, options),
      isForPages,
      wanted,
    }),
  )

const withRenderer = async (
  project: Project,
  { bounds }: WorkOptions,
  work: (renderer: Renderer) => Promise<void>,
): Promise<void> => {
  const renderer = await project.openRenderer(bounds)
  try {
    await work(renderer)
  } finally {
    await renderer.close()
  }
}

/** Originals that are read ahead may take a quarter of what pictures may, beside that. */
const HELD_SHARE = 4

/** What every work on a project is done with, beside its plan. */
export const toWork = (
  { ledger, shares, forced, keyring, now }: Project,
  renderer: Renderer,
  { bounds, stop }: Pick<WorkOptions, 'bounds' | 'stop'>,
) => ({
  ledger,
  shares,
  forced,
  keyring,
  renderer,
  threads: bounds.threads,
  heldBytes: bounds.memoryBytes / HELD_SHARE,
  now,
  ...(stop && { stop }),
})
