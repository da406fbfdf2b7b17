import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createKeyring } from '../../src/url/keyring.ts'
import { encodePath } from '../../src/url/path.ts'
import { listOutput, makeProject, run, SECRET } from '../cli/support.ts'
import { isAlive, listRenderProcesses } from '../support/children.ts'
import { testKey } from '../support/origin.ts'
import { requestRaw } from '../support/raw-http.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const WORKER = createRequire(import.meta.url).resolve('#serve-worker')
const keyring = createKeyring([{ value: SECRET, isRetired: false }])
const keyOf = (source: string, transform = '32w.q80'): string => testKey(keyring, source, { transform })

const start = (cwd: string, workers: number, ...args: readonly string[]): Promise<ServeProcess> =>
  startServe({ cwd, args: ['--workers', String(workers), ...args] })

const listWorkers = ({ child }: ServeProcess): readonly number[] => listRenderProcesses(child.pid, WORKER)

/** Over a connection of its own. */
const statusOf = async ({ port }: ServeProcess, key: string): Promise<number> =>
  (await requestRaw(port, `/${encodePath(key)}`)).status

/** Only for what never comes: a busy machine takes long to start a process. */
const WAIT = { timeout: 100_000, interval: 50 }
vi.setConfig({ testTimeout: 240_000 })

describe('serve by workers', () => {
  test('renders once what all of them are asked for at once, and sums what they count', async () => {
    // Without a search a build would make the same.
    const encoders = { webp: { search: false } }
    const cwd = await makeProject(['a.jpg'], { serve: { fill: 'one' }, encoders })
    const serve = await start(cwd, 3, '--metrics-port', '0')
    expect(listWorkers(serve)).toHaveLength(3)
    const statuses = await Promise.all(Array.from({ length: 200 }, () => statusOf(serve, keyOf('a.jpg'))))
    expect(new Set(statuses)).toEqual(new Set([200]))
    const url = await serve.metricsUrl()
    await vi.waitFor(async () => {
      const text = await (await fetch(url)).text()
      const counts = [...text.matchAll(/^imgsizes_requests_total\{.*\} (\d+)$/gm)].map(([, count]) =>
        Number(count),
      )
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200)
      expect(text).toContain('imgsizes_requests_total{outcome="miss",status="200"} 1\n')
      expect(text).toContain('imgsizes_renders_total{format="webp",purpose="answer"} 1\n')
    }, WAIT)
    expect(await serve.stop()).toBe(0)
    expect(serve.stderr().match(/"msg":"request"/g)).toHaveLength(200)
    expect(await listOutput(cwd)).toContain(keyOf('a.jpg'))
    expect(JSON.parse((await run(['plan', '--json'], { cwd })).stdout)).toMatchObject({
      foreign: 0,
      stale: 0,
    })
  })

  test('goes on without one that was killed, and puts another in its place', async () => {
    const cwd = await makeProject(['a.jpg'])
    const serve = await start(cwd, 2)
    const [first = 0, second = 0] = listWorkers(serve)
    process.kill(first, 'SIGKILL')
    await vi.waitFor(() => {
      const now = listWorkers(serve)
      expect(now).toHaveLength(2)
      expect(now).toContain(second)
      expect(now).not.toContain(first)
    }, WAIT)
    const said = serve
      .stderr()
      .split('\n')
      .find((line) => line.includes('"msg":"a worker died"'))
    expect(JSON.parse(said ?? '')).toMatchObject({ reason: 'It ended by SIGKILL. A new one is started.' })
    expect(said).not.toContain('"stack"')
    await vi.waitFor(async () => {
      const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(serve, keyOf('a.jpg'))))
      expect(new Set(statuses)).toEqual(new Set([200]))
    }, WAIT)
    for (const pid of listWorkers(serve)) process.kill(pid, 'SIGKILL')
    await vi.waitFor(async () => expect(await statusOf(serve, keyOf('a.jpg'))).toBe(200), WAIT)
    expect(await serve.stop()).toBe(0)
  })

  test('ends at once, with nothing lost, while a worker is started anew', async () => {
    const serve = await start(await makeProject(['a.jpg']), 2)
    const [first = 0, second = 0] = listWorkers(serve)
    await new Promise((resolve) => setTimeout(resolve, 1_100)) // one that lived shorter is not replaced at once
    process.kill(first, 'SIGKILL')
    await vi.waitFor(
      () => expect(listWorkers(serve).filter((pid) => pid !== first && pid !== second)).toHaveLength(1),
      { ...WAIT, interval: 5 },
    )
    expect(await serve.stop()).toBe(0)
  })

  test('answers what was asked when all of its processes are told to end, as systemd does', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg'], { serve: { fill: 'one' } })
    const serve = await start(cwd, 2)
    const keys = ['a.jpg', 'b.jpg'].flatMap((source) =>
      [10, 20, 30].map((width) => keyOf(source, `${width}w.q80`)),
    )
    const asked = keys.map((key) => statusOf(serve, key))
    await vi.waitFor(() => expect(listRenderProcesses(serve.child.pid).length).toBeGreaterThan(0), WAIT)
    for (const pid of listWorkers(serve)) process.kill(pid, 'SIGTERM')
    expect(await serve.stop()).toBe(0)
    const statuses = await Promise.all(asked)
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
    const stored = await listOutput(cwd)
    for (const [index, key] of keys.entries()) if (statuses[index] === 200) expect(stored).toContain(key)
  })

  test('leaves none of them behind when its own process is killed', async () => {
    const serve = await start(await makeProject(['a.jpg']), 2)
    const workers = listWorkers(serve)
    expect(workers).toHaveLength(2)
    await serve.stop('SIGKILL')
    await vi.waitFor(() => {
      for (const pid of workers) expect(isAlive(pid)).toBe(false)
    }, WAIT)
  })

  test('does not start where the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const cwd = await makeProject(['a.jpg'])
    const { code, stderr } = await run(
      ['serve', '--workers', '2', '--host', '127.0.0.1', '--port', String(port)],
      { cwd },
    )
    expect([code, stderr]).toEqual([1, expect.stringContaining(`Cannot listen on 127.0.0.1:${port}`)])
    expect(stderr).toContain('Choose another --port')
  })

  test('is one process where one is enough', async () => {
    const serve = await start(await makeProject(['a.jpg']), 1)
    expect(listWorkers(serve)).toEqual([])
    expect(await statusOf(serve, keyOf('a.jpg'))).toBe(200)
    expect(await serve.stop()).toBe(0)
  })
})
