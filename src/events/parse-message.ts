import { parseJson } from '../core/json.ts'
import { textAt, valueAt } from './json-path.ts'
import type { MessageFormat, ParsedMessage } from './message-format.ts'
import { readSourceList } from './source-list.ts'
import { readEventBridge, readFlatRecords, readPubSub, readS3Records } from './store-events.ts'

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

/** What Amazon SNS wraps around a message. */
type SnsEnvelope =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'confirmation'; readonly url: string }

/** Undefined where the value is not from SNS. */
const openSns = (value: unknown): SnsEnvelope | undefined => {
  const text = textAt(value, 'Message')
  if (text === undefined || textAt(value, 'TopicArn') === undefined) return undefined
  const url = textAt(value, 'SubscribeURL')
  return textAt(value, 'Type') !== 'Notification' && url !== undefined
    ? { kind: 'confirmation', url }
    : { kind: 'message', text }
}
