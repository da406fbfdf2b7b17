import { build } from '../app/batch/build.ts'
import type { Forcing } from '../app/batch/forced.ts'
import type { Tell } from '../app/event.ts'
import type { FactsListener } from '../app/site/images.ts'
import { type WarmInput, warm } from '../app/warm/warm.ts'
import type { Config } from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { Renderer } from '../render/port.ts'
import { systemClock } from '../waiting/system-clock.ts'
import type { AgainChoices } from './plan.ts'
import { type Project, type RendererBounds, type ScopeOptions, withRenderer } from './project.ts'

/** What work on a project may use, and who is told about it. */
export interface WorkOptions {
  readonly bounds: RendererBounds
  readonly tell: Tell
  /** Once aborted, no new source is begun; the work that runs is finished and stored. */
  readonly stop?: AbortSignal | undefined
}

interface ProjectBuildOptions extends WorkOptions, ScopeOptions {
  readonly again?: AgainChoices
  /** For a build by `again.force`: see `ForcedRunInput.forcing`. */
  readonly forcing?: Forcing | undefined
  readonly facts?: FactsListener | undefined
}

/** Makes every result that is missing or out of date. Throws where a listing or the ledger fails. */
export const buildProject = (project: Project, options: ProjectBuildOptions): Promise<void> => {
  const { again, forcing, facts } = options
  return withRenderer(project, options.bounds, (renderer) =>
    build({
      ...project.planInput({ ...options, choices: { ...again, encoderOf: renderer.encoderVersion } }),
      ...toWork(project, renderer, options),
      forcing,
      facts,
    }),
  )
}

/**
 * Whether the sizes of a source count as made by a build: for included sources. Not in an output that only `serve`
 * fills, which must have no results of a build: everything made ahead there is an extra.
 */
export const isBuilt = ({ include, serve }: Config): ((source: SourceKey) => boolean) =>
  serve.cache === undefined ? compileMatch(include) : () => false

interface ProjectWarmOptions extends WorkOptions {
  /** Whether pages show the results, which may then need previews; default no. */
  readonly isForPages?: boolean
  readonly wanted: WarmInput['wanted']
  readonly retryFailed?: boolean
}

/** Makes results that are wanted and missing; other results are not looked at. */
export const warmProject = (
  project: Project,
  { wanted, retryFailed = false, isForPages = false, ...options }: ProjectWarmOptions,
): Promise<void> =>
  withRenderer(project, options.bounds, (renderer) =>
    warm({
      ...project.planInput({ ...options, choices: { isNarrowed: true, retryFailed } }),
      ...toWork(project, renderer, options),
      isForPages,
      wanted,
    }),
  )

/** Originals that are read ahead may take a quarter of the memory of renders, in addition to it. */
const HELD_SHARE = 4

/** What any work on a project needs in addition to its plan. */
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
  ticks: systemClock.now,
  stop,
})
