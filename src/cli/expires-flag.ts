import type { Config } from '../config/config.ts'
import { parseDurationMs } from '../config/units.ts'
import type { Flags } from './flags.ts'
import { UsageError } from './usage-error.ts'

export const EXPIRES_DESCRIPTION =
  'Links that end: after 1h, 7d, … or at 2030-12-31, 2030-12-31T18:00:00Z (needs serve.expiring)'

/** When the links end that `--expires` asks for; undefined where it is not given. `now` in milliseconds. */
export const readExpires = (
  flags: Flags,
  { serve }: Pick<Config, 'serve'>,
  now: number,
): Date | undefined => {
  const text = flags.text('expires')
  if (text === undefined) return undefined
  // serve would answer such a link for ever: better none than one that only seems to end.
  if (!serve.expiring)
    throw new UsageError('--expires needs `serve: { expiring: true }`: without it serve ignores expiry')
  const ms = parseEnd(text, now)
  if (ms === undefined || Number.isNaN(ms))
    throw new UsageError(
      `--expires is ${JSON.stringify(text)}; allowed: a duration such as 1h, 7d, or a date: 2030-12-31, 2030-12-31T18:00:00Z`,
    )
  if (Math.floor(ms / 1000) > Math.floor(now / 1000) && ms < LATEST_MS) return new Date(ms)
  throw new UsageError(
    `--expires is ${JSON.stringify(text)}; allowed: what is still to come, before 10000-01-01`,
  )
}

const LATEST_MS = Date.UTC(10_000, 0)

/** A day alone begins in Greenwich; a time needs its zone, for this machine's is not that of the one who reads. */
const parseEnd = (text: string, now: number): number | undefined => {
  const duration = parseDurationMs(text)
  if (duration !== undefined) return now + duration
  const day = text.slice(0, 10)
  // 31 February would be taken for one in March.
  const isDay =
    DATE.test(text) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  return isDay ? Date.parse(text) : undefined
}

const DATE =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?$/
