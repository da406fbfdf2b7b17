import { once } from 'node:events'
import type { Server } from 'node:http'
import { errorCodeOf } from '../core/error-code.ts'
import { Problem } from '../core/problem.ts'

/** Where a server listens. */
export interface ListeningPlace {
  readonly port: number
  readonly host: string
  /** The names of the flags that choose the place, for messages. */
  readonly flags: string
}

/** Ends when `server` listens; Problem `cannot-listen` where it cannot. The caller listens for later errors. */
export const startListening = async (server: Server, place: ListeningPlace): Promise<void> => {
  const { port, host, flags } = place
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new Problem('cannot-listen', `Cannot listen on ${host}:${port} (${errorCodeOf(error) || error}).`, {
      hint: `Choose another ${flags}, or stop the program that is using it.`,
      cause: error,
    })
  }
}
