import type { Check } from '../../app/doctor/check.ts'
import type { Format } from '../../core/format.ts'
import { formatBytes } from '../format.ts'
import { fairMemoryBytes, type Host } from '../host.ts'

/** What the process was started with. */
export interface ProcessFacts {
  readonly host: Host
  readonly threads: number
  /** `UV_THREADPOOL_SIZE` as it is in force; 4 where it is not set. */
  readonly poolSize: number
  readonly arenaMax: string | undefined
  /** Whether memory is glibc's, which keeps an arena for each thread. */
  readonly isGlibc: boolean
  readonly nodeVersion: string
  /** Whether originals or results are in a bucket. */
  readonly hasBucket: boolean
}

const PART = 'machine'

/** Reads of stored files wait for encoders where the pool has no threads left for them: 957 ms against 0.8. */
const THREADS_BESIDE_RENDERS = 4
/** A plain photo of 24 megapixels with its results, and Node itself. */
const LEAST_MEMORY_BYTES = 512 * 1024 * 1024

export const checkMachine = (facts: ProcessFacts): readonly Check[] => [
  { part: PART, name: 'Node', status: 'ok', found: facts.nodeVersion },
  checkPool(facts),
  checkMemory(facts),
  checkArenas(facts),
]

const checkPool = ({ threads, poolSize }: ProcessFacts): Check => {
  const wanted = threads + THREADS_BESIDE_RENDERS
  const found = `${poolSize} threads for ${threads} renders at once`
  return poolSize >= wanted
    ? { part: PART, name: 'thread pool', status: 'ok', found }
    : {
        part: PART,
        name: 'thread pool',
        status: 'warning',
        found,
        advice: `Unset UV_THREADPOOL_SIZE, or set it to ${wanted}: stored pictures wait for renders otherwise.`,
      }
}

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

const checkArenas = ({ arenaMax, isGlibc, hasBucket }: ProcessFacts): Check => {
  const name = 'MALLOC_ARENA_MAX'
  if (!isGlibc) return { part: PART, name, status: 'skipped', found: 'not glibc' }
  if (arenaMax !== undefined && Number(arenaMax) >= 1 && Number(arenaMax) <= 4)
    return { part: PART, name, status: 'ok', found: arenaMax }
  return {
    part: PART,
    name,
    status: 'warning',
    found: arenaMax === undefined ? 'not set' : arenaMax,
    advice: hasBucket
      ? 'Set MALLOC_ARENA_MAX=2 where the process is started: about 140 MB in place of 250 in serve.'
      : 'Concerns `serve` in production: start it with MALLOC_ARENA_MAX=2 (about 140 MB in place of 250).',
  }
}

/** `configured`: the formats that are wanted; `original` may be any. */
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
