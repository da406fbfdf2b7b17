import { Problem } from '../core/problem.ts'

/** Refuses an object of more bytes than allowed, before they are read: Problem `source-too-large`. */
export const checkSize = (key: string, sizeBytes: number, maxBytes: number | undefined): void => {
  if (maxBytes === undefined || sizeBytes <= maxBytes) return
  throw new Problem(
    'source-too-large',
    `"${key}" has ${sizeBytes} bytes, more than the ${maxBytes} allowed`,
    {
      subject: key,
      hint: 'Make the original smaller, or raise limits.sourceBytes.',
    },
  )
}
