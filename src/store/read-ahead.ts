import { Readable } from 'node:stream'

/** A body as a web stream; read ahead of whoever consumes it, where there is room for all of it. */
export type ReadAhead = (body: Readable, sizeBytes: number) => ReadableStream<Uint8Array>

/**
 * Reads bodies ahead, `maxBytes` of all together, and whatever is beyond that at the pace of its consumer. A visitor
 * on a slow line would else keep a connection to the store for as long as he takes, and 128 of them all there are.
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

/** The same stream; `onTaken` is called once, when its last byte was taken, or none will be. */
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
