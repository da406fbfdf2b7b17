import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Renderer, RenderRequest } from '../../src/render/port.ts'
import { cpuSecondsOf, isAlive, listRenderProcesses, pageFaultsOf } from '../support/children.ts'
import { ask, codeOf, LIMITS, openClosing, photo, QUICK, renderOne } from './support.ts'

// A drawing of minutes that has ended within one was ended.
vi.setConfig({ testTimeout: 60_000 })

const svg = (inner: string, size = 'width="100" height="100"'): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${inner}</svg>`)

const SQUARE = svg('<rect width="50" height="100" fill="#dc1e1e"/>')
const noise = (count: number, octaves = 9999): Buffer =>
  svg(
    `<filter id="f">${`<feTurbulence numOctaves="${octaves}" baseFrequency="0.5"/>`.repeat(count)}</filter>` +
      '<rect width="100" height="100" filter="url(#f)"/>',
  )
/** Takes minutes at 2000 pixels, and its header none. */
const SLOW = noise(30)
/** Takes a second at 2000 pixels: long enough for its process to be seen. */
const A_SECOND = noise(1, 4)
const request = (bytes: Buffer): RenderRequest => ({
  bytes,
  outputs: [ask('2000w.q80')],
  encoders: QUICK,
})

/** A drawing and a photograph, one after the other: there is one place for both. */
const expectRoom = async (renderer: Renderer): Promise<void> => {
  const jpeg = await photo(60, 40).jpeg().toBuffer()
  const rendering = async (): Promise<void> => {
    expect(await renderOne(renderer, SQUARE, '30w.q80')).toMatchObject({ width: 30, height: 30 })
    expect(await renderOne(renderer, jpeg, '30w.q80')).toMatchObject({ width: 30, height: 20 })
  }
  await rendering()
}

const oneProcess = async (parent?: number): Promise<number> => {
  let seen: readonly number[] = []
  // Not listed again: a quick drawing's process may have gone by then.
  const look = () => (seen = listRenderProcesses(parent))
  await expect.poll(look, { interval: 10 }).toHaveLength(1)
  const [pid] = seen
  if (pid === undefined) throw new Error('the process has gone')
  return pid
}

/** Ends when a process does not start any more, but draws: its start takes half a second of a core. */
const isDrawing = (pid: number): Promise<void> =>
  expect.poll(() => cpuSecondsOf(pid), { interval: 20 }).toBeGreaterThan(1.5)

describe('a drawing that takes for ever', () => {
  it('is ended in time, and gives its place back at once', async () => {
    const renderer = openClosing({ threads: 1, limits: { ...LIMITS, renderTimeoutMs: 3_000 } })
    const slow = codeOf(renderer.render(request(SLOW))).then((code) => expect(code).toBe('render-timeout'))
    await slow
    await expectRoom(renderer)
  })

  it('is ended when nobody waits for it', async () => {
    const renderer = openClosing({ threads: 1 })
    const leaving = new AbortController()
    const slow = expect(renderer.render(request(SLOW), { signal: leaving.signal })).rejects.toThrow('gone')
    const pid = await oneProcess()
    await isDrawing(pid)
    leaving.abort(new Error('gone'))
    await slow
    await expect.poll(() => isAlive(pid)).toBe(false)
    await expectRoom(renderer)
  })
})

describe('a render process', () => {
  it('is no more than one for each place, and is used again', async () => {
    const renderer = openClosing({ threads: 2 })
    await Promise.all(Array.from({ length: 9 }, () => renderOne(renderer, SQUARE, '30w.q80')))
    const first = listRenderProcesses()
    expect([1, 2]).toContain(first.length)
    await Promise.all(Array.from({ length: 9 }, () => renderOne(renderer, SQUARE, '40w.q80')))
    expect(first).toEqual(expect.arrayContaining([...listRenderProcesses()]))
  })

  it('finishes its drawing when it is told to end with all others', async () => {
    const renderer = openClosing({ threads: 1 })
    await renderOne(renderer, SQUARE, '30w.q80')
    const pid = await oneProcess()
    const drawing = renderOne(renderer, noise(1), '300w.q80')
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, name)
    expect((await drawing).width).toBe(300)
    expect(await oneProcess()).toBe(pid)
  })

  it('takes hardly any new memory for one photograph after the other', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
    const grain = sharp({ create: { width: 2464, height: 1632, channels: 3, noise, background: '#000' } })
    const bytes = await grain.jpeg({ quality: 60 }).toBuffer()
    expect(bytes.length).toBeGreaterThan(1_000_000)
    const renderer = openClosing({ threads: 1 })
    const renderSome = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) await renderOne(renderer, bytes, '640w.q80 jpg')
    }
    await renderSome()
    const pid = await oneProcess()
    const before = pageFaultsOf(pid)
    await renderSome()
    // New memory for the original alone would be 300 pages each time.
    expect(pageFaultsOf(pid) - before).toBeLessThan(5 * 100)
  })

  it('goes with its renderer', async () => {
    const renderer = openClosing({ threads: 2 })
    const all = [20, 30, 40].map((width) => renderOne(renderer, SQUARE, `${width}w.q80`))
    await Promise.all(all)
    expect(listRenderProcesses().length).toBeGreaterThan(0)
    await renderer.close()
    expect(listRenderProcesses()).toEqual([])
    const late = [1, 2, 3].map(() => expect(renderOne(renderer, SQUARE, '30w.q80')).rejects.toThrow('closed'))
    await Promise.all(late)
  })

  it('that cannot be started leaves its place to the next', async () => {
    const renderer = openClosing({ threads: 1 })
    const { execPath } = process
    onTestFinished(() => {
      process.execPath = execPath
    })
    process.execPath = '/nowhere/node'
    expect(await codeOf(renderer.render(request(SQUARE)))).toBe('render-unavailable')
    await expect(renderer.probe()).rejects.toMatchObject({ code: 'render-unavailable' })
    process.execPath = execPath
    await renderer.probe()
    await expectRoom(renderer)
  })

  it('that cannot be started leaves its work to those that are there', async () => {
    const renderer = openClosing({ threads: 2 })
    await renderOne(renderer, SQUARE, '30w.q80')
    const { execPath } = process
    onTestFinished(() => {
      process.execPath = execPath
    })
    process.execPath = '/nowhere/node'
    const all = await Promise.all([20, 30, 40].map((width) => renderOne(renderer, SQUARE, `${width}w.q80`)))
    expect(all.map(({ width }) => width)).toEqual([20, 30, 40])
    await renderer.probe()
  })

  it('is not told the secrets of its parent', async () => {
    process.env.IMGSIZES_SECRET = 'not for strangers'
    onTestFinished(() => {
      delete process.env.IMGSIZES_SECRET
    })
    const renderer = openClosing()
    await renderOne(renderer, SQUARE, '30w.q80')
    const environment = await readFile(`/proc/${await oneProcess()}/environ`, 'utf8')
    expect(environment).toContain('PATH=')
    expect(environment).not.toMatch(/not for strangers|NODE_OPTIONS|AWS_/)
  })
})

const POOL = resolve(import.meta.dirname, '../../src/render/renderer.ts')

/** A program that has a `renderer` and renders a drawing, as often as it calls `render`; by default it closes nothing. */
const startParent = (bytes: Buffer, then = 'console.log((await render()).outputs[0].width)') => {
  const options = { threads: 1, memoryBytes: 1e9, limits: LIMITS }
  const { outputs, encoders } = request(bytes)
  const program = `
    import { createJiti } from 'jiti'
    import { closeSync, openSync } from 'node:fs'
    const { openRenderer } = await createJiti(${JSON.stringify(POOL)}).import(${JSON.stringify(POOL)})
    const renderer = openRenderer(${JSON.stringify(options)})
    const bytes = Buffer.from(${JSON.stringify(bytes.toString('base64'))}, 'base64')
    const render = () => renderer.render({ bytes, ...${JSON.stringify({ outputs, encoders })} })
    ${then}`
  const shell = [
    '-c',
    'ulimit -n 64 && exec "$@"',
    '-',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]
  const child = spawn('sh', shell, { stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { child, ended, stdout: () => stdout }
}

describe('the parent of a render process', () => {
  it('leaves none when it is killed', async () => {
    const { child, ended } = startParent(SLOW)
    const pid = await oneProcess(child.pid)
    await isDrawing(pid)
    child.kill('SIGKILL')
    await ended
    await expect.poll(() => isAlive(pid)).toBe(false)
  })

  it('that may open no more files says so, and renders when it may again', async () => {
    const { ended, stdout } = startParent(
      SQUARE,
      `const files = []
      try { for (;;) files.push(openSync('/dev/null')) } catch {}
      for (let i = 0; i < 3; i++) console.log(await render().catch(({ code }) => code))
      for (const file of files.splice(0, 10)) closeSync(file)
      console.log((await render()).outputs[0].width)
      process.exit()`,
    )
    await ended
    expect(stdout()).toBe(`${'render-unavailable\n'.repeat(3)}2000\n`)
  })

  it('waits for a drawing, and is not kept by one that has been drawn', async () => {
    const { child, ended, stdout } = startParent(A_SECOND)
    const pid = await oneProcess(child.pid)
    await ended
    expect([child.exitCode, stdout()]).toEqual([0, '2000\n'])
    await expect.poll(() => isAlive(pid)).toBe(false)
  })
})
