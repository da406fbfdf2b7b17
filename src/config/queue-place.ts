import type { ConfigFault } from './config-problem.ts'
import { describeFound } from './faults.ts'
import { holdsCredentials, schemeOf } from './places.ts'

/** A queue of Amazon SQS, or of a compatible service. */
export type QueuePlace = {
  readonly region?: string
  /** Used instead of AWS's own. */
  readonly endpoint?: string
} & (
  | { readonly kind: 'sqs-name'; readonly name: string; readonly account?: string }
  | { readonly kind: 'sqs-url'; readonly url: string }
)

type QueuePlaceFault = Pick<ConfigFault, 'found' | 'allowed'>

const ALLOWED =
  'sqs://queue-name, with ?region=… or ?endpoint=http://host:port, or the URL of a queue with sqs:// in place of https://'

const NAME = /^[A-Za-z0-9_-]{1,80}$/

/** `sqs://name?region=…&endpoint=…&account=…` or `sqs://host/account/name`. */
export const parseQueuePlace = (text: string): QueuePlace | QueuePlaceFault => {
  const fault = (found: string): QueuePlaceFault => ({ found, allowed: ALLOWED })
  if (schemeOf(text) !== 'sqs') return fault(describeFound(text))
  if (holdsCredentials(text))
    return { found: 'credentials in a URI (not shown)', allowed: CREDENTIALS_BELONG }
  const [, host = '', path = '', query = ''] = /^sqs:\/\/([^/?]*)(\/[^?]*)?(?:\?(.*))?$/is.exec(text) ?? []
  const name = path === '' ? host : path.slice(path.lastIndexOf('/') + 1)
  if (name.endsWith('.fifo')) return fault('a queue in order (.fifo); events need none, and S3 sends to none')
  if (!NAME.test(name)) return fault(describeFound(name))
  const parameters = readParameters(query)
  if ('found' in parameters) return parameters
  const { account, ...rest } = parameters
  if (path === '') return { kind: 'sqs-name', name, ...rest, ...(account !== undefined && { account }) }
  const region = /^sqs[.-]([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1]
  return { kind: 'sqs-url', url: `https://${host}${path}`, ...(region !== undefined && { region }), ...rest }
}

const CREDENTIALS_BELONG =
  "the SDK's own environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role"

interface Parameters {
  readonly region?: string
  readonly endpoint?: string
  readonly account?: string
}

const PARAMETERS: Readonly<Record<keyof Parameters, (text: string) => boolean>> = {
  region: (text) => /^[a-z0-9-]+$/.test(text),
  account: (text) => /^[0-9]{12}$/.test(text),
  endpoint: (text) => /^https?:\/\/[^/?#@]+\/?$/.test(text) && URL.canParse(text),
}

const readParameters = (query: string): Parameters | QueuePlaceFault => {
  const given = [...new URLSearchParams(query)]
  for (const [name, text] of given) {
    const isRight = Object.hasOwn(PARAMETERS, name) && PARAMETERS[name as keyof Parameters](text)
    if (!isRight || given.filter(([other]) => other === name).length > 1)
      return {
        found: `the parameter ${describeFound(name)}`,
        allowed: 'region, endpoint=http://host:port, account of 12 digits; each once',
      }
  }
  return Object.fromEntries(given)
}

/** The place for messages. */
export const describeQueue = (place: QueuePlace): string =>
  place.kind === 'sqs-name' ? `the queue ${place.name}` : `the queue ${place.url}`
