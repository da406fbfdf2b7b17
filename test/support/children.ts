import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const RENDER_PROCESS = createRequire(import.meta.url).resolve('#render-process')

/** The render processes that `parent` has started and that are there still; by Linux's /proc. */
export const listRenderProcesses = (parent = process.pid, file = RENDER_PROCESS): readonly number[] =>
  listChildren(parent).filter((pid) => readProc(`${pid}/cmdline`).includes(file))

/** Whether a process is there, and not only waits for its parent to hear of its end. */
export const isAlive = (pid: number): boolean => !/^([ZX]|$)/.test(readStat(pid))

/** Seconds of a core that a process has used; 0 where it is gone. */
export const cpuSecondsOf = (pid: number): number => readSeconds(pid, 11)

/** The same of all children of this process, also of those that have ended. */
export const cpuSecondsOfChildren = (): number =>
  listChildren(process.pid).reduce((sum, pid) => sum + readSeconds(pid, 11), readSeconds(process.pid, 13))

/** How many pages a process has touched for the first time, or again after it gave them back. */
export const pageFaultsOf = (pid: number): number => Number(readStat(pid).split(' ')[7] ?? 0)

/** Two fields after each other: of the process itself, and from 13 on of its children that have ended. */
const readSeconds = (pid: number, at: 11 | 13): number => {
  const fields = readStat(pid).split(' ')
  return (Number(fields[at] ?? 0) + Number(fields[at + 1] ?? 0)) / TICKS_PER_SECOND
}

/** Of Linux on all that Node runs on. */
const TICKS_PER_SECOND = 100

/** Those of its main thread, which starts all of ours: to look at every process of the machine costs a core. */
const listChildren = (parent: number): readonly number[] =>
  readProc(`${parent}/task/${parent}/children`).split(' ').filter(Boolean).map(Number)

/** State, parent and more: what follows the name, which may hold anything. Empty where it is gone. */
const readStat = (pid: number): string => readProc(`${pid}/stat`).replace(/^.*\) /s, '')

/** Empty where there is none. */
const readProc = (path: string): string => {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
