import type { Notice } from './task-messages.ts'

/**
 * What a process holds in addition to its task: so much more than at its start, for code that is loaded later, and for
 * what the allocator keeps.
 */
const OWN_BYTES = 32 * 1024 * 1024
/**
 * Each look costs something: every 4 ms, it would be a twentieth of the time of a small picture. With so much memory
 * that a picture could not fill it meanwhile, looks are further apart.
 */
const LOOK_EVERY_MS = 10
const LOOK_AT_LEAST_EVERY_MS = 50
const FILLED_IN_A_MS = 16 * 1024 * 1024
/** For a task that holds more than granted: pictures fill a few megabytes in a millisecond. */
const LOOK_CLOSELY_EVERY_MS = 3
/** Smaller changes are not reported. */
const STEP_BYTES = 4 * 1024 * 1024

const startBytes = process.memoryUsage.rss()

/**
 * Observes how much memory a task holds. Reports changes from the first time that the task holds more than allowed. If
 * it would exceed `mostBytes` by the next look at its present speed, it is stopped until it is ended, because on a busy
 * machine looks are far apart. Decoding and encoding run in other threads than this one.
 */
export const watchMemory = (tell: (notice: Notice) => void, mostBytes: number) => {
  let allowed = 0
  let told = 0
  let last = 0
  // Memory that is left from the previous task, and may be freed late, does not count.
  let before = process.memoryUsage.rss()
  const look = (): void => {
    const now = process.memoryUsage.rss()
    before = Math.max(Math.min(before, now), startBytes + OWN_BYTES)
    const bytes = now - before
    const coming = bytes + Math.max(0, bytes - last)
    last = bytes
    timer = setTimeout(look, bytes > allowed ? LOOK_CLOSELY_EVERY_MS : calmMs(mostBytes - bytes))
    const holds = bytes > allowed && coming > mostBytes ? coming : bytes
    if (Math.max(holds, told) <= allowed || Math.abs(holds - told) < STEP_BYTES) return
    told = holds
    tell({ kind: 'holds', bytes: holds })
    if (holds > mostBytes && process.platform !== 'win32') process.kill(process.pid, 'SIGSTOP')
  }
  let timer = setTimeout(look, calmMs(mostBytes))
  return {
    /** Sets how much it may hold from now on. */
    allow: (bytes: number): void => {
      allowed = bytes
    },
    end: (): void => clearTimeout(timer),
  }
}

/** Until the next look at a task that is within its grant, while so much more would be too much. */
const calmMs = (leftBytes: number): number =>
  Math.min(Math.max(leftBytes / FILLED_IN_A_MS, LOOK_EVERY_MS), LOOK_AT_LEAST_EVERY_MS)
