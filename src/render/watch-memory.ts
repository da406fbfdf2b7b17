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
/** A look has the kernel count threads, and wakes one: a twentieth of what a small picture takes, were it each 4 ms. */
const LOOK_EVERY_MS = 10
/** At what holds more than it got: pictures fill a few megabytes in a millisecond. */
const LOOK_CLOSELY_EVERY_MS = 3
/** Smaller changes are not worth telling. */
const STEP_BYTES = 4 * 1024 * 1024

const startBytes = process.memoryUsage.rss()

/**
 * Tells, from the first time that it is more than allowed on, whenever it has changed; what will be more than `mostBytes`
 * by the next look, if it goes on as since the last one, stops where it is, until it is ended: on a busy machine looks
 * are far apart. All that decodes and encodes does so in threads beside this one.
 */
export const watchMemory = (tell: (notice: Notice) => void, mostBytes: number): MemoryWatch => {
  let allowed = 0
  let told = 0
  let last = 0
  // What is left of the task before, which may go late, is not held against this one.
  let before = process.memoryUsage.rss()
  const look = (): void => {
    const now = process.memoryUsage.rss()
    before = Math.max(Math.min(before, now), startBytes + OWN_BYTES)
    const bytes = now - before
    const coming = bytes + Math.max(0, bytes - last)
    last = bytes
    timer = setTimeout(look, bytes > allowed ? LOOK_CLOSELY_EVERY_MS : LOOK_EVERY_MS)
    const holds = bytes > allowed && coming > mostBytes ? coming : bytes
    if (Math.max(holds, told) <= allowed || Math.abs(holds - told) < STEP_BYTES) return
    told = holds
    tell({ kind: 'holds', bytes: holds })
    if (holds > mostBytes && process.platform !== 'win32') process.kill(process.pid, 'SIGSTOP')
  }
  let timer = setTimeout(look, LOOK_EVERY_MS)
  return {
    allow: (bytes) => {
      allowed = bytes
    },
    end: () => clearTimeout(timer),
  }
}
