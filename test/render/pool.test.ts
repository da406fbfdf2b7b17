import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { Renderer } from '../../src/render/port.ts'
import { ask, codeOf, LIMITS, openTestRenderer, photo, plain, QUICK, renderOne } from './support.ts'

const UNRULY = fileURLToPath(new URL('./fixtures/unruly-worker.mjs', import.meta.url))

const opened: Renderer[] = []
const open = (...options: Parameters<typeof openTestRenderer>): Renderer => {
  const renderer = openTestRenderer(...options)
  opened.push(renderer)
  return renderer
}
afterEach(async () => {
  for (const renderer of opened.splice(0)) await renderer.close()
})

/** Renders with a worker that does what the width says: 66 to 69 go wrong, 100 and more take as many ms. */
const start = async (renderer: Renderer, width: number, signal?: AbortSignal, waitMs?: number) => {
  const request = {
    bytes: await plain(width, 10).png().toBuffer(),
    outputs: [ask('5w.q80')],
    encoders: QUICK,
  }
  return renderer.render(request, { ...(signal && { signal }), ...(waitMs !== undefined && { waitMs }) })
}

const timed = async (work: Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work
  return performance.now() - began
}

describe('the pool', () => {
  it.each([
    ['leaves', 66],
    ['is torn down', 67],
    ['throws what is no answer', 68],
  ])('outlives a worker that %s, and no other job is lost', async (_, width) => {
    const renderer = open({ workerFile: UNRULY })
    const others = [20, 300, 30, 200, 40].map((other) => start(renderer, other))
    expect(await codeOf(start(renderer, width))).toBe('render-crashed')
    expect((await Promise.all(others)).map(({ facts }) => facts.width)).toEqual([20, 300, 30, 200, 40])
    expect((await start(renderer, 50)).facts.width).toBe(50)
  })

  it('answers a mistake of ours as a Problem of the one picture', async () => {
    const renderer = open({ workerFile: UNRULY })
    await expect(start(renderer, 69)).rejects.toMatchObject({
      code: 'render-bug',
      message: 'imgsizes failed at the picture: a mistake of ours.',
      cause: { stack: 'where it is' },
    })
    expect((await start(renderer, 50)).facts.width).toBe(50)
  })

  it('answers render-timeout in time, and counts the thread as busy until it ends', async () => {
    const renderer = open({ workerFile: UNRULY, threads: 1, limits: { ...LIMITS, renderTimeoutMs: 800 } })
    // A thread starts in 50 ms, on a busy machine in ten times that.
    await start(renderer, 20)
    const slow = start(renderer, 3_000)
    let code = ''
    expect(
      await timed(
        codeOf(slow).then((found) => {
          code = found
        }),
      ),
    ).toBeLessThan(2_000)
    expect(code).toBe('render-timeout')
    expect(await timed(start(renderer, 30))).toBeGreaterThan(900)
  })

  it('has nobody wait longer than allowed for a thread that does not end', async () => {
    const renderer = open({ workerFile: UNRULY, threads: 1, limits: { ...LIMITS, renderTimeoutMs: 100 } })
    expect(await codeOf(start(renderer, 3_000))).toBe('render-timeout')
    const waited = timed(
      codeOf(start(renderer, 20, undefined, 200)).then((code) => expect(code).toBe('overloaded')),
    )
    expect(await waited).toBeLessThan(1_500)
    const gone = new AbortController()
    const left = expect(start(renderer, 20, gone.signal, 60_000)).rejects.toBe('gone')
    gone.abort('gone')
    await left
  })

  it('forgets a waiting job whose caller has gone', async () => {
    const renderer = open({ workerFile: UNRULY, threads: 1 })
    await start(renderer, 20)
    const running = start(renderer, 400)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const leaving = new AbortController()
    const waiting = start(renderer, 2000, leaving.signal)
    setTimeout(() => leaving.abort(new Error('gone')), 50)
    await expect(waiting).rejects.toThrow('gone')
    expect(await timed(start(renderer, 30))).toBeLessThan(1000)
    await running
    await expect(start(renderer, 20, AbortSignal.abort(new Error('late')))).rejects.toThrow('late')
  })

  it('gives up a wait on request, and finishes what has begun', async () => {
    const renderer = open({ workerFile: UNRULY, threads: 1 })
    const end = new AbortController()
    const begun: number[] = []
    const startUntil = async (width: number) => {
      const bytes = await plain(width, 10).png().toBuffer()
      const options = { waitSignal: end.signal, onBegin: () => begun.push(width) }
      return renderer.render({ bytes: new Uint8Array(bytes), outputs: [], encoders: QUICK }, options)
    }
    const running = startUntil(400)
    await expect.poll(() => begun).toEqual([400])
    const waiting = startUntil(300)
    end.abort('the end')
    await expect(waiting).rejects.toBe('the end')
    expect((await running).facts.width).toBe(400)
    expect(begun).toEqual([400])
  })

  it('rejects a caller who leaves while it runs, and is busy until that ends', async () => {
    const renderer = open({ workerFile: UNRULY, threads: 1 })
    await start(renderer, 20)
    const leaving = new AbortController()
    const running = start(renderer, 600, leaving.signal)
    setTimeout(() => leaving.abort(new Error('gone')), 50)
    expect(await timed(expect(running).rejects.toThrow('gone'))).toBeLessThan(400)
    expect(await timed(start(renderer, 30))).toBeGreaterThan(250)
  })

  it('keeps its promises within a memory budget too small for any picture', async () => {
    const renderer = open({ memoryBytes: 1, threads: 2 })
    const bytes = await photo(200, 150).png().toBuffer()
    const all = await Promise.all(
      Array.from({ length: 6 }, () => renderOne(renderer, bytes, '100w.q80 webp')),
    )
    expect(all.map(({ width }) => width)).toEqual([100, 100, 100, 100, 100, 100])
  })

  it('stops between two encodes once nobody waits', async () => {
    const renderer = open({ threads: 1 })
    const bytes = await photo(900, 600).jpeg().toBuffer()
    const request = {
      bytes,
      outputs: Array.from({ length: 40 }, (_, i) => ask(`${860 - i}w.q80 avif`)),
      encoders: { ...QUICK, avif: { effort: 3 } },
    }
    await expect(renderer.render(request, { signal: AbortSignal.timeout(700) })).rejects.toThrow()
    expect(await timed(renderOne(renderer, await plain(20, 20).png().toBuffer(), '10w.q80'))).toBeLessThan(
      3000,
    )
  })
})

describe('the versions of the encoders', () => {
  it('name libvips and the codec of each format', () => {
    const renderer = open()
    const versions = (['avif', 'webp', 'jpg', 'png', 'gif'] as const).map(renderer.encoderVersion)
    expect(new Set(versions).size).toBe(5)
    for (const version of versions) expect(version).toMatch(/^vips-\d+\.\d+\.\d+ /)
  })
})
