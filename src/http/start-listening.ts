import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorCodeOf } from '../core/error-code.ts'
import { Problem } from '../core/problem.ts'

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

/** The URL of a listening server: `http://0.0.0.0:3000/img/`. */
export const formatListening = (host: string, port: number, path: string): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`

/** The same for people. "Every address" cannot be opened in a browser, so one that can is named. */
export const formatLink = (host: string, port: number, path: string): string =>
  host === '0.0.0.0' || host === '::'
    ? `${formatListening('localhost', port, path)} (every address of this machine, ${host})`
    : formatListening(host, port, path)
