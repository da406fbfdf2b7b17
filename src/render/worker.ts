import { Problem } from '../core/problem.ts'
import { unreachable } from '../core/unreachable.ts'
import { checkResult } from './check.ts'
import { renderPicture } from './render-picture.ts'
import { setUpSharp } from './sharp.ts'
import { toPlainProblem, toPlainReport, type WorkerAnswer, type WorkerTask } from './wire.ts'

setUpSharp()

/** What a worker thread runs: one task at a time; it answers its own errors. */
export default async (task: WorkerTask): Promise<WorkerAnswer> => {
  try {
    return await answer(task)
  } catch (error) {
    if (error instanceof Stopped) return { kind: 'stopped' }
    if (error instanceof Problem) return { kind: 'problem', problem: toPlainProblem(error) }
    // Not thrown on: what piscina rejects with is then the death of a thread and nothing else.
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    return { kind: 'bug', message, stack }
  }
}

const answer = async (task: WorkerTask): Promise<WorkerAnswer> => {
  switch (task.kind) {
    case 'render': {
      const stop = new Int32Array(task.stop)
      const report = await renderPicture(task, () => {
        if (Atomics.load(stop, 0) !== 0) throw new Stopped()
      })
      return { kind: 'rendered', report: toPlainReport(report) }
    }
    case 'check':
      return { kind: 'checked', facts: await checkResult(task.bytes) }
    default:
      return unreachable(task)
  }
}

/** Nobody waits for the answer any more. */
class Stopped extends Error {}
