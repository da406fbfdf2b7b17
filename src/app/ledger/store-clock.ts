import { Problem } from '../../core/problem.ts'
import type { WritableStore } from '../../store/port.ts'
import type { Tell } from '../event.ts'

interface StoreClockOptions {
  readonly store: Pick<WritableStore, 'place' | 'clockOffsetMs'>
  /** The clock of this machine, in milliseconds since 1970. */
  readonly now: () => number
  readonly tell: Tell
}

const TOLERATED_MS = 60_000

/**
 * The time by the clock of a store that many machines share: ages are right even if a machine's own clock is wrong. A
 * difference of more than a minute is told once.
 */
export const createStoreClock = ({ store, now, tell }: StoreClockOptions): (() => number) => {
  let isTold = false
  return () => {
    const offsetMs = store.clockOffsetMs()
    if (Math.abs(offsetMs) > TOLERATED_MS && !isTold) {
      isTold = true
      tell({ kind: 'warning', problem: clockDiffers(store.place, offsetMs) })
    }
    return now() + offsetMs
  }
}

const clockDiffers = (place: string, offsetMs: number): Problem =>
  new Problem(
    'clock-differs',
    `The clock of this machine is ${formatSpan(Math.abs(offsetMs))} ${offsetMs > 0 ? 'behind' : 'ahead of'} that of ${place}.`,
    {
      hint: 'How old results are was taken from the clock of the store, so nothing went wrong. Set the clock of this machine: timedatectl set-ntp true',
    },
  )

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

const formatSpan = (ms: number): string => {
  const [name, unitMs] = UNITS.find(([, each]) => ms >= each) ?? UNITS[2]
  const count = Math.round(ms / unitMs)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
