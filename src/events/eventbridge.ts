import { textAt } from './json-path.ts'
import type { MessageFormat } from './message-format.ts'
import { timeOf, toObjectName } from './object-name.ts'

/** S3's events as Amazon EventBridge sends them. */
export const readEventBridge: MessageFormat = (value) => {
  if (textAt(value, 'detail-type') === undefined) return undefined
  const bucket = textAt(value, 'detail', 'bucket', 'name')
  const key = textAt(value, 'detail', 'object', 'key')
  const name = toObjectName(bucket, key, timeOf(value))
  return name === undefined
    ? {
        kind: 'unreadable',
        reason: `its detail (${textAt(value, 'detail-type')}) names no object of a bucket`,
      }
    : { kind: 'names', names: [name] }
}
