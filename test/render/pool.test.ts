import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/core/format.ts'
import type { Renderer } from '../../src/render/port.ts'
import { listRenderProcesses } from '../support/children.ts'
import { ask, codeOf, LIMITS, openTestRenderer, photo, plain, QUICK, renderOne } from './support.ts'

const UNRULY = fileURLToPath(new URL('./fixtures/unruly-process.mjs', import.meta.url))

const opened: Renderer[] = []
const open = (...options: Parameters<typeof openTestRenderer>): Renderer => {
  const renderer = openTestRenderer(...options)
  opened.push(renderer)
  return renderer
}
afterEach(async () => {
  for (const renderer of opened.splice(0)) await renderer.close()
})

/** Renders in a process that does what the width says: 66 to 70 go wrong, 100 and more take as many ms. */
const start = async (
  renderer: Renderer,
  width: number,
  signal?: AbortSignal,
  waitMs?: number,
  onBegin?: () => void,
) => {
  const request = {
    bytes: await plain(width, 10).png().toBuffer(),
    outputs: [ask('5w.q80')],
    encoders: QUICK,
  }
  return renderer.render(request, {
    ...(signal && { signal }),
    ...(waitMs !== undefined && { waitMs }),
    ...(onBegin && { onBegin }),
  })
}

const timed = async (work: Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work
  return performance.now() - began
}

