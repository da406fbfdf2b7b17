import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FORMATS } from '../../src/core/format.ts'
import type { Renderer, RenderOptions } from '../../src/render/port.ts'
import { Processes } from '../../src/render/processes.ts'
import { cpuSecondsOf, isAlive, listRenderProcesses } from '../support/children.ts'
import { ask, codeOf, LIMITS, openClosing, photo, plain, QUICK, renderOne } from './support.ts'

const UNRULY = fileURLToPath(new URL('./fixtures/unruly-process.mjs', import.meta.url))

/** It never ends by itself. */
const ENDLESS = 69

/** Renders in a process that does what the width says: 66 to 72 go wrong, 100 and more take as many ms. */
const start = async (renderer: Renderer, width: number, options: RenderOptions = {}): Promise<number> => {
  const request = {
    bytes: await plain(width, 10).png().toBuffer(),
    outputs: [ask('5w.q80')],
    encoders: QUICK,
  }
  return (await renderer.render(request, options)).facts.width
}

/** The same, of what is long: waits until it has begun; `end` ends it. */
const begin = async (renderer: Renderer, width: number) => {
  const leaving = new AbortController()
  let running: Promise<number> | undefined
  await new Promise<void>((onBegin, fail) => {
    running = start(renderer, width, { signal: leaving.signal, onBegin })
    running.catch(fail)
  })
  return {
    end: async () => {
      leaving.abort(new Error('gone'))
      await expect(running).rejects.toThrow('gone')
    },
  }
}

/** Before an unruly process can answer. */
const killUnruly = (): void => {
  for (const pid of listRenderProcesses(process.pid, UNRULY)) process.kill(pid, 'SIGKILL')
}

