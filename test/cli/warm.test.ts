import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { refuseWithBuild } from '../../src/app/origin/eviction.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Format } from '../../src/core/format.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { openProject } from '../../src/wire/project.ts'
import { IMGPROXY, signImgproxy as imgproxy, signNginx as nginx } from '../support/foreign-urls.ts'
import { testKey } from '../support/origin.ts'
import { listOutput, makeProject, run, runAsProcess, SECRET, sendOn, writeText } from './support.ts'

const DIALECTS = {
  dialects: [
    { type: 'nginx', prefix: '/t/', secret: 'secret', quality: 85 },
    { type: 'imgproxy', prefix: '/', ...IMGPROXY, autoFormat: ['webp'] },
  ],
}

const keyring = createKeyring([{ value: SECRET, isRetired: false }])
const keyOf = (source: string, transform: string, ext?: Format): string =>
  testKey(keyring, source, { transform, ext })

const line = (target: string, method = 'GET'): string =>
  `192.0.2.1 - - [10/Jan/2025:12:00:00 +0000] "${method} ${target} HTTP/1.1" 404 0 "https://example.com/" "Mozilla/5.0"\n`

const toLog = (...targets: readonly string[]): string => targets.map((target) => line(target)).join('')

const readJson = (stdout: string) => {
  const { seconds, bytesIn, bytesOut, ...rest } = JSON.parse(stdout)
  expect([seconds, bytesIn, bytesOut].every((value) => value >= 0)).toBe(true)
  return rest
}

