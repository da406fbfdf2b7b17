import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { Problem } from '../../src/core/problem.ts'
import { anyInput } from './mutate.ts'
import type { Target } from './target.ts'
import { openWatchdog } from './watchdog.ts'

/** Of CPU, for an input of the greatest length: a thousand times what a quick one takes. */
const MOST_MS = 2_000
/** Held at once, for the same: four hundred times its length. */
const MOST_HELD_BYTES = 100_000_000

/** How long to go on. `seed` makes the same inputs again; default: others each time. */
export type Extent = ({ readonly runs: number } | { readonly seconds: number }) & { readonly seed?: number }

export interface Fuzzed {
  readonly executions: number
  /** What was found, with the input, shrunk, and the seed that finds it again. */
  readonly find?: string
}

/** Feeds a target with its seeds, and with what is nearly one of them, until it fails or the extent is reached. */
export const fuzzTarget = async (target: Target, extent: Extent): Promise<Fuzzed> => {
  let executions = 0
  const watchdog = openWatchdog(target.name)
  const property = fc.asyncProperty(anyInput(target), async (bytes) => {
    executions++
    watchdog.see(bytes)
    await readWithin(target, bytes)
  })
  try {
    for (const seed of target.seeds) {
      const bytes = Buffer.from(seed)
      watchdog.see(bytes)
      await readWithin(target, bytes)
    }
    const found = await fc.check(property, {
      ...('runs' in extent
        ? { numRuns: extent.runs }
        : { numRuns: 1e9, interruptAfterTimeLimit: extent.seconds * 1_000 }),
      ...(extent.seed !== undefined && { seed: extent.seed }),
    })
    return found.failed
      ? { executions, find: `${fc.defaultReportMessage(found)}\n${keepInput(target, found.counterexample)}` }
      : { executions }
  } finally {
    watchdog.close()
    await target.close?.()
  }
}

/**
 * Throws where a target throws what is no answer, takes too long, or holds too much: twice, since garbage of others may
 * be collected at the first time, or may not have been before it.
 */
const readWithin = async (target: Target, bytes: Uint8Array): Promise<void> => {
  if ((await findExcess(target, bytes)) === undefined) return
  forgetPeak()
  const excess = await findExcess(target, bytes)
  if (excess !== undefined) throw new Error(`${bytes.length} bytes ${excess}`)
}

const findExcess = async (target: Target, bytes: Uint8Array): Promise<string | undefined> => {
  const [cpu, held] = [process.cpuUsage(), process.memoryUsage().arrayBuffers]
  const peakBytes = readPeakBytes()
  try {
    await target.read(bytes)
  } catch (error) {
    if (isMistake(error) && !target.isAnswer?.(error)) throw error
  }
  const { user, system } = process.cpuUsage(cpu)
  const ms = (user + system) / 1_000
  if (ms > MOST_MS) return `took ${Math.round(ms)} ms of CPU`
  const more = Math.max(process.memoryUsage().arrayBuffers - held, readPeakBytes() - peakBytes)
  return more > MOST_HELD_BYTES ? `became ${more} in memory` : undefined
}

/** What this process has held at most since {@link forgetPeak}; ever, where the system is not Linux. */
const readPeakBytes = (): number => {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1_024
  const [, kilobytes] = /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(kilobytes) * 1_024
}

/** From now on, the peak is what is held in fact. */
const forgetPeak = (): void => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5')
}

/** A Problem is an answer, unless it says that we have failed. */
const isMistake = (error: unknown): boolean =>
  !(error instanceof Problem) || ['render-bug', 'render-crashed', 'render-timeout'].includes(error.code)

const keepInput = (target: Target, counterexample: readonly [Uint8Array] | null): string => {
  if (counterexample === null) return ''
  const file = join(tmpdir(), `imgsizes-find-${target.name.replaceAll(/[^a-z0-9]+/gi, '-')}.bin`)
  writeFileSync(file, counterexample[0])
  return `The input is kept in ${file}.`
}
