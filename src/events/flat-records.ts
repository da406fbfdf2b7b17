import { listAt, textAt } from './json-path.ts'
import type { EventName, MessageFormat } from './message-format.ts'
import { timeOf, toObjectName } from './object-name.ts'

/**
 * `{ "bucket": "…", "object": { "key": "…" } }`, as Cloudflare R2 sends it, or a list of them, as Tigris does;
 * Backblaze B2 says `bucketName` and `objectName` in its list.
 */
export const readFlatRecords: MessageFormat = (value) => {
  const names = (listAt(value, 'events') ?? [value]).flatMap((record) => toName(record) ?? [])
  return names.length === 0 ? undefined : { kind: 'names', names }
}

const toName = (record: unknown): EventName | undefined =>
  toObjectName(
    textAt(record, 'bucket') ?? textAt(record, 'bucketName'),
    textAt(record, 'object', 'key') ?? textAt(record, 'objectName'),
    timeOf(record),
  )
