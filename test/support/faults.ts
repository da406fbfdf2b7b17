import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong with a request: an answer of our own, a body cut off half-way, or one that never comes. */
export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly code: string }
  /** 200 with a document of our own. */
  | { readonly kind: 'document'; readonly xml: string }
  | { readonly kind: 'cut' }
  | { readonly kind: 'hang' }
  /** Forwarded; the connection breaks before the answer comes back. */
  | { readonly kind: 'lose-answer' }
  /** Forwarded as it is, that much later. */
  | { readonly kind: 'delay'; readonly ms: number }

/** A request as the proxy sees it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
}

export interface FaultyServer {
  readonly endpoint: string
  readonly seen: readonly SeenRequest[]
  close(): Promise<void>
}

/** A real server behind a bad network: `fault` decides for each request, undefined letting it through. */
export const openFaultyServer = async (
  target: string,
  fault: (request: SeenRequest) => Fault | undefined,
): Promise<FaultyServer> => {
  const seen: SeenRequest[] = []
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    const asSeen = { method, url, headers }
    seen.push(asSeen)
    const wrong = fault(asSeen)
    if (wrong?.kind === 'hang') return
    if (wrong?.kind === 'document') {
      outgoing.writeHead(200, { 'content-type': 'application/xml' }).end(wrong.xml)
      return
    }
    if (wrong?.kind === 'answer') {
      incoming.resume()
      const body = `<?xml version="1.0"?><Error><Code>${wrong.code}</Code><Message>made up</Message></Error>`
      outgoing
        .writeHead(wrong.status, { 'content-type': 'application/xml' })
        .end(method === 'HEAD' ? '' : body)
      return
    }
    // The Host header stays that of the proxy: it is signed.
    const forward = request(new URL(url, target), { method, headers }, (answer) => {
      if (wrong?.kind === 'lose-answer') return void outgoing.destroy()
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      if (wrong?.kind !== 'cut') return void answer.pipe(outgoing)
      answer.once('data', (chunk: Buffer) => {
        outgoing.write(chunk.subarray(0, chunk.length / 2), () => outgoing.destroy())
        answer.destroy()
      })
    })
    forward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forward.destroy())
    if (wrong?.kind === 'delay') setTimeout(() => incoming.pipe(forward), wrong.ms)
    else incoming.pipe(forward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
