import { expect, onTestFinished } from 'vitest'
import { createCommonHeaders } from '../../src/http/common-headers.ts'
import type { Handler, HttpAnswer } from '../../src/http/http-message.ts'
import { type Listening, type ListenOptions, listen } from '../../src/http/listen.ts'
import type { RequestFacts } from '../../src/http/log.ts'
import { encodePath } from '../../src/url/path.ts'
import { systemClock } from '../../src/waiting/system-clock.ts'
import { picture, putText } from './bench-project.ts'
import { openMemoryStore } from './memory-store.ts'
import { openTestOrigin, type TestOriginOptions } from './origin.ts'
import { type RawResponse, requestRaw } from './raw-http.ts'

export const SOURCE = 'photos/cat.jpg'
export const SHOWN = picture('a cat', '80', 'webp')
const TIMEOUTS = { keepAliveMs: 60_000, headersMs: 30_000, drainMs: 5_000 }
/** For a head that is awaited in vain, and for nothing else: on a busy machine a whole one may take longer. */
export const SHORT_HEAD = { ...TIMEOUTS, headersMs: 300 }

/** A handler that listens until the test ends. */
export const listenTo = async (handle: Handler, options: Partial<ListenOptions> = {}) => {
  const requests: RequestFacts[] = []
  const crowded: string[] = []
  const listening: Listening = await listen({
    port: 0,
    host: '127.0.0.1',
    handle,
    commonHeaders: createCommonHeaders({ cors: [], timingAllowOrigin: [] }),
    timeouts: TIMEOUTS,
    trustProxy: 1,
    now: systemClock.now,
    onRequest: (facts) => void requests.push(facts),
    maxConnections: 1_000,
    onCrowded: (what) => void crowded.push(what),
    onAcceptFailed: (reason) => void crowded.push(reason),
    ...options,
  })
  onTestFinished(() => listening.close(AbortSignal.timeout(1_000)).catch(() => {}))
  return { listening, requests, crowded }
}

/** An origin over stores in memory that listens, with one source. */
export const serve = async (
  options: TestOriginOptions & { readonly listen?: Partial<ListenOptions> } = {},
) => {
  const source = options.source ?? openMemoryStore()
  await putText(source, SOURCE, 'a cat')
  const config = { serve: { fill: 'one' as const }, ...options.config }
  const test = openTestOrigin({ mount: '/img/', ...options, source, config })
  const { listening, requests, crowded } = await listenTo(test.origin.handle, options.listen)
  return {
    ...test,
    requests,
    crowded,
    listening,
    url: `/img/${encodePath(test.key(SOURCE))}`,
    ask: (target: string, init?: Parameters<typeof requestRaw>[2]): Promise<RawResponse> =>
      requestRaw(listening.port, target, init),
  }
}

export const until = (isSo: () => boolean | Promise<boolean>): Promise<void> =>
  expect.poll(isSo, { interval: 5 }).toBe(true)

/** A plain answer with this body. */
export const answerWith = (body?: HttpAnswer['body'], more: Partial<HttpAnswer> = {}): HttpAnswer => ({
  status: 200,
  headers: {},
  outcome: 'hit',
  ...(body && { body }),
  ...more,
})
