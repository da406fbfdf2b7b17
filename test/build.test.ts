import { type ChildProcess, execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { type AppEvent, type BuildJson, openImgsizes, Problem } from '../src/build.ts'
import { CONFIG, makeProject, run, SECRET, writePicture } from './cli/support.ts'

/** The face `imgsizes/build`: what the commands do, as functions. It is held against the commands themselves. */

const open = async (
  pictures: readonly string[] = ['a.jpg', 'cards/b.jpg'],
  { concurrency = 1, ...more }: { readonly concurrency?: number; readonly serve?: object } = {},
) => {
  const cwd = await makeProject(pictures)
  const events: AppEvent[] = []
  const imgsizes = await openImgsizes({
    config: { ...CONFIG, secret: SECRET, ...more } as never,
    cwd,
    concurrency,
    onEvent: (event) => events.push(event),
  })
  return { cwd, imgsizes, events }
}

const asCommand = async (cwd: string, ...args: readonly string[]) => {
  const { stdout } = await run([...args, '--json'], { cwd, env: { IMGSIZES_SECRET: SECRET } })
  return JSON.parse(stdout)
}

describe('imgsizes/build', () => {
  test('plans, builds and rests, with the reports that the commands print', async () => {
    const { cwd, imgsizes, events } = await open()
    const planned = await imgsizes.plan()
    expect(planned).toEqual(await asCommand(cwd, 'plan'))
    expect(planned.missing).toBeGreaterThan(0)
    const built = await imgsizes.build()
    expect(built).toMatchObject({ version: 1, sources: 2, rendered: planned.missing, failed: 0 })
    expect(events.filter(({ kind }) => kind === 'result-stored')).toHaveLength(built.rendered)
    // The command and the library keep one ledger: neither has anything left to do.
    expect(await asCommand(cwd, 'plan')).toMatchObject({ missing: 0, stale: 0, present: planned.missing })
    const again = await imgsizes.build()
    expect({ ...again, seconds: 0 }).toEqual({ ...(await asCommand(cwd, 'build')), seconds: 0 })
  })

  test('says how long it took, whatever date is set meanwhile', async () => {
    let date = Date.now()
    const setBack = vi.spyOn(Date, 'now').mockImplementation(() => {
      date -= 60_000
      return date
    })
    onTestFinished(() => void setBack.mockRestore())
    const { imgsizes, events } = await open(['a.jpg'])
    const { seconds } = await imgsizes.build()
    const took = events.flatMap((event) => ('elapsedMs' in event ? [event.elapsedMs] : []))
    expect(took.length).toBeGreaterThan(1)
    expect(Math.min(seconds, ...took)).toBeGreaterThanOrEqual(0)
  })

  test('renders a few small pictures in one process: another start would cost more', async () => {
    const started: ChildProcess[] = []
    const note = (message: unknown): void => {
      started.push((message as { readonly process: ChildProcess }).process)
    }
    subscribe('child_process', note)
    onTestFinished(() => {
      unsubscribe('child_process', note)
    })
    const { imgsizes } = await open(['a.jpg', 'b.jpg', 'c.jpg'], { concurrency: 2 })
    expect(await imgsizes.build()).toMatchObject({ sources: 3, failed: 0 })
    const isRenderer = ({ spawnargs }: ChildProcess): boolean =>
      spawnargs.some((each) => each.endsWith('render-process.cjs'))
    expect(started.filter(isRenderer)).toHaveLength(1)
  })

  test('takes a part: a glob, names, a size, a share', async () => {
    const { imgsizes } = await open()
    const all = await imgsizes.plan()
    const only = await imgsizes.plan({ only: 'cards/**' })
    expect(only.sources).toBe(1)
    expect(await imgsizes.plan({ sources: ['cards/b.jpg'] })).toMatchObject({ missing: only.missing })
    const [first, second] = await Promise.all(
      [1, 2].map((index) => imgsizes.build({ shard: { index, count: 2 } })),
    )
    expect((first?.rendered ?? 0) + (second?.rendered ?? 0)).toBe(all.missing)
  })

  test('takes named sources once each, and their shares', async () => {
    const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'a.jpg']
    const { imgsizes } = await open([...new Set(names)])
    expect(await imgsizes.plan({ sources: names })).toMatchObject({ sources: 4, missing: 16 })
    const build = (index: number) => imgsizes.build({ sources: names, shard: { index, count: 2 } })
    const shares = [await build(1), await build(2)]
    expect(shares.map(({ sources }) => sources).sort()).not.toEqual([0, 4])
    expect(shares.reduce((sum, { sources }) => sum + sources, 0)).toBe(4)
  })

  test('forces all, and leaves to the next build what it was ended before', async () => {
    const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']
    const { imgsizes } = await open(names)
    await imgsizes.build()
    expect(await imgsizes.plan({ force: true })).toMatchObject({ present: 0, stale: 16 })
    const forceFirst = (options: { readonly sources?: readonly string[] }) => {
      const stop = new AbortController()
      const onEvent = ({ kind }: AppEvent): void => void (kind === 'result-stored' && stop.abort())
      return imgsizes.build({ ...options, force: true, onEvent, signal: stop.signal })
    }
    expect((await forceFirst({ sources: names })).rendered).toBeLessThan(16)
    expect(await imgsizes.plan()).toMatchObject({ present: 16 })
    const { rendered } = await forceFirst({})
    expect(await imgsizes.plan()).toMatchObject({ present: rendered, stale: 16 - rendered })
  })

  test('names what cannot be, before anything is done', async () => {
    const { imgsizes } = await open()
    for (const attempt of [
      imgsizes.plan({ size: 'huge' }),
      imgsizes.plan({ sources: ['../x.jpg'] }),
      imgsizes.build({ shard: { index: 3, count: 2 } }),
      imgsizes.url('/x.jpg'),
      imgsizes.purge(['/x.jpg']),
    ]) {
      const error = await attempt.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(Problem)
      expect(error).toMatchObject({ code: 'option-invalid' })
    }
  })

  test('names options that a program without types gets wrong, and does nothing', async () => {
    const { cwd, imgsizes } = await open()
    await imgsizes.build()
    await rm(join(cwd, 'photos/a.jpg'))
    const wrong = (value: unknown): never => value as never
    const attempts: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
      [() => imgsizes.prune(wrong({ olderThanMs: 0, dryrun: true })), /^prune: dryrun: unknown option/],
      [() => imgsizes.purge(wrong('a.jpg')), /^purge: sources: "a\.jpg"; allowed: a list of texts/],
      [() => imgsizes.warm(wrong(['access.log'])), /^warm: logs\[0\]: "access\.log"; allowed: \{ name/],
      [() => imgsizes.url(wrong(3)), /^url: source: 3; allowed: a text/],
      [
        () => imgsizes.url('a.jpg', { size: 'small', transform: '9w.q80' }),
        /size and transform do not go together/,
      ],
      [() => openImgsizes(wrong({ concurency: 1 })), /^openImgsizes: concurency: unknown option/],
    ]
    for (const [attempt, says] of attempts) {
      const error = await attempt().catch((reason: unknown) => reason)
      expect
        .soft(error, String(says))
        .toMatchObject({ code: 'option-invalid', message: expect.stringMatching(says) })
    }
    expect(await imgsizes.plan()).toMatchObject({ present: 6, orphans: 4 })
  })

  test('reports a source that fails, and does the others', async () => {
    const { cwd, imgsizes } = await open()
    await writeFile(join(cwd, 'photos/bad.jpg'), 'no picture')
    const { failed, failures, sources } = await imgsizes.build()
    expect({ failed, sources }).toEqual({ failed: 1, sources: 3 })
    expect(failures).toMatchObject([{ source: 'bad.jpg', code: 'not-an-image' }])
    expect((await imgsizes.plan()).failing).toBe(1)
    expect((await imgsizes.build({ retryFailed: true })).failed).toBe(1)
  })

  test('signs as the command does', async () => {
    const { cwd, imgsizes } = await open()
    const urls = await imgsizes.url('a.jpg')
    expect(urls).toEqual(await asCommand(cwd, 'url', 'a.jpg'))
    const [one] = await imgsizes.url('a.jpg', { transform: '10w.q80', format: 'webp' })
    expect(one?.key).toMatch(/^a\.jpg\/10w\.q80\..{16}\.webp$/)
    const { imgsizes: expiring } = await open([], { serve: { expiring: true } })
    const [link] = await expiring.url('a.jpg', { expires: new Date(4e12) })
    expect(link?.url).toMatch(/\?expires=4000000000&token=/)
  })

  test('verifies and repairs, prunes and purges', async () => {
    const { cwd, imgsizes } = await open()
    await imgsizes.build()
    const [url] = await imgsizes.url('a.jpg')
    const file = join(cwd, 'out', url?.key ?? '')
    await writeFile(file, (await readFile(file)).subarray(0, 40))
    expect((await imgsizes.verify()).bad).toMatchObject([{ key: url?.key }])
    expect(await imgsizes.verify({ repair: true })).toMatchObject({ bad: [], repaired: [{ key: url?.key }] })
    await rm(join(cwd, 'photos/a.jpg'))
    const doomed = await imgsizes.prune({ dryRun: true, olderThanMs: 0, maxShare: 1 })
    expect(doomed.deleted).toBeGreaterThan(0)
    expect(await imgsizes.prune({ olderThanMs: 0, maxShare: 1 })).toEqual(doomed)
    const purged = await imgsizes.purge(['cards/*.jpg'])
    expect(purged.deleted).toBe(purged.keys.length)
    expect(purged.deleted).toBeGreaterThan(0)
    expect((await imgsizes.plan()).present).toBe(0)
  })

  test('takes no missing output for an empty one where results are deleted or looked for', async () => {
    const { imgsizes } = await open()
    for (const attempt of [imgsizes.prune, () => imgsizes.purge(['a.jpg']), imgsizes.verify])
      await expect(attempt()).rejects.toMatchObject({ code: 'store-missing' })
  })

  test('writes nothing where only serve may, and reads all the same', async () => {
    const { cwd, imgsizes } = await open(['a.jpg'], { serve: { cache: { maxBytes: '1MB' } } })
    await mkdir(join(cwd, 'out'))
    for (const attempt of [imgsizes.build, () => imgsizes.verify({ repair: true })])
      await expect(attempt()).rejects.toMatchObject({ subject: 'serve.cache' })
    expect(await imgsizes.verify()).toMatchObject({ checked: 0 })
  })

  test('tells a run of what happens in it, and counts what it skips', async () => {
    const { cwd, imgsizes, events } = await open(['a.jpg'])
    await writeFile(join(cwd, 'photos/a\\b.jpg'), '')
    const own: AppEvent[] = []
    expect(await imgsizes.plan({ onEvent: (event) => own.push(event) })).toMatchObject({
      sources: 1,
      skipped: 1,
    })
    expect(own).toContainEqual(expect.objectContaining({ kind: 'source-skipped' }))
    expect(events).toEqual(own)
  })

  test('renders what a log asks for', async () => {
    const { imgsizes } = await open()
    const [url] = await imgsizes.url('a.jpg')
    const line = `1.2.3.4 - - [28/Nov/2026:10:00:00 +0000] "GET ${new URL(url?.url ?? '', 'https://x').pathname} HTTP/1.1" 200 1 "-" "-"\n`
    const log = {
      name: 'access.log',
      open: async function* () {
        yield Buffer.from(line.repeat(3))
      },
    }
    expect(await imgsizes.warm([log], { dryRun: true })).toMatchObject({
      lines: 3,
      due: 1,
      render: [{ key: url?.key, hits: 3 }],
    })
    expect(await imgsizes.warm([log])).toMatchObject({ rendered: 1, failed: 0 })
    expect(await imgsizes.warm([log], { minHits: 4 })).toMatchObject({ wanted: 0, rendered: 0 })
    await expect(imgsizes.warm([log], { mount: 'img' })).rejects.toThrow('The mount is "img"')
  })

  test('ends when it is told to: a build with what it has done, a plan with the reason', async () => {
    const { imgsizes } = await open()
    const signal = AbortSignal.abort(new Error('enough'))
    expect(await imgsizes.build({ signal })).toMatchObject({ rendered: 0, failed: 0 })
    await expect(imgsizes.plan({ signal })).rejects.toThrow('enough')
  })

  test('finds the configuration as the commands do', async () => {
    const cwd = await makeProject(['a.jpg'])
    await writePicture(join(cwd, 'photos/c.jpg'))
    await writeFile(join(cwd, 'imgsizes.config.json'), JSON.stringify({ ...CONFIG, secret: SECRET }))
    const imgsizes = await openImgsizes({ cwd: join(cwd, 'photos') })
    expect((await imgsizes.plan()).sources).toBe(2)
  })

  test('runs as docs/reference/library.md shows it', async () => {
    const cwd = await makeProject(['a.jpg', 'cards/b.jpg'])
    await copyFile(join(import.meta.dirname, 'library/build.mjs'), join(cwd, 'build.mjs'))
    await mkdir(join(cwd, 'node_modules'))
    await symlink(resolve(import.meta.dirname, '..'), join(cwd, 'node_modules/imgsizes'))
    const { stdout } = await promisify(execFile)(process.execPath, ['build.mjs'], { cwd })
    expect(stdout).toBe('6 results made, 0 sources failed\n')
  })

  test('has types that tell of every event and report', () => {
    expectTypeOf<AppEvent['kind']>().not.toEqualTypeOf<string>()
    expectTypeOf<BuildJson['version']>().toEqualTypeOf<1>()
    expectTypeOf<BuildJson['failures']>().items.toHaveProperty('code')
    const say = (event: AppEvent): string => (event.kind === 'result-stored' ? event.key : event.kind)
    expect(say({ kind: 'source-gone', source: 'a.jpg' as never, results: 0 })).toBe('source-gone')
  })
})
