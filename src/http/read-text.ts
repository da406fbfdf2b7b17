import type { IncomingMessage } from 'node:http'

/** The body of a request as text; undefined where it is larger than `mostBytes`. Rejects when the client goes away within it. */
export const readText = async (request: IncomingMessage, mostBytes: number): Promise<string | undefined> => {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request) {
    sizeBytes += chunk.length
    if (sizeBytes > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
