import { expect, onTestFinished, test } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import { createMetrics, serveMetrics } from '../../src/http/metrics.ts'

const KEY = 'k' as never

test('metrics count requests, stages, bytes and what was lost, each origin by itself', async () => {
  const metrics = createMetrics(() => ({ running: 2, waiting: 3, uploads: 4 }))
  const other = createMetrics(() => ({ running: 0, waiting: 0, uploads: 0 }))
  const request = { status: 200, sizeBytes: 100, elapsedMs: 5 }
  for (const outcome of ['hit', 'hit', 'revalidated', 'miss', 'bug'] as const)
    metrics.countRequest({ ...request, outcome })
  metrics.countEvent({
    kind: 'rendered',
    key: KEY,
    format: 'webp',
    purpose: 'answer',
    sizeBytes: 1,
    elapsedMs: 40,
  })
  metrics.countEvent({ kind: 'store-failed', key: KEY, problem: new Problem('store-denied', 'no') })
  metrics.countEvent({ kind: 'fetched', source: KEY, sizeBytes: 50, elapsedMs: 3 })
  const text = await metrics.read()
  for (const line of [
    'imgsizes_requests_total{outcome="hit",status="200"} 2',
    'imgsizes_hit_ratio 0.75',
    'imgsizes_bugs_total 1',
    'imgsizes_response_bytes_total 500',
    'imgsizes_renders_total{format="webp",purpose="answer"} 1',
    'imgsizes_stage_seconds_count{stage="render"} 1',
    'imgsizes_store_failures_total{code="store-denied"} 1',
    'imgsizes_fetched_bytes_total 50',
    'imgsizes_renders_running 2',
    'imgsizes_queue_length 3',
    'imgsizes_uploads_waiting 4',
  ])
    expect(text.split('\n')).toContain(line)
  expect(text).toContain('process_resident_memory_bytes')
  expect(await other.read()).toContain('imgsizes_hit_ratio 0')
})

test('metrics are read whatever the query, and asked after by HEAD', async () => {
  const metrics = createMetrics(() => ({ running: 0, waiting: 0, uploads: 0 }))
  const { port, close } = await serveMetrics(metrics, { port: 0, host: '127.0.0.1' })
  onTestFinished(close)
  const ask = (target: string, method = 'GET'): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${target}`, { method })
  const text = await ask('/metrics?x=1')
  expect([text.status, await text.text()]).toEqual([200, expect.stringContaining('imgsizes_hit_ratio 0')])
  const head = await ask('/metrics', 'HEAD')
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect(head.headers.get('content-type')).toContain('text/plain')
  for (const [target, method] of [
    ['/metricsx', 'GET'],
    ['/', 'GET'],
    ['/metrics', 'POST'],
  ] as const)
    expect((await ask(target, method)).status).toBe(404)
})
