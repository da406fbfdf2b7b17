import { listAt, textAt } from './json-path.ts'
import { type MessageFormat, toTime } from './message-format.ts'

/**
 * Our own format, for a CMS and for `plan --to`: `{ "sources": ["photos/a.jpg"] }`, with keys as in the configuration,
 * and optionally the `time` of what happened.
 */
export const readSourceList: MessageFormat = (value) => {
  const sources = listAt(value, 'sources')
  if (sources === undefined) return undefined
  const time = toTime(textAt(value, 'time'))
  const keys = sources.filter((key) => typeof key === 'string')
  if (keys.length < sources.length)
    return { kind: 'unreadable', reason: 'its sources are not all texts: { "sources": ["photos/a.jpg"] }' }
  return { kind: 'names', names: keys.map((key) => ({ kind: 'source', key, ...time })) }
}

/** The text of such a message; `at` in milliseconds since 1970. */
export const formatSourceList = (keys: readonly string[], at?: number): string =>
  JSON.stringify({ sources: keys, ...(at !== undefined && { time: new Date(at).toISOString() }) })
