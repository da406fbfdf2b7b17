import { readFileSync } from 'node:fs'
import { listRenderProcesses } from './children.ts'

/** Looks at how much the render processes of this one have resident together, until it is told to end. */
export const watchResident = (): { end(): Promise<number> } => {
  let peakBytes = 0
  let isOver = false
  const look = async (): Promise<void> => {
    while (!isOver) {
      const pids = listRenderProcesses()
      const bytes = pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0)
      peakBytes = Math.max(peakBytes, bytes)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const looking = look()
  return {
    end: async () => {
      isOver = true
      await looking
      return peakBytes
    },
  }
}

const residentBytesOf = (pid: number): number => {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0 // it has ended
  }
}
