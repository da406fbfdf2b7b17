import { relative } from 'node:path'
import type { Tell } from '../app/event.ts'
import { createLiveRenders } from '../app/studio/live.ts'
import { patchOverride } from '../app/studio/override-patch.ts'
import { createStudio, type Studio } from '../app/studio/studio.ts'
import { readVisits } from '../app/studio/visits.ts'
import { noLogCounts } from '../app/warm/count-log.ts'
import { systemClock } from '../waiting/system-clock.ts'
import { changeOverride } from './overrides.ts'
import { planProject } from './plan.ts'
import type { Project, RendererBounds } from './project.ts'
import { type AccessLog, countLogs } from './warm.ts'

interface OpenStudioOptions {
  readonly bounds: RendererBounds
  readonly log?: AccessLog
  readonly tell: Tell
  readonly stop: AbortSignal
}

/** A studio of an open project; `stop` also ends its renders. */
export const openStudio = async (
  project: Project,
  { bounds, log, tell, stop }: OpenStudioOptions,
): Promise<{ readonly studio: Studio; close(): Promise<void> }> => {
  const { config, originals, results, keyring } = project
  const renderer = project.openRenderer(bounds)
  const { threads } = bounds
  const place = placeOf(config)
  const studio = createStudio({
    config,
    originals,
    results,
    keyring,
    expectation: project.expect(),
    live: createLiveRenders({ originals, renderer, encoders: config.encoders, threads }),
    threads,
    plan: async function* (selection, signal) {
      // Somebody may have changed the file since.
      if (selection.keys === undefined) await project.overrides.reload()
      yield* planProject(project, { selection, foreignCounts: { foreign: 0 }, tell, signal })
    },
    overridesPlace: place,
    changeOverride: async (source, patch) => {
      await changeOverride(config, source, (before) => patchOverride(before, patch))
      await project.overrides.reload()
    },
    stop,
    now: systemClock.now,
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

/** Where overrides are written, for people. */
const placeOf = ({ overrides, sidecars, root }: Project['config']): string | undefined => {
  if (overrides?.kind === 'file') return relative(root, overrides.path)
  if (overrides?.kind === 'object')
    return `s3://${overrides.folder.bucket}/${overrides.folder.prefix}${overrides.name}`
  return sidecars ? 'a file beside the picture' : undefined
}
