import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listOutput, makeProject, run, sendOn, writeConfig, writePicture, writeText } from './support.ts'

describe('build', () => {
  test('renders, reports, and finds nothing to do the second time', async () => {
    const cwd = await makeProject(['a.jpg', 'cards/b.png'])
    const first = await run(['build'], { cwd })
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(
      /^2 sources; results: 10 rendered\n.* in, .* out\nin .* s, .* results a second/,
    )
    expect(first.stdout).toMatch(/small +webp +4 .*%\n/)
    expect(first.stdout).toMatch(/card +png +1 /)
    expect(await listOutput(cwd)).toHaveLength(10)
    const second = await run(['build', '--json'], { cwd })
    const { seconds, ...rest } = JSON.parse(second.stdout)
    expect(rest).toEqual({
      version: 1,
      sources: 2,
      rendered: 0,
      copied: 0,
      touched: 0,
      dropped: 0,
      present: 10,
      failed: 0,
      bytesIn: 0,
      bytesOut: 0,
      failures: [],
    })
    expect(seconds).toBeGreaterThanOrEqual(0)
    const quiet = await run(['build', '--quiet'], { cwd })
    expect(quiet).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('goes on after a failure, exits 1, and leaves what failed alone next time', async () => {
    const cwd = await makeProject(['a.jpg'])
    await writeText(join(cwd, 'photos/broken.jpg'), 'no picture')
    const file = join(cwd, 'failures.ndjson')
    const first = await run(['build', '--json', '--report-failures', file], { cwd })
    expect(first.code).toBe(1)
    const report = JSON.parse(first.stdout)
    expect(report).toMatchObject({ sources: 2, rendered: 4, failed: 1 })
    const failure = { source: 'broken.jpg', code: 'not-an-image', message: expect.any(String) }
    expect(report.failures).toEqual([failure])
    expect(first.stderr).toMatch(/failed broken\.jpg: .* JPEG, PNG, .*\(not-an-image\)/)
    expect(
      (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([failure])

    const second = await run(['build'], { cwd })
    expect(second.code).toBe(0)
    expect(second.stderr).toContain('1 source failed before and was not tried again: --retry-failed')
    const plan = JSON.parse((await run(['plan', '--json'], { cwd })).stdout)
    expect(plan).toMatchObject({ failing: 1, missing: 0 })
    expect((await run(['build', '--retry-failed'], { cwd })).code).toBe(1)
  })

  test('writes the URLs whose bytes were replaced', async () => {
    const cwd = await makeProject(['ä.jpg', 'b.jpg'])
    await run(['build'], { cwd })
    await writePicture(join(cwd, 'photos/ä.jpg'), 70, 50)
    await writePicture(join(cwd, 'photos/new.jpg'))
    const file = join(cwd, 'changed.txt')
    expect((await run(['build', '--changed', file], { cwd })).code).toBe(0)
    const urls = (await readFile(file, 'utf8')).trim().split('\n')
    expect(urls).toHaveLength(4)
    for (const url of urls) expect(url).toMatch(/^https:\/\/img\.example\.com\/%C3%A4\.jpg\/(16|32)w\.q80\./)
  })

  test('takes named sources from stdin, and says which are not there', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'a.jpg-2/c.jpg'])
    const { code, stdout, stderr } = await run(['build', '--json', '--sources-from', '-'], {
      cwd,
      stdin: 'b.jpg\r\na.jpg-2/c.jpg\n\nb.jpg\ngone.jpg\n',
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ sources: 2, rendered: 8 })
    expect(stderr).toContain('1 named source not there')
  })

  test('skips a name that cannot be a source, and takes the others', async () => {
    const cwd = await makeProject(['a.jpg', 'é.jpg'])
    const { code, stdout, stderr } = await run(['build', '--json', '--verbose', '--sources-from', '-'], {
      cwd,
      stdin: './a.jpg\n../b.jpg\n"\\303\\251.jpg"\n',
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ sources: 2, rendered: 8 })
    expect(stderr).toContain('skipped "../b.jpg" has an empty, "." or ".." segment (line 2)')
    expect(stderr).toContain('1 name skipped')
  })

  test('says plainly where none of the named sources is there', async () => {
    const cwd = await makeProject(['a.jpg'])
    const build = (stdin: string) => run(['build', '--sources-from', '-'], { cwd, stdin })
    const [one, two] = await Promise.all([build('photos/a.jpg\n'), build('photos/a.jpg\nphotos/b.jpg\n')])
    expect([one.code, two.code]).toEqual([0, 0])
    expect(one.stderr).toMatch(
      /^photos\/a\.jpg is not there: a source is named by its path below `source`\.$/m,
    )
    expect(two.stderr).toMatch(/^None of the 2 named sources is there, photos\/a\.jpg for example: /m)
  })

  test('writes URLs, failures and plans to stdout, and reads a plan from stdin', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg'])
    await run(['build'], { cwd })
    await writePicture(join(cwd, 'photos/b.jpg'), 70, 50)
    await writeFile(join(cwd, 'photos/c.jpg'), 'no picture')
    const plan = await run(['plan', '--out', '-', '--verbose'], { cwd })
    expect(plan.stdout.split('\n').map((line) => line.slice(0, 9))).toEqual([
      '{"imgsize',
      '["b.jpg",',
      '["c.jpg",',
      '',
    ])
    expect(plan.stderr).toContain('3 sources, 12 results expected')
    const changed = await run(['build', '--plan', '-', '--shard', '1/1', '--changed', '-'], {
      cwd,
      stdin: plan.stdout,
    })
    expect(changed.code).toBe(1)
    expect(changed.stdout.trim().split('\n')).toHaveLength(4)
    for (const url of changed.stdout.trim().split('\n')) expect(url).toMatch(/^https:.*\/b\.jpg\//)
    expect(changed.stderr).toMatch(/^2 sources, 1 failed; results: 4 rendered$/m)
    const failures = await run(['build', '--retry-failed', '--report-failures', '-'], { cwd })
    expect(JSON.parse(failures.stdout)).toMatchObject({ source: 'c.jpg', code: 'not-an-image' })
    for (const other of [['--json'], ['--report-failures', '-']]) {
      const both = await run(['build', '--changed', '-', ...other], { cwd })
      expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('each writes to stdout')])
    }
  })

  test('into a place that cannot be written ends before it renders, and its JSON says that it failed', async () => {
    const cwd = await makeProject(['a.jpg'], { output: './imgsizes.config.json/out' })
    const { code, stdout, stderr } = await run(['build', '--json'], { cwd })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      rendered: 0,
      failed: 1,
      failures: [{ source: '', code: 'store-missing' }],
    })
    expect(stderr).toContain('imgsizes.config.json is a file')
  })

  test('says so where no size asks for anything', async () => {
    const cwd = await makeProject(['a.jpg'], { sizes: {} })
    const [plan, build] = await Promise.all([run(['plan'], { cwd }), run(['build'], { cwd })])
    expect([plan.code, build.code]).toEqual([0, 0])
    expect(plan.stdout).toContain('No size asks for anything')
    expect(build.stderr).toContain('No size asks for anything')
  })

  test('takes a share, a size, a format, a glob', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'c.jpg', 'cards/d.jpg'])
    const count = async (...flags: string[]) =>
      JSON.parse((await run(['plan', '--json', ...flags], { cwd })).stdout).expected
    expect(await count('--only', 'cards/**')).toBe(6)
    expect(await count('--size', 'card')).toBe(2)
    expect(await count('--size', 'small', '--format', 'original')).toBe(8)
    const shards = await Promise.all(
      ['1/2', '2/2'].map(async (shard) =>
        JSON.parse((await run(['build', '--json', '--shard', shard], { cwd })).stdout),
      ),
    )
    expect(shards.reduce((sum, { rendered }) => sum + rendered, 0)).toBe(18)
  })

  test('a source that cannot be reached is exit 1, without a result on stdout', async () => {
    const cwd = await makeProject([])
    await rm(join(cwd, 'photos'), { recursive: true })
    const { code, stdout, stderr } = await run(['build', '--json'], { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: .*photos/)
  })

  test('tells names that cannot be sources under --verbose alone', async () => {
    const cwd = await makeProject(['a.jpg'])
    await writeFile(join(cwd, 'photos/back\\slash.jpg'), '')
    const plan = await run(['plan'], { cwd })
    expect(plan.stdout).toMatch(/skipped +1/)
    expect(plan.stderr).toBe('')
    const verbose = await run(['build', '--verbose'], { cwd })
    expect(verbose.stderr).toMatch(/skipped .*back.*slash\.jpg.* holds a backslash/)
    expect(verbose.stderr).toContain('stored a.jpg/16w.q80.')
  })
})

