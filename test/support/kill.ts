import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Site } from './site.ts'

/** When a build is killed: by what it has done, not by the clock, so that a quick or a busy machine tests the same. */
export interface Moment {
  /** Results that it has said to stand; 0: one original has been read. */
  readonly afterResults: number
  /** But no later than so long after its start, where what it waits for is slow. */
  readonly withinMs?: number
  /** And so long after that, for what lies between two of them. */
  readonly delayMs: number
}

/** Builds everything anew until `moment`, then SIGKILL. False where it had ended by itself before. */
export const killBuild = async (
  site: Site,
  { afterResults, withinMs, delayMs }: Moment,
): Promise<boolean> => {
  const child = site.start('build', '--force', '--verbose', '--concurrency', '2')
  const ended = new Promise<NodeJS.Signals | null>((end) =>
    child.once('close', (_code, signal) => end(signal)),
  )
  child.stdout?.resume()
  const moments = [untilResults(child.stderr, afterResults), ended]
  await Promise.race(withinMs === undefined ? moments : [...moments, sleep(withinMs)])
  await sleep(delayMs)
  child.kill('SIGKILL')
  return (await ended) === 'SIGKILL'
}

const untilResults = (log: NodeJS.ReadableStream | null, wanted: number): Promise<void> =>
  new Promise((reached) => {
    if (log === null) throw new Error('the build has no log')
    let results = 0
    createInterface(log).on('line', (line) => {
      if (/^(?:stored|replaced) /.test(line)) results++
      if (results >= wanted && (wanted > 0 || line.startsWith('read '))) reached()
    })
  })