describe('the pool', () => {
  it.each([
    ['leaves', 66],
    ['throws', 67],
    ['crashes', 68],
    ['babbles', 71],
    ['says what nobody understands', 72],
  ])('outlives a process that %s, and no other job is lost', async (_, width) => {
    const renderer = open({ processFile: UNRULY })
    const others = [20, 300, 30, 200, 40].map((other) => start(renderer, other))
    expect(await codeOf(start(renderer, width))).toBe('render-crashed')
    expect((await Promise.all(others)).map(({ facts }) => facts.width)).toEqual([20, 300, 30, 200, 40])
    expect((await start(renderer, 50)).facts.width).toBe(50)
  })

  it('answers a mistake of ours as a Problem of the one picture', async () => {
    const renderer = open({ processFile: UNRULY })
    await expect(start(renderer, 70)).rejects.toMatchObject({
      code: 'render-bug',
      message: 'imgsizes failed at the picture: a mistake of ours.',
      cause: { stack: 'where it is' },
    })
    expect((await start(renderer, 50)).facts.width).toBe(50)
  })

  it('ends what outlives its time, though nothing it is told is heard, and has its place back at once', async () => {
    const renderer = open({ processFile: UNRULY, threads: 1, limits: { ...LIMITS, renderTimeoutMs: 800 } })
    await start(renderer, 20)
    expect(
      await timed(codeOf(start(renderer, 69)).then((code) => expect(code).toBe('render-timeout'))),
    ).toBeLessThan(2_000)
    expect(await timed(start(renderer, 30))).toBeLessThan(1_000)
  })

  it('starts another process when the work so far is worth it, as predicted or unknown', async () => {
    const request = {
      bytes: await plain(150, 10).png().toBuffer(),
      outputs: [ask('5w.q80')],
      encoders: QUICK,
    }
    const processesFor = async (renderer: Renderer, costs: readonly (number | undefined)[]) => {
      const all = costs.map((costMs) => renderer.render(request, costMs === undefined ? {} : { costMs }))
      expect(await Promise.all(all)).toHaveLength(costs.length)
      return (await listRenderProcesses(process.pid, UNRULY)).length
    }
    const small = open({ processFile: UNRULY, threads: 2 })
    expect(await processesFor(small, [30, 30, 30])).toBe(1)
    expect(await processesFor(small, [30, 30])).toBe(2)
    await small.close()
    expect(await processesFor(open({ processFile: UNRULY, threads: 2 }), [undefined, undefined])).toBe(2)
  })

  it('has nobody wait longer than allowed for a process', async () => {
    const renderer = open({ processFile: UNRULY, threads: 1 })
    const begun: number[] = []
    const running = start(renderer, 2_000, undefined, undefined, () => begun.push(1))
    await expect.poll(() => begun).toHaveLength(1)
    const waited = timed(
      codeOf(start(renderer, 20, undefined, 200)).then((code) => expect(code).toBe('overloaded')),
    )
    expect(await waited).toBeLessThan(1_500)
    const gone = new AbortController()
    const left = expect(start(renderer, 20, gone.signal, 60_000)).rejects.toBe('gone')
    gone.abort('gone')
    await left
    await running
  })

  it('has nobody wait longer than allowed for memory, and uses the process again that waited with him', async () => {
    const renderer = open({ processFile: UNRULY, threads: 2, memoryBytes: 2_500_000 })
    const begun: number[] = []
    const running = start(renderer, 2_000, undefined, undefined, () => begun.push(1))
    await expect.poll(() => begun).toHaveLength(1)
    const before = await listRenderProcesses(process.pid, UNRULY)
    expect(await codeOf(start(renderer, 600, undefined, 700))).toBe('overloaded')
    const after = await listRenderProcesses(process.pid, UNRULY)
    expect((await start(renderer, 40)).facts.width).toBe(40)
    expect(after).toHaveLength(2)
    expect(await listRenderProcesses(process.pid, UNRULY)).toEqual(after)
    expect(after).toEqual(expect.arrayContaining([...before]))
    await running
  })

  it('forgets a waiting job whose caller has gone', async () => {
    const renderer = open({ processFile: UNRULY, threads: 1 })
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
    const renderer = open({ processFile: UNRULY, threads: 1 })
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

  it('ends what nobody waits for any more', async () => {
    const renderer = open({ processFile: UNRULY, threads: 1 })
    await start(renderer, 20)
    const leaving = new AbortController()
    const running = start(renderer, 60_000, leaving.signal)
    setTimeout(() => leaving.abort(new Error('gone')), 50)
    expect(await timed(expect(running).rejects.toThrow('gone'))).toBeLessThan(1_000)
    expect(await timed(start(renderer, 30))).toBeLessThan(1_000)
  })

  it('keeps its promises within memory that is enough for one picture', async () => {
    const renderer = open({ memoryBytes: 1_000_000, threads: 2 })
    const bytes = await photo(200, 150).png().toBuffer()
    const all = await Promise.all(
      Array.from({ length: 6 }, () => renderOne(renderer, bytes, '100w.q80 webp')),
    )
    expect(all.map(({ width }) => width)).toEqual([100, 100, 100, 100, 100, 100])
  })

  it('ends an AVIF encode that has begun', async () => {
    const renderer = open({ threads: 1 })
    const bytes = await photo(2400, 1600).jpeg().toBuffer()
    const request = { bytes, outputs: [ask('2400w.q80 avif')], encoders: { ...QUICK, avif: { effort: 9 } } }
    await expect(renderer.render(request, { signal: AbortSignal.timeout(1_500) })).rejects.toThrow()
    const small = await plain(20, 20).png().toBuffer()
    expect(await timed(renderOne(renderer, small, '10w.q80'))).toBeLessThan(2_000)
  })
})

describe('the versions of the encoders', () => {
  it('name libvips and the codec of each format', () => {
    const renderer = open()
    const versions = (['avif', 'webp', 'jpg', 'png', 'gif'] as const).map(renderer.encoderVersion)
    expect(new Set(versions).size).toBe(5)
    for (const version of versions) expect(version).toMatch(/^vips-\d+\.\d+\.\d+ /)
  })

  it('are told alike by the processes that render and by us', async () => {
    const renderer = open()
    const ours = FORMATS.map(renderer.encoderVersion)
    await renderOne(renderer, await plain(20, 20).png().toBuffer(), '10w.q80')
    expect(FORMATS.map(renderer.encoderVersion)).toEqual(ours)
  })
})
