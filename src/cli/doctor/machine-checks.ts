import { type Check, type CheckResult, failed, toCheck, warning } from '../../app/doctor/check.ts'
import type { Libraries } from '../../render/libraries.ts'
import { fairMemoryBytes, type Host } from '../../wire/host.ts'
import { formatBytes } from '../format-numbers.ts'

/** How the process was started. */
export interface ProcessFacts {
  readonly host: Host
  readonly threads: number
  readonly nodeVersion: string
}

const PART = 'machine'

/** Enough for a usual photo of 24 megapixels with its results, and Node itself. */
const LEAST_MEMORY_BYTES = 512 * 1024 * 1024

/** Checks memory and the version of Node. */
export const checkMachine = ({ nodeVersion, ...facts }: ProcessFacts): readonly Check[] => [
  toCheck(PART, 'Node', nodeVersion),
  toCheck(PART, 'memory', judgeMemory(facts)),
]

const judgeMemory = ({ host, threads }: Omit<ProcessFacts, 'nodeVersion'>): CheckResult => {
  const fair = fairMemoryBytes(host)
  const found = `${formatBytes(host.memoryBytes)} to use, ${formatBytes(fair)} of it for pictures in flight, ${threads} renders at once`
  return fair >= LEAST_MEMORY_BYTES
    ? found
    : warning(found, 'Allow 1 GiB or more, or say --concurrency 1 and lower limits.sourcePixels.')
}

/** Whether libvips is the one that was measured with, and can write every format. */
export const checkLibraries = (libraries: Libraries): Check =>
  toCheck(PART, 'libvips', judgeLibraries(libraries))

const judgeLibraries = ({ sharp, libvips, isForeign, broken }: Libraries): CheckResult => {
  const found = `${libvips}, by sharp ${sharp}`
  if (broken.length > 0)
    return failed(
      `${found}: cannot write ${broken.join(', ')}`,
      "Install sharp's own libvips: remove the system's, then `npm rebuild sharp`, or leave the formats out.",
    )
  if (!isForeign) return found
  return warning(
    `${found}, the machine's own`,
    'Its codecs are not those that qualities were measured with; npm install without a global libvips brings ours.',
  )
}
