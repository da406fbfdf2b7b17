import type { Tell } from '../app/event.ts'
import type { TellWatch } from '../app/watch/event.ts'
import { createNaming, type EventRoot, type Naming } from '../app/watch/name-sources.ts'
import { packDue } from '../app/watch/send-due.ts'
import type { Watch } from '../app/watch/session.ts'
import { openSourcesWork } from '../app/watch/source-work.ts'
import { createWatch, type WatchInput } from '../app/watch/watch.ts'
import { type Config, describePlace, keyPrefixOf } from '../config/config.ts'
import type { Queue } from '../queue/port.ts'
import type { Renderer } from '../render/port.ts'
import { toWork } from './build.ts'
import { planProject } from './plan.ts'
import type { Project, RendererBounds } from './project.ts'

interface ProjectWatchOptions extends Pick<WatchInput, 'queue' | 'facts' | 'recordWithinMs' | 'clock'> {
  readonly renderer: Renderer
  readonly bounds: RendererBounds
  /** Called with events of the work on each source. */
  readonly tell: Tell
  readonly tellWatch: TellWatch
}

/** In addition to those that are rendered, sources are looked up, read and stored: enough to hide a store's latency. */
const atOnceOf = (threads: number): number => threads * 4 + 4

/** A worker for a project. */
export const openProjectWatch = (project: Project, options: ProjectWatchOptions): Watch => {
  const { renderer, bounds, queue, facts, recordWithinMs, clock, tell, tellWatch } = options
  return createWatch({
    queue,
    facts,
    nameSources: openNaming(project, tellWatch),
    openWork: (stop) =>
      openSourcesWork({
        ...project.planInput({ tell, choices: { encoderOf: renderer.encoderVersion } }),
        ...toWork(project, renderer, { bounds }),
        stop,
      }),
    atOnce: atOnceOf(bounds.threads),
    recordWithinMs,
    clock,
    tell: tellWatch,
  })
}

/** Which sources of this project a message means. */
export const openNaming = (
  { config, originals }: Pick<Project, 'config' | 'originals'>,
  tell: TellWatch,
): Naming => createNaming(toRoots(config), originals, (bucket) => tell({ kind: 'bucket-unknown', bucket }))

const toRoots = ({ sources }: Config): readonly EventRoot[] =>
  sources.map((source) => {
    const { bucket } = describePlace(source.place)
    return { prefix: keyPrefixOf(source), bucket }
  })

/** Sends all sources that a plan of everything finds work for; returns how many there are. */
export const sendAllDue = async (
  project: Project,
  queue: Pick<Queue, 'send'>,
  { tell, signal }: { readonly tell: Tell; readonly signal: AbortSignal },
): Promise<number> => {
  const plans = planProject(project, { foreignCounts: { foreign: 0 }, tell, signal })
  let due = 0
  for await (const { body, sources } of packDue(plans)) {
    await queue.send([body])
    due += sources
  }
  return due
}
