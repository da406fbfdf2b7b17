import type { Allocate } from './port.ts'
import { checkSize } from './size-limit.ts'

/** Thrown where a connection ended before the announced length was there: to be tried again. */
export class BodyCutOff extends Error {
  override readonly name = 'BodyCutOff'
}

export interface BodyReading {
  readonly key: string
  /** What the server announced; absent where it did not. */
  readonly expectedBytes?: number | undefined
  readonly maxBytes?: number | undefined
  readonly allocate?: Allocate | undefined
}

/**
 * The whole body, exactly as long as announced: {@link BodyCutOff} otherwise, `source-too-large` above the limit.
 * An announced length is allocated at once, so that a body is held once and not twice.
 */
export const readBody = async (
  body: AsyncIterable<Uint8Array>,
  { key, expectedBytes, maxBytes, allocate = Buffer.allocUnsafe }: BodyReading,
): Promise<Uint8Array> => {
  if (expectedBytes !== undefined) checkSize(key, expectedBytes, maxBytes)
  const whole = expectedBytes === undefined ? undefined : allocate(expectedBytes)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    if (whole === undefined) chunks.push(chunk)
    else
      whole.set(chunk.subarray(0, Math.max(0, whole.length - sizeBytes)), Math.min(sizeBytes, whole.length))
    sizeBytes += chunk.length
    checkSize(key, sizeBytes, maxBytes)
  }
  if (expectedBytes !== undefined && sizeBytes !== expectedBytes)
    throw new BodyCutOff(`"${key}": ${sizeBytes} bytes came of ${expectedBytes} announced`)
  return whole ?? Buffer.concat(chunks)
}
