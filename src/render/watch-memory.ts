import type { Notice } from './wire.ts'

/** Looks at how much memory a task holds. */
export interface MemoryWatch {
  /** What it may hold from now on. */
  allow(bytes: number): void
  end(): void
}

/**
 * What a process has beside what its task takes: this much more than when it started, for code that is loaded late,
 * and what the allocator keeps.
 */
const OWN_BYTES = 32 * 1024 * 1024
/** Pictures fill a few megabytes in a millisecond. */
const LOOK_EVERY_MS = 10
/** Smaller changes are not worth telling. */
const STEP_BYTES = 4 * 1024 * 1024

const startBytes = process.memoryUsage.rss()

/**
 * Tells, from the first time that it is more than allowed on, whenever it has changed; beyond `mostBytes` the process
 * stops where it is, until it is ended. All that decodes and encodes does so in threads beside this one.
 */
export const watchMemory = (tell: (notice: Notice) => void, mostBytes: number): MemoryWatch => {
  let allowed = 0
  let told = 0
  const look = (): void => {
    const bytes = process.memoryUsage.rss() - startBytes - OWN_BYTES
    if (Math.max(bytes, told) <= allowed || Math.abs(bytes - told) < STEP_BYTES) return
    told = bytes
    tell({ kind: 'holds', bytes })
    if (bytes > mostBytes && process.platform !== 'win32') process.kill(process.pid, 'SIGSTOP')
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  return {
    allow: (bytes) => {
      allowed = bytes
    },
    end: () => clearInterval(timer),
  }
}
