import { parseJson } from '../core/json.ts'
import { readEventBridge } from './eventbridge.ts'
import { readFlatRecords } from './flat-records.ts'
import { textAt, valueAt } from './json-path.ts'
import type { MessageFormat, ParsedMessage } from './message-format.ts'
import { readPubSub } from './pubsub.ts'
import { readS3Records } from './s3-records.ts'
import { openSns } from './sns.ts'
import { readSourceList } from './source-list.ts'

/** The first format that recognises a value reads it. */
const FORMATS: readonly MessageFormat[] = [
  readS3Records,
  readEventBridge,
  readSourceList,
  readPubSub,
  readFlatRecords,
]

/** The event inside a CloudEvent, as Google's Eventarc sends it; any other value as it is. */
const openCloudEvent = (value: unknown): unknown =>
  textAt(value, 'specversion') === undefined ? value : valueAt(value, 'data')

/** What a message names, in any known format; never throws. */
export const parseMessage = (text: string): ParsedMessage => {
  const value = parseJson(text)
  if (value === undefined) return { kind: 'unreadable', reason: 'it is not JSON' }
  const envelope = openSns(value)
  if (envelope === undefined) return parseValue(value)
  if (envelope.kind === 'confirmation') return envelope
  const inner = parseJson(envelope.text)
  return inner === undefined
    ? { kind: 'unreadable', reason: 'what SNS wraps is not JSON' }
    : parseValue(inner)
}

const parseValue = (value: unknown): ParsedMessage => {
  const inner = openCloudEvent(value)
  for (const read of FORMATS) {
    const parsed = read(inner)
    if (parsed !== undefined) return parsed
  }
  return { kind: 'unreadable', reason: 'its format is not known' }
}
