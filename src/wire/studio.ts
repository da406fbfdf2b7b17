import type { Tell } from '../app/event.ts'
import { createLiveRenders } from '../app/studio/live.ts'
import { createStudio, type Studio } from '../app/studio/studio.ts'
import { readVisits } from '../app/studio/visits.ts'
import { noLogCounts } from '../app/warm/count-log.ts'
import { compileMatch } from '../config/match.ts'
import { planProject } from './plan.ts'
import type { Project, RendererBounds } from './project.ts'
import { type AccessLog, countLogs } from './warm.ts'

export interface OpenStudioOptions {
  readonly bounds: RendererBounds
  readonly log?: AccessLog
  readonly tell: Tell
  readonly stop: AbortSignal
}

/** A studio on an open project, and what ends its renders. */
export const openStudio = async (
  project: Project,
  { bounds, log, tell, stop }: OpenStudioOptions,
): Promise<{ readonly studio: Studio; close(): Promise<void> }> => {
  const { config, originals, results, keyring, surroundings } = project
  const renderer = await project.openRenderer(bounds)
  const { threads } = bounds
  const studio = createStudio({
    config,
    originals,
    results,
    keyring,
    expectation: project.expect(),
    live: createLiveRenders({ originals, renderer, encoders: config.encoders, threads }),
    threads,
    plan: (selection, signal) =>
      planProject(project, { selection, foreignCounts: { foreign: 0 }, tell, signal }),
    overrideOf: () => ({}),
    compileMatch,
    stop,
    now: surroundings.now,
    ...(log && {
      readVisits: async (totals, signal) => {
        const counts = noLogCounts()
        const { wanted } = await countLogs(project, [log], { counts })
        const { lines, refused } = counts
        const input = project.planInput({ choices: { isNarrowed: true }, tell, signal })
        const read = await readVisits({
          ...input,
          ledger: project.ledger,
          wanted,
          keyring,
          cells: totals.cells,
        })
        return { log: log.name, lines, refused, ...read }
      },
    }),
  })
  return { studio, close: () => renderer.close() }
}
