import { openBudget, type Release } from './budget.ts'
import { takeInTime } from './patience.ts'
import type { RenderOptions } from './port.ts'

/** Who wants a place, and how long it may wait for one. */
export interface Guest extends Pick<RenderOptions, 'waitMs' | 'waitSignal'> {
  readonly signal?: AbortSignal | undefined
  /** What its picture will take decoded, as predicted. */
  readonly memoryBytes: number
}

/** Where pictures are worked on: so many at once, with so much memory between them. */
export interface Places {
  /** How many guests wait for a place; those that have one and wait for memory alone are not among them. */
  readonly waiting: number
  /** Waits for a place and for memory; Problem `overloaded` after `waitMs`. Both are given back together. */
  take(guest: Guest): Promise<Release>
}

export const openPlaces = (room: { readonly count: number; readonly memoryBytes: number }): Places => {
  const places = openBudget(room.count)
  const memory = openBudget(room.memoryBytes)

  const wait = async (memoryBytes: number, signal: AbortSignal | undefined): Promise<Release> => {
    const leave = await places.acquire(1, signal)
    try {
      return both(await memory.acquire(memoryBytes, signal), leave)
    } catch (error) {
      leave()
      throw error
    }
  }
  /** Where nobody has to wait, as an origin mostly finds it, no time limit is set up and taken down. */
  const takeFree = (memoryBytes: number): Release | undefined => {
    const leave = places.tryAcquire(1)
    const forget = leave && memory.tryAcquire(memoryBytes)
    if (leave !== undefined && forget !== undefined) return both(forget, leave)
    leave?.()
    return undefined
  }

  return {
    get waiting() {
      return places.waiting
    },
    take: async ({ memoryBytes, waitMs, signal, waitSignal }) =>
      takeFree(memoryBytes) ??
      takeInTime(waitMs, signal ?? waitSignal, (limited) => wait(memoryBytes, limited)),
  }
}

const both = (first: Release, second: Release) => (): void => {
  first()
  second()
}
