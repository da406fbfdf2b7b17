import {
  CREDENTIALS_WRONG,
  type RefusalMeaning,
  type RefusalMeanings,
  serviceCodeOf,
  serviceFaultOf,
  toServiceProblem,
} from '../aws/service-error.ts'

/** A refusal by SQS, or a network that failed, as a Problem; any other error, a bug or an abort, as it is. */
export const toQueueProblem = (
  error: unknown,
  { place, permission }: { readonly place: string; readonly permission: string },
): unknown => toServiceProblem(error, { what: place, judge: (refusal) => judge(refusal, permission) })

const judge = (error: Error, permission: string): RefusalMeaning | undefined => {
  const code = serviceCodeOf(error)
  if (/NonExistentQueue|QueueDoesNotExist/.test(code)) return MISSING
  const fault = /AccessDenied/i.test(code) ? 'denied' : serviceFaultOf(error)
  return fault && verdicts(error, permission)[fault]
}

const MISSING: RefusalMeaning = {
  code: 'queue-missing',
  reason: 'the queue does not exist',
  hint: 'Check its name, region and account, or create it; imgsizes never creates one.',
}

/** For a region that is missing or wrong. */
export const WRONG_REGION: RefusalMeaning = {
  code: 'queue-region',
  reason: 'the AWS region is not known, or is wrong',
  hint: 'Set AWS_REGION, or ?region=… in the sqs:// URI.',
}

const verdicts = (error: Error, permission: string): RefusalMeanings => ({
  credentials: { code: 'queue-credentials', ...CREDENTIALS_WRONG },
  region: WRONG_REGION,
  denied: {
    code: 'queue-denied',
    reason: `access denied; it needs the permission ${permission}`,
    hint: `Grant ${permission} to the credentials in use. An encrypted queue also needs kms:Decrypt, and kms:GenerateDataKey to send.`,
  },
  timeout: { code: 'queue-timeout', reason: 'the queue took too long to answer', hint: 'Check the network.' },
  failing: { code: 'queue-unavailable', reason: 'the queue keeps failing', hint: 'Run again later.' },
  refused: {
    code: 'queue-refused',
    reason: error.message,
    hint: 'Check how the queue is set up: imgsizes doctor --events sqs://…',
  },
  unreachable: {
    code: 'queue-unavailable',
    reason: 'the queue cannot be reached',
    hint: 'Check the endpoint and the network.',
  },
  unreadable: {
    code: 'queue-unavailable',
    reason: 'the answer is not from SQS',
    hint: 'Check the endpoint.',
  },
})
