import { Problem } from '../core/problem.ts'
import { unreachable } from '../core/unreachable.ts'
import { checkResult } from './check.ts'
import { readHeader } from './header.ts'
import { renderPicture } from './render-picture.ts'
import { setUpSharp } from './sharp.ts'
import { type ThreadTask, toPlainProblem, toPlainReport, type WorkerAnswer } from './wire.ts'

setUpSharp()

/** What a worker thread or process runs: one task at a time; it answers its own errors. */
export default async (task: ThreadTask): Promise<WorkerAnswer> => {
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

const answer = async (task: ThreadTask): Promise<WorkerAnswer> => {
  switch (task.kind) {
    case 'render': {
      const stop = task.stop && new Int32Array(task.stop)
      const report = await renderPicture(task, () => {
        if (stop && Atomics.load(stop, 0) !== 0) throw new Stopped()
      })
      return { kind: 'rendered', report: toPlainReport(report) }
    }
    case 'inspect':
      return { kind: 'inspected', header: await readHeader(task.bytes, task.limits) }
    case 'check':
      return { kind: 'checked', facts: await checkResult(task.bytes) }
    default:
      return unreachable(task)
  }
}

/** Nobody waits for the answer any more. */
class Stopped extends Error {}
