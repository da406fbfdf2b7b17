import { parseJson } from '../core/json.ts'
import { textAt, valueAt } from './json-path.ts'
import type { MessageFormat } from './message-format.ts'
import { timeOf, toObjectName } from './object-name.ts'

/** Google Cloud Storage by a Pub/Sub push: the attributes name the object, and the payload describes it. */
export const readPubSub: MessageFormat = (value) => {
  const message = valueAt(value, 'message')
  if (message === undefined) return readResource(value)
  const attributes = valueAt(message, 'attributes')
  const [bucket, object] = [textAt(attributes, 'bucketId'), textAt(attributes, 'objectId')]
  const name = toObjectName(bucket, object, timeOf(attributes))
  if (name !== undefined) return { kind: 'names', names: [name] }
  const payload = Buffer.from(textAt(message, 'data') ?? '', 'base64').toString()
  return readResource(parseJson(payload))
}

/** Google's description of an object, which is also the whole body of a push without a wrapper. */
const readResource: MessageFormat = (value) => {
  if (textAt(value, 'kind') !== 'storage#object') return undefined
  const name = toObjectName(textAt(value, 'bucket'), textAt(value, 'name'), timeOf(value))
  return name && { kind: 'names', names: [name] }
}
