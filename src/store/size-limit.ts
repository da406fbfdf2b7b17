import { Problem } from '../core/problem.ts'

/** Refuses an object of more than `maxBytes` before it is read: Problem `source-too-large`. */
export const checkByteCount = (key: string, sizeBytes: number, maxBytes: number | undefined): void => {
  if (maxBytes === undefined || sizeBytes <= maxBytes) return
  throw new Problem('source-too-large', `"${key}" has ${sizeBytes} bytes, but the limit is ${maxBytes}`, {
    subject: key,
    hint: 'Make the original smaller, or raise limits.sourceBytes.',
  })
}
