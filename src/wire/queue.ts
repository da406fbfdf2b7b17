import { parseQueuePlace } from '../config/queue-place.ts'
import { Problem } from '../core/problem.ts'
import type { Queue } from '../queue/port.ts'

/** Opens the queue that `text` names, the value of `flag`; no request is sent yet. Problem `config-invalid`. */
export const openQueue = async (text: string, flag: string): Promise<Queue> => {
  const place = parseQueuePlace(text)
  if ('allowed' in place)
    throw new Problem('config-invalid', `${flag} is ${place.found}; allowed: ${place.allowed}`)
  const { openSqsQueue } = await import('../queue/sqs.ts')
  return openSqsQueue(place)
}
