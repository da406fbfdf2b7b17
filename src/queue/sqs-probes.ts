import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { serviceCodeOf, serviceFaultOf } from '../aws/service-error.ts'

/** Whether the answer to a probe proves the permission: its request makes no sense on purpose, and the answer says so. */
export const saysThatItMakesNoSense = (error: unknown): boolean =>
  error instanceof Error && serviceFaultOf(error) === 'refused' && MAKES_NO_SENSE.test(serviceCodeOf(error))

const MAKES_NO_SENSE = /ReceiptHandle|Invalid|Missing|Empty|Malformed|NotInflight|OutOfRange/i

/** Requests that change nothing, with the permissions that they need. */
export const PROBES = {
  receive: {
    permission: 'sqs:ReceiveMessage',
    command: (client: SQSClient, QueueUrl: string) =>
      client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 0 })),
  },
  hold: {
    permission: 'sqs:ChangeMessageVisibility',
    command: (client: SQSClient, QueueUrl: string) =>
      client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle: 'imgsizes-doctor',
          VisibilityTimeout: 0,
        }),
      ),
  },
  delete: {
    permission: 'sqs:DeleteMessage',
    command: (client: SQSClient, QueueUrl: string) =>
      client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'imgsizes-doctor' })),
  },
  send: {
    permission: 'sqs:SendMessage',
    command: (client: SQSClient, QueueUrl: string) =>
      client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })),
  },
} as const