test('the first signal ends a build in good order, and the next one finishes', async () => {
  const names = Array.from({ length: 24 }, (_, index) => `${index}.jpg`)
  const cwd = await makeProject([])
  await Promise.all(names.map((name) => writePicture(join(cwd, 'photos', name), 400, 300)))
  await writeConfig(cwd, { formats: ['avif'], sizes: { big: { widths: [400] } } })
  const stopped = await run(['build', '--concurrency', '1', '--verbose', '--json'], {
    cwd,
    interrupt: sendOn(['stored ', 'SIGINT']),
  })
  expect(stopped.code).toBe(130)
  expect(stopped.stderr).toMatch(/Interrupted.*Stopped before its end: the next build does the rest\./s)
  const { rendered, failed } = JSON.parse(stopped.stdout)
  expect(await listOutput(cwd)).toHaveLength(rendered)
  expect(rendered).toBeLessThan(names.length)
  expect(failed).toBe(0)
  const next = JSON.parse((await run(['build', '--json'], { cwd })).stdout)
  expect(next).toMatchObject({ present: rendered, rendered: names.length - rendered, failed: 0 })
}, 90_000)

test('SIGTERM is 143', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `${index}.jpg`)
  const cwd = await makeProject(names)
  const stopped = await run(['build', '--concurrency', '1', '--verbose'], {
    cwd,
    interrupt: sendOn(['read ', 'SIGTERM']),
  })
  expect(stopped.code).toBe(143)
  expect(stopped.stdout).toMatch(/results: \d+ rendered/)
})

test('a second signal leaves at once, whatever is being encoded, and no half result behind', {
  timeout: 30_000,
}, async () => {
  const cwd = await makeProject([], {
    formats: ['avif'],
    sizes: { big: { widths: [4000] } },
    encoders: { avif: { effort: 9 } },
  })
  // Minutes of one encode, which cannot be ended.
  await writePicture(join(cwd, 'photos/a.jpg'), 4000, 3000)
  const stopped = await run(['build', '--concurrency', '1'], {
    cwd,
    interrupt: sendOn(['0 results stored', 'SIGINT'], ['Interrupted', 'SIGINT']),
  })
  expect(stopped).toMatchObject({ code: 130, stdout: '' })
  expect(await listOutput(cwd)).toEqual([])
})
