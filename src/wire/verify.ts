import { build } from '../app/build.ts'
import type { Tell } from '../app/event.ts'
import type { VerifyOutcome } from '../app/reports.ts'
import { type BadResult, verify } from '../app/verify.ts'
import { asProblem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { compareSources } from '../plan/source-order.ts'
import type { Renderer } from '../render/port.ts'
import { narrowResults } from './narrow-results.ts'
import type { Project, RendererBounds } from './project.ts'
import type { ScopeOptions } from './scope.ts'

export interface VerifyOptions extends ScopeOptions {
  /** Renders again what is bad. Default: false. */
  readonly repair?: boolean
  readonly bounds: RendererBounds
  readonly tell: Tell
  readonly signal?: AbortSignal
}

/** Reads back the stored results of the scope, and says which are bad; with `repair` those are made again. */
export const verifyProject = async (project: Project, options: VerifyOptions): Promise<VerifyOutcome> => {
  const { bounds, repair: isRepair = false, signal } = options
  const renderer = await project.openRenderer(bounds)
  try {
    const input = toPlanInput(project, renderer, options)
    const { checked, bad } = await verify({
      ...input,
      threads: bounds.threads,
      ...(signal && { signal }),
    })
    const left = isRepair && bad.length > 0 ? await repair(bad, { project, input, options }) : bad
    return { checked, bad, left, isRepair }
  } finally {
    await renderer.close()
  }
}

const toPlanInput = (
  project: Project,
  renderer: Renderer,
  { narrowing, selection, tell }: VerifyOptions,
) => ({
  ...project.planInput({
    ...(narrowing && { narrowing }),
    ...(selection && { selection }),
    choices: { retryFailed: true },
    tell,
  }),
  results: narrowResults(project.results, narrowing, project.config),
  ledger: project.ledger,
  renderer,
})

/** Builds the sources of bad results, none of whose records is believed; gives those that are bad still. */
const repair = async (
  bad: readonly BadResult[],
  {
    project,
    input,
    options: { bounds, tell, signal },
  }: {
    readonly project: Project
    readonly input: ReturnType<typeof toPlanInput>
    readonly options: VerifyOptions
  },
): Promise<readonly BadResult[]> => {
  const condemned = new Set<string>(bad.map(({ key }) => key))
  const sources = new Set<SourceKey>()
  // What is left of a source that is gone is for `prune` or `purge`.
  for (const { key, isOrphan } of bad) {
    if (isOrphan) continue
    const source = project.keyring.verify(key)?.variant.source
    if (source !== undefined) sources.add(source)
  }
  // Stored anew, or dropped for a visitor to ask for again.
  const mended = new Set<string>()
  const watch: Tell = (event) => {
    if (event.kind === 'result-stored' || event.kind === 'result-dropped') mended.add(event.key)
    tell(event)
  }
  try {
    await build({
      ...input,
      tell: watch,
      keyring: project.keyring,
      selection: { keys: [...sources].sort(compareSources) },
      isCondemned: (key) => condemned.has(key),
      threads: bounds.threads,
      now: project.now,
      ...(signal && { stop: signal }),
    })
  } catch (error) {
    // Nothing can be written, or listed any more: what is bad is told all the same.
    tell({ kind: 'warning', problem: asProblem(error) })
  }
  return bad.filter(({ key }) => !mended.has(key))
}
