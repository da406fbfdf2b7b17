import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { describeUnreadable } from '../core/error-code.ts'
import { Problem } from '../core/problem.ts'

const CHUNK_BYTES = 64 * 1024

/**
 * The text of a file of at most `maxBytes`. Problem `file-not-read` where it is longer, cannot be read, or is a pipe, a
 * socket or a device: reading one may never end, and opening a pipe may wait for ever.
 */
export const readRegularFile = async (path: string, maxBytes: number): Promise<string> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) =>
    refuse(path, describeUnreadable(cause), cause),
  )
  try {
    if (!(await file.stat()).isFile()) refuse(path, 'is no regular file')
    const chunks: Buffer[] = []
    // Its size is not used: for a file of the kernel it is 0.
    for (let sizeBytes = 0; sizeBytes <= maxBytes; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null)
      if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8')
      chunks.push(buffer.subarray(0, bytesRead))
      sizeBytes += bytesRead
    }
    return refuse(path, `is longer than ${maxBytes} bytes`)
  } catch (error) {
    if (error instanceof Problem) throw error
    return refuse(path, describeUnreadable(error), error)
  } finally {
    await file.close()
  }
}

const refuse = (path: string, what: string, cause?: unknown): never => {
  throw new Problem('file-not-read', `${path} ${what}`, { subject: path, cause })
}
