import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { problemStatusOf } from '../core/problem.ts'
import { parseTarget } from '../url/path.ts'
import { orAborted } from '../waiting/signals.ts'
import type { WebhookAddress } from '../wire/long-run-options.ts'
import { type ProblemAnswer, sendProblem } from './problems.ts'
import { readText } from './read-text.ts'
import { startListening, stopListening } from './start-listening.ts'
import { createTokenCheck } from './token-check.ts'

type PushEnd =
  /** It is in the queue, or its results are stored and recorded. */
  | 'kept'
  /** Its format is not known. */
  | 'unreadable'
  /** It could not be kept; its sender must send it again. */
  | 'failed'

/** Where events arrive, and what is done with them. */
export interface WebhookOptions extends WebhookAddress {
  readonly keep: (body: string) => Promise<PushEnd>
  readonly isReady: () => boolean
  /** Events that may arrive or be kept at once, each of up to a megabyte; default: 256. */
  readonly most?: number
  readonly onAnswer: (status: number) => void
}

/** Where events are pushed to. */
export type Webhook = Awaited<ReturnType<typeof openWebhook>>

/** Larger than any notification; a CMS sends longer lists in pieces. */
const MOST_BODY_BYTES = 1024 * 1024
const REQUEST_TIMEOUT_MS = 30_000
const MOST_EVENTS = 256
/** Each event above that is answered, not cut off. */
const MOST_CONNECTIONS = 4_000
/** For a request that is on its way when the end begins. */
const CLOSING_GRACE_MS = 500
const RETRY_AFTER_SECONDS = 5

const NOT_AN_EVENT: ProblemAnswer = { code: 'not-an-event', headers: { allow: 'POST' } }
const TOKEN_WRONG: ProblemAnswer = {
  code: 'token-wrong',
  headers: { 'www-authenticate': 'Bearer, Basic' },
  cacheControl: 'no-store',
}
const TOO_LARGE: ProblemAnswer = { code: 'body-too-large', headers: { connection: 'close' } }
const FULL: ProblemAnswer = { code: 'events-full', retryAfterSeconds: RETRY_AFTER_SECONDS }
const DRAINING: ProblemAnswer = { code: 'draining', retryAfterSeconds: RETRY_AFTER_SECONDS }

const ANSWERS: Readonly<Record<Exclude<PushEnd, 'kept'>, ProblemAnswer>> = {
  unreadable: { code: 'event-unreadable', cacheControl: 'no-store' },
  failed: { code: 'event-not-kept', retryAfterSeconds: RETRY_AFTER_SECONDS },
}

/** Listens for events that are pushed by HTTP: `POST` with the token is answered 202 once the event is kept. */
export const openWebhook = async (options: WebhookOptions) => {
  let isClosing = false
  let events = 0
  const { most = MOST_EVENTS } = options
  const isToken = createTokenCheck(options.token)
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path, query } = parseTarget(request.url ?? '/')
    if (answerHealth(path, response, options.isReady() && !isClosing)) return
    const refuse = (problem: ProblemAnswer): void => {
      options.onAnswer(problemStatusOf(problem.code))
      sendProblem(response, problem)
    }
    const inQuery = new URLSearchParams(query).getAll('token').slice(0, 1)
    const given = [...readHeader(request.headers.authorization), ...inQuery]
    if (!given.some(isToken)) return refuse(TOKEN_WRONG)
    if (request.method !== 'POST') return refuse(NOT_AN_EVENT)
    if (isClosing) return refuse(DRAINING)
    if (events >= most) return refuse(FULL)
    events++
    try {
      const body = await readText(request, MOST_BODY_BYTES)
      if (body === undefined) return refuse(TOO_LARGE)
      const end = await options.keep(body)
      if (end !== 'kept') return refuse(ANSWERS[end])
    } finally {
      events--
    }
    options.onAnswer(202)
    response.writeHead(202, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end('{"version":1,"kept":true}\n')
  }
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    if (isClosing) response.setHeader('connection', 'close')
    respond(request, response).catch(() => response.destroy()) // the client went away while it sent the body
  })
  server.maxConnections = MOST_CONNECTIONS
  const closeServer = createClosing(server)
  const port = await startListening(server, { ...options, flags: '--listen' })
  server.on('error', () => {}) // a connection that could not be accepted: its sender tries again
  return {
    port,
    /** Takes no more events, and ends when those that arrived are answered; cuts them off where `signal` aborts first. */
    close: (signal: AbortSignal): Promise<void> => {
      isClosing = true
      return closeServer(signal)
    },
  }
}

/** Answers `/healthz` and `/readyz`; false for any other path. */
export const answerHealth = (path: string, response: ServerResponse, isReady: boolean): boolean => {
  if (path !== '/healthz' && path !== '/readyz') return false
  const isWell = path === '/healthz' || isReady
  response.writeHead(isWell ? 200 : 503, { 'content-type': 'text/plain', 'cache-control': 'no-store' })
  response.end(isWell ? 'ok\n' : 'not ready\n')
  return true
}

/**
 * A token comes as `Authorization: Bearer`, as the password of `Basic` (a URL with `user:token@`), or as `?token=`
 * where the sender has no other way.
 */
const readHeader = (header = ''): readonly string[] => {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(header.trim()) ?? []
  if (scheme.toLowerCase() === 'bearer') return [value]
  if (scheme.toLowerCase() !== 'basic') return []
  const decoded = Buffer.from(value, 'base64').toString()
  return [decoded.slice(decoded.indexOf(':') + 1)]
}

/**
 * Ends a server when its requests are answered. A connection on which nothing was asked yet is not idle to Node: one
 * such would hold up the end.
 */
const createClosing = (server: Server) => {
  const sockets = new Set<Socket>()
  const answering = new Map<Socket, ServerResponse>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    answering.set(socket, response)
    response.once('close', () => answering.delete(socket))
  })
  const endIdle = (): void => {
    for (const socket of sockets) if (!answering.has(socket)) socket.destroy()
  }
  return async (signal: AbortSignal): Promise<void> => {
    const closed = stopListening(server)
    for (const response of answering.values())
      if (!response.headersSent) response.setHeader('connection', 'close')
    const grace = setTimeout(endIdle, CLOSING_GRACE_MS)
    await orAborted(closed, signal).catch(() => {})
    clearTimeout(grace)
    server.closeAllConnections()
  }
}
