import { Problem } from '../core/problem.ts'
import { type Lease, openBudget } from '../waiting/budget.ts'
import type { Wait } from '../waiting/time-limit.ts'

/** The memory that tasks share: what each was granted, as predicted, and what it is seen to hold. */
export type SharedMemory = ReturnType<typeof openSharedMemory>

/** The part of one task. */
export interface MemoryShare {
  /** Takes so much if it is free now; returns whether it was. */
  tryTake(bytes: number): boolean
  /**
   * Gives back what it had, and waits for so much; returns whether it had to wait. Problem `too-large-for-memory` where
   * that is more than everything.
   */
  take(bytes: number, wait: Wait): Promise<boolean>
  /** To be called with the memory that it is seen to hold. */
  see(bytes: number): void
  /** To be called when it has gone, with everything that it held. */
  close(): void
}

/** Predictions are not exact: tasks may hold so many times all memory. */
const TOLERANCE = 1.5

interface Task {
  granted: number
  seen: number
  readonly onExcess: (problem: Problem) => void
}

/** `sizeBytes`: the memory for all tasks together. */
export const openSharedMemory = (sizeBytes: number) => {
  const budget = openBudget(sizeBytes)
  /** How much tasks may hold together, whatever was predicted, before one of them is ended. */
  const mostBytes = sizeBytes * TOLERANCE
  const tasks = new Set<Task>()
  const excessOf = ({ granted, seen }: Task): number => Math.max(0, seen - granted)
  /**
   * The task that has outgrown its prediction most, or that holds too much by itself. Tasks within their grant are
   * never ended: together they are within the limit.
   */
  const endWorst = (seen: Task): void => {
    const held = [...tasks].reduce((sum, task) => sum + task.granted + excessOf(task), 0)
    if (held <= mostBytes) return
    const most = [...tasks].reduce((a, b) => (excessOf(b) > excessOf(a) ? b : a))
    const worst = seen.seen > mostBytes ? seen : most
    worst.onExcess(tooLarge(`The picture took over ${megabytes(worst.seen)} to be rendered`, sizeBytes))
  }
  return {
    sizeBytes,
    mostBytes,
    /** For a task that holds nothing yet; `onExcess` is called when it must be ended. */
    open: (onExcess: (problem: Problem) => void): MemoryShare => {
      const task: Task = { granted: 0, seen: 0, onExcess }
      tasks.add(task)
      let lease: Lease | undefined
      const letGo = (): void => {
        lease?.release()
        task.granted = 0
      }
      return {
        tryTake: (bytes) => {
          const taken = budget.tryAcquire(bytes)
          if (taken === undefined) return false
          lease = taken
          task.granted = bytes
          return true
        },
        take: async (bytes, wait) => {
          letGo()
          if (bytes > sizeBytes)
            throw tooLarge(`The picture would take ${megabytes(bytes)} to be rendered`, sizeBytes)
          const free = budget.tryAcquire(bytes)
          lease = free ?? (await wait.for((signal) => budget.acquire(bytes, { signal })))
          task.granted = bytes
          return free === undefined
        },
        see: (bytes) => {
          task.seen = bytes
          endWorst(task)
        },
        close: () => {
          letGo()
          tasks.delete(task)
        },
      }
    },
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB of memory`

const tooLarge = (what: string, sizeBytes: number): Problem =>
  new Problem('too-large-for-memory', `${what}; pictures may have ${megabytes(sizeBytes)} in all.`, {
    hint: 'Allow more (--memory), or make the picture smaller.',
  })