// Each runs the program several times: patience for a busy machine.
describe('warm', () => {
  test('renders what visitors asked for in any dialect, once, and changes no plan', async () => {
    const cwd = await makeProject(['a.jpg', 'b c.png'], DIALECTS)
    await run(['build'], { cwd })
    const built = await listOutput(cwd)
    expect((await run(['plan', '--check'], { cwd })).code).toBe(0)
    const log = [
      toLog(
        `/${keyOf('a.jpg', '40w.q80')}`,
        `/${keyOf('a.jpg', '40w.q80')}`,
        `/${keyOf('a.jpg', '16w.q80')}`,
      ),
      line(nginx('/t/30x20/b c.png'), 'HEAD'),
      `{"request":{"method":"GET","uri":"${imgproxy('/w:24/plain/local:///a.jpg')}"}}\n`,
      line(`/${keyOf('a.jpg', '50w.q80')}`, 'POST'),
      toLog('/', '/gone.jpg/1w.q80.AAAAAAAAAAAAAAAA.webp', '/t/31x21/a.jpg?key=wrong'),
      toLog(`/${keyOf('gone.jpg', '40w.q80')}`),
      'what is this?\n',
    ].join('')
    await writeText(join(cwd, 'access.log'), log)
    const made = [
      keyOf('a.jpg', '24w.q80', 'jpg'),
      keyOf('a.jpg', '24w.q80'),
      keyOf('a.jpg', '40w.q80'),
      keyOf('b c.png', '30x20.inside.q85', 'png'),
    ]

    const dry = await run(['warm', 'access.log', '--dry-run'], { cwd })
    expect(dry.code).toBe(0)
    expect(dry.stdout).toContain(`       2  ${keyOf('a.jpg', '40w.q80')}\n`)
    expect(dry.stdout).toContain('6 variants wanted: 4 to render, 1 present, 1 without an original\n')
    expect(await listOutput(cwd)).toEqual(built)

    const counts = {
      version: 1,
      lines: 11,
      urls: 9,
      refused: 3,
      refusals: { 'signature-wrong': 1, 'url-invalid': 2 },
      wanted: 6,
      gone: 1,
      copied: 0,
      touched: 0,
      failed: 0,
      failures: [],
    }
    const first = await run(['warm', 'access.log', '--json'], { cwd })
    expect(first.code).toBe(0)
    expect(readJson(first.stdout)).toEqual({ ...counts, present: 1, rendered: 4 })
    expect(new Set(await listOutput(cwd))).toEqual(new Set([...built, ...made]))
    const second = await run(['warm', 'access.log', '--json'], { cwd })
    expect(readJson(second.stdout)).toEqual({ ...counts, present: 5, rendered: 0 })

    const plan = await run(['plan', '--check', '--json'], { cwd })
    expect(plan.code).toBe(0)
    expect(JSON.parse(plan.stdout)).toMatchObject({ missing: 0, stale: 0, drop: 0, orphans: 0, extra: 4 })
    await run(['build'], { cwd })
    await run(['prune', '--older-than', '0'], { cwd })
    expect(new Set(await listOutput(cwd))).toEqual(new Set([...built, ...made]))
  })

  test('renders nothing of wrong signatures', async () => {
    const cwd = await makeProject(['a.jpg'], DIALECTS)
    const wrong = [
      `/${keyOf('a.jpg', '40w.q80').replace('40w', '41w')}`,
      nginx('/t/30x20/a.jpg').replace('30x20', '31x20'),
      imgproxy('/w:24/plain/local:///a.jpg').replace('w:24', 'w:25'),
      '/unsafe/w:24/plain/local:///a.jpg',
      '/a.jpg/40w.q80.webp',
    ]
    const done = await run(['warm', '-', '--json'], { cwd, stdin: toLog(...wrong) })
    expect(done.code).toBe(0)
    expect(readJson(done.stdout)).toMatchObject({ urls: 5, refused: 5, wanted: 0, rendered: 0 })
    expect(await listOutput(cwd)).toEqual([])
  })

  test('reads several logs, packed or from stdin, and takes the most wanted', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'c.jpg'])
    const [a, b, c] = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => `/${keyOf(name, '9w.q80')}`) as [
      string,
      string,
      string,
    ]
    await writeFile(join(cwd, '1.gz'), gzipSync(toLog(a, b, b)))
    await writeText(join(cwd, '2.log'), toLog(b, c))
    const args = ['warm', '1.gz', '-', '2.log', '--json', '--dry-run']
    const dry = await run([...args, '--min-hits', '2'], { cwd, stdin: toLog(c) })
    expect(JSON.parse(dry.stdout)).toMatchObject({
      lines: 6,
      wanted: 2,
      due: 2,
      render: [
        { key: b.slice(1), hits: 3 },
        { key: c.slice(1), hits: 2 },
      ],
    })
    const done = await run(['warm', '1.gz', '-', '2.log', '--limit', '1'], { cwd, stdin: toLog(c) })
    expect(done.stdout).toContain('1 variant wanted: 1 rendered\n')
    expect(await listOutput(cwd)).toEqual([b.slice(1)])
  })

  test('goes on after a failure, exits 1, and says what failed', async () => {
    const cwd = await makeProject(['a.jpg'])
    await writeText(join(cwd, 'photos/broken.jpg'), 'no picture')
    const stdin = toLog(`/${keyOf('broken.jpg', '9w.q80')}`, `/${keyOf('a.jpg', '9w.q80')}`)
    const done = await run(['warm', '-', '--json'], { cwd, stdin })
    expect(done.code).toBe(1)
    expect(readJson(done.stdout)).toMatchObject({
      rendered: 1,
      failed: 1,
      failures: [{ source: 'broken.jpg', code: 'not-an-image' }],
    })
    expect(done.stderr).toContain('failed broken.jpg')
    const again = await run(['warm', '-'], { cwd, stdin })
    expect(again).toMatchObject({ code: 0 })
    expect(again.stderr).toContain('1 source failed before and not tried again: --retry-failed')
    expect((await run(['warm', '-', '--retry-failed', '--quiet'], { cwd, stdin })).code).toBe(1)
  })

  test('leaves an output that only serve fills to serve', async () => {
    const cwd = await makeProject(['a.jpg'], { serve: { cache: { maxBytes: '1GB' } } })
    const stdin = toLog(`/${keyOf('a.jpg', '16w.q80')}`)
    expect((await run(['warm', '-', '--json'], { cwd, stdin })).code).toBe(0)
    expect(await listOutput(cwd)).toHaveLength(1)
    const config = await loadConfig({ cwd, overrides: {} })
    const project = await openProject(config, {
      now: Date.now,
      newId: randomUUID,
      tell: () => {},
      programVersion: '1',
    })
    await expect(refuseWithBuild(project.ledger)).resolves.toBeUndefined()
    await project.close()
  })

  test('says so when a log is none', async () => {
    const cwd = await makeProject(['a.jpg'])
    const done = await run(['warm', '-'], { cwd, stdin: 'Dear diary,\n' })
    expect(done).toMatchObject({ code: 0 })
    expect(done.stderr).toContain('is this an access log?')
  })

  test('refuses logs that cannot be read before it reads any', async () => {
    const cwd = await makeProject(['a.jpg'])
    await writeText(join(cwd, 'access.log'), toLog(`/${keyOf('a.jpg', '9w.q80')}`))
    for (const [args, why] of [
      [['access.log', 'gone.log'], 'gone.log does not exist'],
      [['photos'], 'photos is a folder'],
      [['-', '-'], 'stdin can only be read once'],
      [[], 'Which log? imgsizes warm'],
      [['access.log', '--limit', '0'], '--limit is "0"'],
      [['access.log', '--mount', 'img'], '--mount is "img"'],
    ] as const) {
      const done = await run(['warm', ...args], { cwd })
      expect([done.code, done.stderr]).toEqual([2, expect.stringContaining(why)])
    }
    expect(await listOutput(cwd)).toEqual([])
    await writeFile(join(cwd, 'cut.gz'), gzipSync(toLog('/a', '/b')).subarray(0, 30))
    const cut = await run(['warm', 'cut.gz'], { cwd })
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining('cut.gz cannot be read to its end')])
  })

  test('ends on Ctrl-C with what was begun stored', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `${index}.jpg`)
    const cwd = await makeProject(names, { formats: ['avif'], encoders: { avif: { effort: 9 } } })
    const stdin = toLog(...names.map((name) => `/${keyOf(name, '64w.q80', 'avif')}`))
    const done = await runAsProcess(['warm', '-', '--verbose', '--concurrency', '1'], {
      cwd,
      stdin,
      // With the space: a line of progress says "0 results stored" before.
      interrupt: sendOn(['stored ', 'SIGINT']),
    })
    expect(done.code).toBe(130)
    const [, rendered] = /wanted: ([0-9]+) rendered/.exec(done.stdout) ?? []
    const kept = await listOutput(cwd)
    expect(kept.length).toBe(Number(rendered))
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.length).toBeLessThan(names.length)
    const plan = await run(['plan', '--json'], { cwd })
    expect(JSON.parse(plan.stdout)).toMatchObject({ extra: kept.length })
  })
})
