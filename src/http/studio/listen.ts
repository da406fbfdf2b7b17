import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Studio } from '../../app/studio/studio.ts'
import { defined } from '../../core/defined.ts'
import { Problem, policyOf } from '../../core/problem.ts'
import { unreachable } from '../../core/unreachable.ts'
import { readText } from '../read-text.ts'
import { startListening, stopListening } from '../start-listening.ts'
import { findAnswer, type StudioReply } from './answer-studio.ts'
import { createGuard, type Refusal, SAFE_HEADERS, type StudioRequest, TOKEN_HEADER } from './guard.ts'
import { formatPage, type PageFiles } from './studio-page.ts'

interface StudioServerOptions {
  readonly studio: Studio
  /** 0 means any free port. */
  readonly port: number
  /** In base64url. */
  readonly token: string
  readonly files: PageFiles
  readonly onBug: (error: unknown) => void
}

/** A running server of the studio. */
export type StudioServer = Awaited<ReturnType<typeof listenStudio>>

/** Other machines cannot reach it. */
const HOST = '127.0.0.1'
const MOST_BODY_BYTES = 64 * 1024
const MOST_CONNECTIONS = 64
const REQUEST_TIMEOUT_MS = 10_000

/** Starts the server. Problem `cannot-listen`. */
export const listenStudio = async (options: StudioServerOptions) => {
  const { studio, token, files, onBug } = options
  let guard = createGuard({ port: options.port, token })
  const pages: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
    '/': { type: 'text/html; charset=utf-8', text: formatPage(token) },
    '/studio.js': { type: 'text/javascript; charset=utf-8', text: files.script },
    '/studio.css': { type: 'text/css; charset=utf-8', text: files.style },
  }
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = readUrl(request)
    const { method = '' } = request
    const page = Object.hasOwn(pages, url.pathname) ? pages[url.pathname] : undefined
    const refusal = guard(toAsked(request, url), page !== undefined)
    if (refusal !== undefined) return refuse(response, refusal)
    if (page !== undefined) {
      if (method !== 'GET') return refuse(response, { status: 405, message: 'Only GET.' })
      response.writeHead(200, { ...SAFE_HEADERS, 'content-type': page.type }).end(page.text)
      return
    }
    const answer = findAnswer(method, url.pathname)
    if (answer === undefined) return refuse(response, MISSING)
    const body = await readText(request, MOST_BODY_BYTES)
    if (body === undefined) return refuse(response, { status: 413, message: 'The body is too large.' })
    // When the connection is gone, nobody waits any more: renders for it end.
    const left = new AbortController()
    response.once('close', () => left.abort(new DOMException('The browser went away.', 'AbortError')))
    const question = { query: url.searchParams, body: parseBody(body), signal: left.signal }
    await send(response, await answer(studio, question))
  }
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    respond(request, response).catch((error: unknown) => {
      if (response.destroyed || response.writableEnded) return
      if (response.headersSent) response.destroy()
      else if (error instanceof Problem) refuse(response, toRefusal(error))
      else {
        onBug(error)
        refuse(response, {
          status: 500,
          message: 'Something is wrong with imgsizes studio: see its terminal.',
        })
      }
    })
  })
  server.maxConnections = MOST_CONNECTIONS
  const port = await startListening(server, { port: options.port, host: HOST, flags: '--port' })
  guard = createGuard({ port, token })
  const close = (): Promise<void> => {
    const closed = stopListening(server)
    server.closeAllConnections()
    return closed
  }
  return { port /** The URL to open in a browser. */, url: `http://${HOST}:${port}/?token=${token}`, close }
}

/** A target that is not a path, such as "//", is not found. */
const readUrl = ({ url = '/' }: IncomingMessage): URL =>
  URL.canParse(`http://studio${url}`) ? new URL(`http://studio${url}`) : new URL('http://studio/none')

const toAsked = ({ method = '', headers }: IncomingMessage, url: URL): StudioRequest => {
  const one = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    method,
    host: one('host'),
    origin: one('origin'),
    site: one('sec-fetch-site'),
    contentType: one('content-type'),
    headerToken: one(TOKEN_HEADER),
    urlToken: url.searchParams.get('token') ?? undefined,
  }
}

const MISSING: Refusal = { status: 404, message: 'There is nothing here.' }

const refuse = (response: ServerResponse, { status, message }: Refusal): void => {
  const close = status === 413 ? { connection: 'close' } : {}
  response.writeHead(status, { ...SAFE_HEADERS, ...close, 'content-type': 'application/json' })
  response.end(`${JSON.stringify({ message })}\n`)
}

const toRefusal = ({ code, message, hint }: Problem): Refusal => {
  const { exit, status = exit === 2 ? 400 : 500 } = policyOf(code)
  return { status, message: hint === undefined ? message : `${message} ${hint}` }
}

const parseBody = (text: string): unknown => {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Problem('option-invalid', 'The body is not JSON.', { cause })
  }
}

const send = async (response: ServerResponse, reply: StudioReply): Promise<void> => {
  switch (reply.kind) {
    case 'json':
      response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'application/json' })
      response.end(JSON.stringify(reply.value))
      return
    case 'shown': {
      const { bytes, contentType, width, height, score } = reply.shown
      response.writeHead(200, {
        ...SAFE_HEADERS,
        'content-type': contentType,
        'content-length': bytes.byteLength,
        ...defined({ 'x-width': width, 'x-height': height, 'x-score': score?.toFixed(2) }),
      })
      response.end(bytes)
      return
    }
    case 'lines':
      response.writeHead(200, { ...SAFE_HEADERS, 'content-type': 'application/x-ndjson' })
      await pipeline(eachLine(reply.lines), response)
      return
    case 'missing':
      return refuse(response, MISSING)
    default:
      return unreachable(reply)
  }
}

async function* eachLine(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}
