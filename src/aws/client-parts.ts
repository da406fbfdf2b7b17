import { NodeHttpHandler } from '@smithy/node-http-handler'

/**
 * More than any caller has in flight: a request that waits for a socket spends its time limit on waiting. A visitor
 * who takes his time over a large picture holds one (`read-ahead.ts`).
 */
const SOCKETS = 512

/** How long a request may take: without the limit, and the error at it, the SDK waits for ever. */
export const openRequestHandler = (limits: {
  /** From the first byte sent to the first one of the answer. */
  readonly requestTimeoutMs: number
  /** Without a byte moving. */
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

/** A client as far as its region goes. */
interface Regional {
  readonly config: { region(): Promise<string> }
  destroy(): void
}

/**
 * The region where the SDK looks for it, by a client of the service that knows nothing but its surroundings. Services
 * other than AWS mostly have one alone, and take `us-east-1` for its name; of AWS `onUnknown` says what is missing.
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
