import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

const RENDER_PROCESS = createRequire(import.meta.url).resolve('#render-process')

/** The render processes that `parent` has started and that are there still; by Linux's /proc. */
export const listRenderProcesses = async (
  parent = process.pid,
  file = RENDER_PROCESS,
): Promise<readonly number[]> => {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (/^\d+$/.test(name) && (await isRenderProcess(name, parent, file))) found.push(Number(name))
  }
  return found
}

/** Whether a process is there, and not only waits for its parent to hear of its end. */
export const isAlive = async (pid: number): Promise<boolean> => {
  const stat = await readStat(pid)
  return stat !== undefined && !/^[ZX]/.test(stat)
}

/** Seconds of a core that a process has used; 0 where it is gone. */
export const cpuSecondsOf = (pid: number): Promise<number> => readSeconds(pid, 11)

/** The same of all children of this process, also of those that have ended. */
export const cpuSecondsOfChildren = async (): Promise<number> => {
  for (;;) {
    const ofEnded = await readSeconds(process.pid, 13)
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const isChild = await Promise.all(pids.map((pid) => isChildOf(pid, process.pid)))
    const seconds = await Promise.all(pids.filter((_, i) => isChild[i]).map((pid) => readSeconds(pid, 11)))
    // One whose end was told meanwhile would be counted twice, or not at all.
    if ((await readSeconds(process.pid, 13)) === ofEnded)
      return seconds.reduce((sum, each) => sum + each, ofEnded)
  }
}

/** Two fields after each other: of the process itself, and from 13 on of its children that have ended. */
const readSeconds = async (pid: number | string, at: 11 | 13): Promise<number> => {
  const fields = (await readStat(pid))?.split(' ') ?? []
  return (Number(fields[at] ?? 0) + Number(fields[at + 1] ?? 0)) / TICKS_PER_SECOND
}

/** Of Linux on all that Node runs on. */
const TICKS_PER_SECOND = 100

const isRenderProcess = async (pid: string, parent: number, file: string): Promise<boolean> => {
  if (!(await isChildOf(pid, parent))) return false
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.includes(file)
}

const isChildOf = async (pid: string, parent: number): Promise<boolean> =>
  Number((await readStat(pid))?.split(' ')[1]) === parent

/** State, parent and more: what follows the name, which may hold anything. */
const readStat = (pid: number | string): Promise<string | undefined> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (text) => text.slice(text.lastIndexOf(')') + 2),
    () => undefined,
  )

/** How many pages a process has touched for the first time, or again after it gave them back. */
export const pageFaultsOf = async (pid: number): Promise<number> =>
  Number((await readStat(pid))?.split(' ')[7] ?? 0)
