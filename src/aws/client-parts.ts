import { NodeHttpHandler } from '@smithy/node-http-handler'

/**
 * More than any caller uses at once: a request that waits for a socket loses that time of its limit. A visitor
 * who receives a large picture slowly holds one (`read-ahead.ts`).
 */
const SOCKETS = 512

/** Time limits of requests. Without the limit, and the error when it is reached, the SDK waits for ever. */
export const openRequestHandler = (limits: {
  /** From the first byte sent to the first byte of the answer. */
  readonly requestTimeoutMs: number
  /** While no byte moves. */
  readonly idleTimeoutMs: number
}): NodeHttpHandler =>
  new NodeHttpHandler({
    connectionTimeout: Math.min(10_000, limits.requestTimeoutMs),
    requestTimeout: limits.requestTimeoutMs,
    throwOnRequestTimeout: true,
    socketTimeout: limits.idleTimeoutMs,
    httpAgent: { keepAlive: true, maxSockets: SOCKETS },
    httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
  })

/** A client, as far as its region is concerned. */
interface Regional {
  readonly config: { region(): Promise<string> }
  destroy(): void
}

/**
 * The region that the SDK finds, by a client of the service without settings. Services other than AWS mostly have only
 * one, and accept `us-east-1` as its name; for AWS, `onUnknown` says what is missing.
 */
export const findRegion =
  (hasEndpoint: boolean, openAmbient: () => Regional, onUnknown: (cause: unknown) => Error) =>
  async (): Promise<string> => {
    const ambient = openAmbient()
    try {
      return await ambient.config.region()
    } catch (cause) {
      if (hasEndpoint) return 'us-east-1'
      throw onUnknown(cause)
    } finally {
      ambient.destroy()
    }
  }