describe('the pool', () => {
  it.each([
    ['leaves', 66],
    ['throws', 67],
    ['crashes', 68],
    ['babbles', 71],
    ['says what nobody understands', 72],
  ])('outlives a process that %s, and no other job is lost', async (_, width) => {
    const renderer = openClosing({ processFile: UNRULY })
    const others = [20, 300, 30, 200, 40].map((other) => start(renderer, other))
    expect(await codeOf(start(renderer, width))).toBe('render-crashed')
    expect(await Promise.all(others)).toEqual([20, 300, 30, 200, 40])
    expect(await start(renderer, 50)).toBe(50)
  })

  it.each([
    [1, 'makes its picture again in another one'],
    [2, 'says that its picture may be to blame'],
  ])('if a process was killed %i times, %s', async (times) => {
    const renderer = openClosing({ processFile: UNRULY, threads: 1 })
    let begun = 0
    const onBegin = (): void => {
      if (++begun <= times) killUnruly()
    }
    const picture = start(renderer, 20, { onBegin }).catch(({ code }) => code)
    const later = start(renderer, 30)
    expect(await picture).toBe(times === 1 ? 20 : 'render-crashed')
    expect(await later).toBe(30)
  })

  it('answers a mistake of ours as a Problem of the one picture', async () => {
    const renderer = openClosing({ processFile: UNRULY })
    await expect(start(renderer, 70)).rejects.toMatchObject({
      code: 'render-bug',
      message: 'imgsizes failed at the picture: a mistake of ours.',
      cause: { stack: 'where it is' },
    })
    expect(await start(renderer, 50)).toBe(50)
  })

  it('ends what outlives its time, though nothing it is told is heard, and has its place back', async () => {
    const renderer = openClosing({
      processFile: UNRULY,
      threads: 1,
      limits: { ...LIMITS, renderTimeoutMs: 800 },
    })
    await start(renderer, 20)
    expect(await codeOf(start(renderer, ENDLESS))).toBe('render-timeout')
    expect(await start(renderer, 30)).toBe(30)
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
      return listRenderProcesses(process.pid, UNRULY).length
    }
    const small = openClosing({ processFile: UNRULY, threads: 2 })
    expect(await processesFor(small, [30, 30, 30])).toBe(1)
    expect(await processesFor(small, [30, 30])).toBe(2)
    await small.close()
    expect(await processesFor(openClosing({ processFile: UNRULY, threads: 2 }), [undefined, undefined])).toBe(
      2,
    )
  })

  it('has nobody wait longer than allowed for a process', async () => {
    const renderer = openClosing({ processFile: UNRULY, threads: 1 })
    const endless = await begin(renderer, ENDLESS)
    expect(await codeOf(start(renderer, 20, { waitMs: 200 }))).toBe('overloaded')
    const gone = new AbortController()
    const left = expect(start(renderer, 20, { signal: gone.signal, waitMs: 60_000 })).rejects.toBe('gone')
    gone.abort('gone')
    await left
    await endless.end()
  })

  it('has nobody wait longer than allowed for memory, and uses the process again that waited with him', async () => {
    const renderer = openClosing({ processFile: UNRULY, threads: 2, memoryBytes: 60_500_000 })
    const long = await begin(renderer, 60_000)
    const before = listRenderProcesses(process.pid, UNRULY)
    expect(await codeOf(start(renderer, 600, { waitMs: 700 }))).toBe('overloaded')
    const after = listRenderProcesses(process.pid, UNRULY)
    expect(await start(renderer, 40)).toBe(40)
    expect(after).toHaveLength(2)
    expect(listRenderProcesses(process.pid, UNRULY)).toEqual(after)
    expect(after).toEqual(expect.arrayContaining([...before]))
    await long.end()
  })

  it('forgets a waiting job whose caller has gone', async () => {
    const renderer = openClosing({ processFile: UNRULY, threads: 1 })
    const endless = await begin(renderer, ENDLESS)
    const leaving = new AbortController()
    const waiting = expect(start(renderer, ENDLESS, { signal: leaving.signal })).rejects.toThrow('left')
    leaving.abort(new Error('left'))
    await waiting
    await endless.end()
    expect(await start(renderer, 30)).toBe(30)
    await expect(start(renderer, 20, { signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow(
      'late',
    )
  })

  it('heeds neither the signal nor the time of a job that is done', async () => {
    const renderer = openClosing({
      processFile: UNRULY,
      threads: 1,
      limits: { ...LIMITS, renderTimeoutMs: 1_000 },
    })
    const leaving = new AbortController()
    expect(await start(renderer, 20, { signal: leaving.signal })).toBe(20)
    leaving.abort()
    expect(await start(renderer, 30)).toBe(30)
    await sleep(1_100)
    expect(await start(renderer, 40)).toBe(40)
  })

  it('gives up a wait on request, and finishes what has begun', async () => {
    const renderer = openClosing({ processFile: UNRULY, threads: 1 })
    const end = new AbortController()
    const begun: number[] = []
    const startUntil = (width: number) =>
      start(renderer, width, { waitSignal: end.signal, onBegin: () => begun.push(width) })
    const running = startUntil(400)
    await expect.poll(() => begun).toEqual([400])
    const waiting = startUntil(300)
    end.abort('the end')
    await expect(waiting).rejects.toBe('the end')
    expect(await running).toBe(400)
    expect(begun).toEqual([400])
  })

  it('ends what nobody waits for any more', async () => {
    const renderer = openClosing({ processFile: UNRULY, threads: 1 })
    const endless = await begin(renderer, ENDLESS)
    await endless.end()
    expect(await start(renderer, 30)).toBe(30)
  })

  it('keeps its promises within memory that is enough for one picture', async () => {
    const renderer = openClosing({ memoryBytes: 1_000_000, threads: 2 })
    const bytes = await photo(200, 150).png().toBuffer()
    const all = await Promise.all(
      Array.from({ length: 6 }, () => renderOne(renderer, bytes, '100w.q80 webp')),
    )
    expect(all.map(({ width }) => width)).toEqual([100, 100, 100, 100, 100, 100])
  })

  it('ends an AVIF encode that has begun', async () => {
    const renderer = openClosing({ threads: 1 })
    const bytes = await photo(2400, 1600).jpeg().toBuffer()
    const request = { bytes, outputs: [ask('2400w.q80 avif')], encoders: { ...QUICK, avif: { effort: 9 } } }
    const leaving = new AbortController()
    const rendering = expect(renderer.render(request, { signal: leaving.signal })).rejects.toBe('gone')
    await expect.poll(() => listRenderProcesses()).toHaveLength(1)
    const [pid = 0] = listRenderProcesses()
    // Its start and the decode take half of that.
    await expect.poll(() => cpuSecondsOf(pid), { interval: 20 }).toBeGreaterThan(1.5)
    leaving.abort('gone')
    await rendering
    await expect.poll(() => isAlive(pid)).toBe(false)
    expect(await renderOne(renderer, await plain(20, 20).png().toBuffer(), '10w.q80')).toMatchObject({
      width: 10,
    })
  })
})

describe('processes', () => {
  const open = (): Processes => {
    const processes = new Processes({ file: UNRULY, stepsAtOnce: 1, mostBytes: 1e9 })
    onTestFinished(() => processes.close())
    return processes
  }

  it('are kept where the caller has gone before one has started', async () => {
    const processes = open()
    const leaving = new AbortController()
    const taken = expect(processes.take(leaving.signal)).rejects.toBe('left')
    leaving.abort('left')
    await taken
    await processes.take()
    expect(listRenderProcesses(process.pid, UNRULY)).toHaveLength(1)
  })

  it('that became idle last work first, and one that has gone never again', async () => {
    const processes = open()
    const [first, last] = [await processes.take(), await processes.take()]
    await processes.leave(first)
    await processes.leave(last)
    expect(await processes.take()).toBe(last)
    last.giveUp('too slow')
    last.giveUp('gone')
    await expect(last.ask({ kind: 'dropped' })).rejects.toBe('too slow')
    await processes.leave(last)
    expect(listRenderProcesses(process.pid, UNRULY)).toHaveLength(1)
    expect(await processes.take()).toBe(first)
  })

  it('are waited for until one is idle, or gone, or the caller has', async () => {
    const processes = open()
    const [first, last] = [await processes.take(), await processes.take()]
    const next = processes.take(undefined, () => false)
    await processes.leave(first)
    expect(await next).toBe(first)
    const after = processes.take(undefined, (others) => others < 2)
    last.kill()
    expect([first, last]).not.toContain(await after)
    const leaving = new AbortController()
    const waiting = expect(processes.take(leaving.signal, () => false)).rejects.toBe('left')
    leaving.abort('left')
    await waiting
  })
})

describe('the versions of the encoders', () => {
  it('name libvips and the codec of each format', () => {
    const renderer = openClosing()
    const versions = (['avif', 'webp', 'jpg', 'png', 'gif'] as const).map(renderer.encoderVersion)
    expect(new Set(versions).size).toBe(5)
    for (const version of versions) expect(version).toMatch(/^vips-\d+\.\d+\.\d+ /)
    const { vips, webp } = sharp.versions
    expect(versions[1]).toBe(`vips-${vips} webp-${webp}`)
  })

  it('are told alike by the processes that render and by us', async () => {
    const renderer = openClosing()
    const ours = FORMATS.map(renderer.encoderVersion)
    await renderOne(renderer, await plain(20, 20).png().toBuffer(), '10w.q80')
    expect(FORMATS.map(renderer.encoderVersion)).toEqual(ours)
  })
})
