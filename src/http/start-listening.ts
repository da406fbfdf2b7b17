import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorCodeOf } from '../core/error-code.ts'
import { Problem } from '../core/problem.ts'

/** Where a server listens. */
interface ListeningPlace {
  readonly port: number
  readonly host: string
  /** The names of the flags that choose the place, for messages. */
  readonly flags: string
}

/** Gives the port once `server` listens; Problem `cannot-listen` where it cannot. The caller listens for later errors. */
export const startListening = async (
  server: Server,
  { port, host, flags }: ListeningPlace,
): Promise<number> => {
  server.listen(port, host)
  try {
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  } catch (error) {
    throw new Problem('cannot-listen', `Cannot listen on ${host}:${port} (${errorCodeOf(error) || error}).`, {
      hint: `Choose another ${flags}, or stop the program that is using it.`,
      cause: error,
    })
  }
}

/** Takes no new connection; ends when the last one is closed. */
export const stopListening = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()))
