import { Readable } from 'node:stream'

/** A body as a web stream, read ahead of its consumer where memory allows. */
type ReadAhead = (body: Readable, sizeBytes: number) => ReadableStream<Uint8Array>

/**
 * Reads bodies ahead, up to `maxBytes` of all together; beyond that, a body is read as fast as its consumer takes it.
 * Otherwise a visitor on a slow line would hold a connection to the store for all that time, and there are only 128.
 */
export const createReadAhead = (maxBytes: number): ReadAhead => {
  let heldBytes = 0
  return (body, sizeBytes) => {
    if (heldBytes + sizeBytes > maxBytes) return Readable.toWeb(body)
    heldBytes += sizeBytes
    const strategy = new ByteLengthQueuingStrategy({ highWaterMark: Math.max(1, sizeBytes) })
    return whenTaken(Readable.toWeb(body, { strategy }), () => {
      heldBytes -= sizeBytes
    })
  }
}

/** The same stream; `onTaken` is called once, after its last byte was taken or it was cancelled. */
const whenTaken = (stream: ReadableStream<Uint8Array>, onTaken: () => void): ReadableStream<Uint8Array> => {
  const reader = stream.getReader()
  let isTaken = false
  const end = (): void => {
    if (!isTaken) onTaken()
    isTaken = true
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          end()
          controller.close()
        } catch (error) {
          end()
          throw error
        }
      },
      async cancel(reason) {
        end()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
