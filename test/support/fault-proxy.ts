import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a bad network, or a busy server, does to one request. */
export type Fault =
  /** An answer of our own: a status with S3's code for it, and nothing is passed on. */
  | { readonly kind: 'answer'; readonly status: number; readonly code: string; readonly message?: string }
  /** 200 with a document of our own. */
  | { readonly kind: 'document'; readonly xml: string }
  /** The connection is reset when a part of the request has come. */
  | { readonly kind: 'reset' }
  /** Passed on; the connection is reset before the answer comes back. */
  | { readonly kind: 'lose-answer' }
  /** Half of the answer's body, then a reset. */
  | { readonly kind: 'cut' }
  /** Half of the answer's body, and then nothing more. */
  | { readonly kind: 'stall' }
  /** The body comes in drops, in both directions. */
  | { readonly kind: 'slow' }
  /** Never answered. */
  | { readonly kind: 'hang' }

export const SLOW_DOWN: Fault = { kind: 'answer', status: 503, code: 'SlowDown' }

/** A request as the proxy sees it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
}

/** Undefined lets a request through; a promise of it, once that has come. */
export type FindFault = (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>

export interface FaultProxy {
  readonly endpoint: string
  readonly seen: readonly SeenRequest[]
  /** How often each kind of fault was made. */
  readonly made: ReadonlyMap<Fault['kind'], number>
  /** From now on; undefined lets everything through. */
  setFault(find: FindFault | undefined): void
  close(): Promise<void>
}

const DROP_BYTES = 2_048
const DROP_EVERY_MS = 20

/** Stands between a client and a real server, and makes faults. The Host header stays: it is signed. */
export const openFaultProxy = async (target: string, find?: FindFault): Promise<FaultProxy> => {
  let findFault = find
  const seen: SeenRequest[] = []
  const made = new Map<Fault['kind'], number>()
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    const asSeen = { method, url, headers }
    seen.push(asSeen)
    incoming.on('error', () => {})
    outgoing.on('error', () => {})
    const found = findFault?.(asSeen)
    const fault = found instanceof Promise ? await found : found
    if (fault !== undefined) made.set(fault.kind, (made.get(fault.kind) ?? 0) + 1)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'reset') return resetMidway(incoming)
    if (fault?.kind === 'answer') return answerWith(incoming, outgoing, fault.status, toErrorXml(fault))
    if (fault?.kind === 'document') return answerWith(incoming, outgoing, 200, fault.xml)
    forward(target, fault, incoming, outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    made,
    setFault: (next) => {
      findFault = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const toErrorXml = ({ code, message = 'made up' }: Extract<Fault, { kind: 'answer' }>): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`

const answerWith = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  body: string,
): void => {
  incoming.resume()
  const hasBody = incoming.method !== 'HEAD'
  outgoing.writeHead(status, { 'content-type': 'application/xml' }).end(hasBody ? body : '')
}

const resetMidway = (incoming: IncomingMessage): void => {
  const reset = (): void => void incoming.socket.resetAndDestroy()
  if (incoming.method === 'PUT') incoming.once('data', reset)
  else reset()
}

const forward = (
  target: string,
  fault: Fault | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void => {
  const { method, url = '', headers } = incoming
  const onward = request(new URL(url, target), { method, headers }, (answer) => {
    answer.on('error', () => {})
    if (fault?.kind === 'lose-answer') {
      answer.resume()
      incoming.socket.resetAndDestroy()
      return
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    if (fault?.kind === 'cut') halve(answer, outgoing, () => outgoing.socket?.resetAndDestroy())
    else if (fault?.kind === 'stall') halve(answer, outgoing, () => {})
    else if (fault?.kind === 'slow') drip(answer, outgoing)
    else answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  if (fault?.kind === 'slow') drip(incoming, onward)
  else incoming.pipe(onward)
}

/** An answer without a body loses nothing: there the headers are all there is. */
const halve = (answer: IncomingMessage, outgoing: ServerResponse, then: () => void): void => {
  answer.once('data', (chunk: Buffer) => {
    outgoing.write(chunk.subarray(0, chunk.length / 2), then)
    answer.destroy()
  })
  answer.once('end', () => outgoing.end())
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
