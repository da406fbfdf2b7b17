import {
  type Check,
  type CheckResult,
  checkThat,
  failed,
  skipped,
  toCheck,
  warning,
} from '../../app/doctor/check.ts'
import type { Config } from '../../config/config.ts'
import { KNOWN_SECRETS } from '../../config/known-secrets.ts'
import type { Libraries } from '../../render/libraries.ts'
import { fairMemoryBytes, type Host } from '../../wire/host.ts'
import { formatBytes } from '../format-numbers.ts'
import type { Fetch } from './url-checks.ts'

interface ProcessFacts {
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

/** S3 refuses signatures whose time is wrong by a quarter of an hour. */
const REFUSED_MS = 15 * 60_000
const TOLERATED_MS = 60_000

/** Compares this machine's clock with the `Date` of the server at `url`, as exactly as a second and the trip allow. */
export const checkClock = (
  url: string,
  { fetch, now, signal }: { readonly fetch: Fetch; readonly now: () => number; readonly signal: AbortSignal },
): Promise<Check> =>
  checkThat('clock', 'against the store', async () => {
    const before = now()
    const response = await fetch(url, { method: 'HEAD', signal }).catch(() => undefined)
    const after = now()
    await response?.body?.cancel()
    const theirs = Date.parse(response?.headers.get('date') ?? '')
    if (Number.isNaN(theirs)) return skipped(`${new URL(url).host} does not tell the time`)
    const offMs = Math.round((before + after) / 2 - theirs)
    const found = `${Math.abs(offMs / 1000).toFixed(0)} s ${offMs < 0 ? 'behind' : 'ahead'}`
    if (Math.abs(offMs) <= TOLERATED_MS) return found
    return (Math.abs(offMs) >= REFUSED_MS ? failed : warning)(
      found,
      'Set the clock, or let the system set it: `timedatectl set-ntp true`. S3 refuses a difference of 15 minutes.',
    )
  })

/** 16 random bytes, in any spelling, have at least so many different characters. */
const FEWEST_CHARACTERS = 10

const MAKE_ONE =
  'Set IMGSIZES_SECRET to the output of `openssl rand -base64 32`, and keep the old one as [new, old] until a build has run.'

/** Whether the secrets can be guessed. No secret is shown. */
export const checkSecrets = (config: Config): readonly Check[] => [
  toCheck('secret', 'signing', judgeSecrets(config)),
]

const judgeSecrets = ({ secrets }: Config): CheckResult => {
  const [first] = secrets
  if (first === undefined)
    return failed(
      'there is none',
      'Say `secret: process.env.IMGSIZES_SECRET` and set it in .env or the environment; `imgsizes init` makes one.',
    )
  if (secrets.some(({ value, isRetired }) => !isRetired && KNOWN_SECRETS.includes(value)))
    return failed('one of them stands in the documentation of imgsizes: everybody can sign', MAKE_ONE)
  if (new Set(first.value).size < FEWEST_CHARACTERS)
    return warning('the first one is made of a few characters over and over', MAKE_ONE)
  const retired = secrets.filter(({ isRetired }) => isRetired).length
  return `${secrets.length - retired} in use${retired > 0 ? `, ${retired} retired` : ''}`
}
