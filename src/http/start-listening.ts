import type { Server } from 'node:http'
import { Problem } from '../core/problem.ts'

export interface ListeningPlace {
  readonly port: number
  readonly host: string
  /** The flag that chooses the port. */
  readonly flag: '--port' | '--metrics-port'
}

/** Ends when `server` listens; Problem `cannot-listen` where it cannot. */
export const startListening = (server: Server, { port, host, flag }: ListeningPlace): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Problem('cannot-listen', `Cannot listen on ${host}:${port} (${cause.code ?? cause.message}).`, {
          hint: `Choose another ${flag} or --host, or stop the program that is using it.`,
          cause,
        }),
      ),
    )
    server.listen(port, host, resolve)
  })
