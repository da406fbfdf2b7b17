import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a bad network, or a busy server, does to one request. */
export type Trouble =
  /** Answered 503 SlowDown, and not passed on. */
  | 'slow-down'
  /** The connection is reset when a part of the request has come. */
  | 'reset'
  /** Passed on; the connection is reset before the answer comes back. */
  | 'lose-answer'
  /** Half of the answer's body, then a reset. */
  | 'cut'
  /** The body comes in drops, in both directions. */
  | 'slow'
  /** Never answered. */
  | 'hang'

export interface Passing {
  readonly method: string
  readonly url: string
}

export interface FaultProxy {
  readonly endpoint: string
  /** How often each trouble was made. */
  readonly made: ReadonlyMap<Trouble, number>
  /** From now on; undefined lets everything through. */
  setTrouble(trouble: ((passing: Passing) => Trouble | undefined) | undefined): void
  close(): Promise<void>
}

const DROP_BYTES = 2_048
const DROP_EVERY_MS = 20

/** Stands between a client and a real server, and makes trouble. The Host header stays: it is signed. */
export const openFaultProxy = async (target: string): Promise<FaultProxy> => {
  let findTrouble: ((passing: Passing) => Trouble | undefined) | undefined
  const made = new Map<Trouble, number>()
  const server = createServer((incoming, outgoing) => {
    const trouble = findTrouble?.({ method: incoming.method ?? '', url: incoming.url ?? '' })
    if (trouble !== undefined) made.set(trouble, (made.get(trouble) ?? 0) + 1)
    incoming.on('error', () => {})
    outgoing.on('error', () => {})
    if (trouble === 'hang') return
    if (trouble === 'slow-down') return slowDown(incoming, outgoing)
    if (trouble === 'reset') return resetMidway(incoming)
    forward(target, trouble, incoming, outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    made,
    setTrouble: (trouble) => {
      findTrouble = trouble
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const slowDown = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
  incoming.resume()
  const body = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>'
  outgoing.writeHead(503, { 'content-type': 'application/xml' }).end(incoming.method === 'HEAD' ? '' : body)
}

const resetMidway = (incoming: IncomingMessage): void => {
  const reset = (): void => void incoming.socket.resetAndDestroy()
  if (incoming.method === 'PUT') incoming.once('data', reset)
  else reset()
}

const forward = (
  target: string,
  trouble: Trouble | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void => {
  const { method, url = '', headers } = incoming
  const onward = request(new URL(url, target), { method, headers }, (answer) => {
    answer.on('error', () => {})
    if (trouble === 'lose-answer') {
      answer.resume()
      incoming.socket.resetAndDestroy()
      return
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    if (trouble === 'cut') cutOff(answer, outgoing)
    else if (trouble === 'slow') drip(answer, outgoing)
    else answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  if (trouble === 'slow') drip(incoming, onward)
  else incoming.pipe(onward)
}

const cutOff = (answer: IncomingMessage, outgoing: ServerResponse): void => {
  answer.once('data', (chunk: Buffer) => {
    outgoing.write(chunk.subarray(0, chunk.length / 2), () => outgoing.socket?.resetAndDestroy())
    answer.destroy()
  })
  answer.once('end', () => outgoing.end()) // there was no body
}

const drip = (from: IncomingMessage, to: NodeJS.WritableStream): void => {
  const pour = async (): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Buffer>)
      for (let at = 0; at < chunk.length; at += DROP_BYTES) {
        to.write(chunk.subarray(at, at + DROP_BYTES))
        await new Promise((resolve) => setTimeout(resolve, DROP_EVERY_MS))
      }
    to.end()
  }
  pour().catch(() => {}) // either side has gone
}
