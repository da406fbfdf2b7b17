import { textAt } from './json-path.ts'

/** What Amazon SNS wraps around a message. */
export type SnsEnvelope =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'confirmation'; readonly url: string }

/** Undefined where the value is not from SNS. */
export const openSns = (value: unknown): SnsEnvelope | undefined => {
  const text = textAt(value, 'Message')
  if (text === undefined || textAt(value, 'TopicArn') === undefined) return undefined
  const url = textAt(value, 'SubscribeURL')
  return textAt(value, 'Type') !== 'Notification' && url !== undefined
    ? { kind: 'confirmation', url }
    : { kind: 'message', text }
}
