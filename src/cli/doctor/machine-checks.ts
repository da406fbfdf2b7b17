import type { Check } from '../../app/doctor/check.ts'
import type { Format } from '../../core/format.ts'
import { fairMemoryBytes, type Host } from '../../wire/host.ts'
import { formatBytes } from '../format.ts'

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
export const checkMachine = (facts: ProcessFacts): readonly Check[] => [
  { part: PART, name: 'Node', status: 'ok', found: facts.nodeVersion },
  checkMemory(facts),
]

const checkMemory = ({ host, threads }: ProcessFacts): Check => {
  const fair = fairMemoryBytes(host)
  const found = `${formatBytes(host.memoryBytes)} to use, ${formatBytes(fair)} of it for pictures in flight, ${threads} renders at once`
  return fair >= LEAST_MEMORY_BYTES
    ? { part: PART, name: 'memory', status: 'ok', found }
    : {
        part: PART,
        name: 'memory',
        status: 'warning',
        found,
        advice: 'Allow 1 GiB or more, or say --concurrency 1 and lower limits.sourcePixels.',
      }
}

/** `configured`: the formats that are needed; `original` may be any. */
export const checkLibraries = ({
  sharp,
  libvips,
  isForeign,
  broken,
}: {
  readonly sharp: string
  readonly libvips: string
  readonly isForeign: boolean
  readonly broken: readonly Format[]
}): Check => {
  const found = `${libvips}, by sharp ${sharp}`
  if (broken.length > 0)
    return {
      part: PART,
      name: 'libvips',
      status: 'failed',
      found: `${found}: cannot write ${broken.join(', ')}`,
      advice:
        "Install sharp's own libvips: remove the system's, then `npm rebuild sharp`, or leave the formats out.",
    }
  if (isForeign)
    return {
      part: PART,
      name: 'libvips',
      status: 'warning',
      found: `${found}, the machine's own`,
      advice:
        'Its codecs are not those that qualities were measured with; npm install without a global libvips brings ours.',
    }
  return { part: PART, name: 'libvips', status: 'ok', found }
}
