import { Problem } from '../core/problem.ts'
import type { Allocate } from './port.ts'

/** A connection ended before all announced bytes had come; the read may be tried again. */
export class BodyCutOff extends Error {
  override readonly name = 'BodyCutOff'
}

interface BodyReading {
  readonly key: string
  /** The length that the server announced; undefined where it announced none. */
  readonly expectedBytes?: number | undefined
  readonly maxBytes?: number | undefined
  readonly allocate?: Allocate | undefined
}

/**
 * Reads a whole body. It must be exactly as long as announced, otherwise {@link BodyCutOff}; Problem `source-too-large`
 * above the limit. Memory of the announced length is allocated first, so that a body is in memory once, not twice.
 */
export const readBody = async (
  body: AsyncIterable<Uint8Array>,
  { key, expectedBytes, maxBytes, allocate = Buffer.allocUnsafe }: BodyReading,
): Promise<Uint8Array> => {
  if (expectedBytes !== undefined) checkByteCount(key, expectedBytes, maxBytes)
  const whole = expectedBytes === undefined ? undefined : allocate(expectedBytes)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    if (whole === undefined) chunks.push(chunk)
    else
      whole.set(chunk.subarray(0, Math.max(0, whole.length - sizeBytes)), Math.min(sizeBytes, whole.length))
    sizeBytes += chunk.length
    checkByteCount(key, sizeBytes, maxBytes)
  }
  if (expectedBytes !== undefined && sizeBytes !== expectedBytes)
    throw new BodyCutOff(`"${key}": ${sizeBytes} bytes came of ${expectedBytes} announced`)
  return whole ?? Buffer.concat(chunks)
}

/** Refuses an object of more than `maxBytes` before it is read: Problem `source-too-large`. */
export const checkByteCount = (key: string, sizeBytes: number, maxBytes: number | undefined): void => {
  if (maxBytes === undefined || sizeBytes <= maxBytes) return
  throw new Problem('source-too-large', `"${key}" has ${sizeBytes} bytes, but the limit is ${maxBytes}`, {
    subject: key,
    hint: 'Make the original smaller, or raise limits.sourceBytes.',
  })
}
