import type { SourceKey } from '../../core/source-key.ts'
import { orAborted } from '../../waiting/signals.ts'
import type { SourceTasks } from './source-tasks.ts'
import type { SourceOutcome, SourcesWork } from './source-work.ts'

/** Works on the sources that wait, so many at once. */
export type SourceRunner = ReturnType<typeof createSourceRunner>

interface SourceRunnerOptions {
  readonly tasks: Pick<SourceTasks, 'waiting' | 'working' | 'next'>
  readonly work: Pick<SourcesWork, 'run'>
  readonly atOnce: number
  /** Called with each source that has ended. */
  readonly onEnd: (source: SourceKey, outcome: SourceOutcome) => Promise<void>
  readonly onBug: (error: unknown) => void
}

/** Nothing is worked on before `pump`. */
export const createSourceRunner = ({ tasks, work, atOnce, onEnd, onBug }: SourceRunnerOptions) => {
  const running = new Set<Promise<void>>()
  let wake = (): void => {}

  /** Sources that are looked up together share one read of the ledger, so it waits until half of the places are free. */
  const pump = (): void => {
    const free = atOnce - tasks.working
    const sources = free * 2 < atOnce ? [] : tasks.next(free)
    if (sources.length === 0) return
    const ends: Promise<void>[] = []
    const end = (source: SourceKey, outcome: SourceOutcome): void => {
      ends.push(onEnd(source, outcome).catch(onBug))
      pump()
      wake()
    }
    const task: Promise<void> = work
      .run(sources, end)
      .catch(onBug)
      .then(() => Promise.all(ends))
      .then(() => {
        running.delete(task)
        wake()
      })
    running.add(task)
  }
  return {
    /** Begins with sources that wait, where enough places are free. */
    pump,
    /** Waits until more sources may be added, or `halt` aborts. */
    untilThereIsRoom: async (halt: AbortSignal): Promise<void> => {
      while (tasks.waiting >= atOnce && !halt.aborted)
        await orAborted(new Promise<void>((resolve) => (wake = resolve)), halt).catch(() => {})
    },
    /** Ends when all work that has begun has ended. */
    drain: async (): Promise<void> => {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
