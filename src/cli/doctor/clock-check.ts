import { type Check, checkThat, failed, skipped, warning } from '../../app/doctor/check.ts'
import type { Fetch } from './url-checks.ts'

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
