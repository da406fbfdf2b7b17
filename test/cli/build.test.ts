import { rmSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatBytes } from '../../src/cli/format-numbers.ts'
import { QUICKEST } from '../support/site.ts'
import {
  listOutput,
  makeProject,
  run,
  runAsProcess,
  sendOn,
  writeConfig,
  writePicture,
  writeText,
} from './support.ts'

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

  test('names what the pixels of a drawing lack, where there are pixels, and once', async () => {
    const cwd = await makeProject([])
    await writeText(
      join(cwd, 'photos/a.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="color-mix(in srgb,red,blue)"/></svg>',
    )
    await writeConfig(cwd, { sizes: { vector: { widths: [9] } } })
    expect((await run(['build'], { cwd })).stderr).toBe('')
    await writeConfig(cwd, { vectors: 'draw', sizes: { pixels: { widths: [9] } } })
    const { code, stderr } = await run(['build'], { cwd })
    expect([code, stderr]).toEqual([0, expect.stringContaining('simplified a.svg: ')])
    expect(stderr).toContain('lack what browsers show: color-mix() and the like. Save it')
    expect((await run(['build'], { cwd })).stderr).toBe('')
    expect((await run(['build', '--force', '--quiet'], { cwd })).stderr).toBe('')
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
    expect(second.stdout).toContain(
      '2 sources, 1 not tried again (failed before); results: 0 rendered, 4 present',
    )
    expect(second.stderr).toMatch(
      /^1 source failed before and was not tried again: .*--verbose says why.*--retry-failed tries again\n$/,
    )
    const check = await run(['plan', '--check'], { cwd })
    expect(check.code).toBe(0)
    expect(check.stdout).toMatch(
      /\nNothing to do, but 1 source fails:\n.*plan --verbose.*\n.*build --retry-failed/,
    )
    const why = await run(['plan', '--verbose'], { cwd })
    const failing = /^failing broken\.jpg \(4 results\): .*not a picture/
    const listFailing = (text: string) => text.split('\n').filter((line) => failing.test(line))
    expect(listFailing(why.stdout)).toHaveLength(1)
    expect(why.stdout.match(/broken\.jpg/g)).toHaveLength(1)
    const told = await run(['build', '--verbose'], { cwd })
    expect(listFailing(told.stderr)).toHaveLength(1)
    expect(told.stderr.match(/broken\.jpg/g)).toHaveLength(1)
    expect(listFailing((await run(['build'], { cwd })).stderr)).toEqual([])
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

  test('says of every file what is in it, on stderr, and quietly nothing', async () => {
    const cwd = await makeProject(['a.jpg', 'cards/b.jpg', 'trips/c.jpg'])
    await writeText(join(cwd, 'photos/broken.jpg'), 'no picture')
    const files = ['--images', 'i.json', '--types', 'i.d.ts', '--report', 'r.html']
    const lists = ['--changed', 'changed.txt', '--report-failures', 'failures.ndjson']
    const { stderr } = await run(['build', ...files, ...lists, '--split', '--json'], { cwd })
    const sizeOf = async (...names: string[]) => {
      const texts = await Promise.all(names.map((name) => readFile(join(cwd, name))))
      return formatBytes(texts.reduce((sum, text) => sum + text.byteLength, 0))
    }
    expect(stderr.split('\n').filter((line) => line.startsWith('wrote'))).toEqual([
      `wrote i.json and 2 more files: 3 pictures, ${await sizeOf('i.json', 'i.cards.json', 'i.trips.json')}`,
      `wrote i.d.ts: 3 pictures, ${await sizeOf('i.d.ts')}`,
      `wrote changed.txt: 0 URLs, ${await sizeOf('changed.txt')}`,
      `wrote failures.ndjson: 1 failure, ${await sizeOf('failures.ndjson')}`,
      `wrote r.html: 3 pictures shown, ${await sizeOf('r.html')}`,
    ])
    expect((await run(['build', ...files, ...lists, '--quiet'], { cwd })).stderr).toBe('')
  })

  test('takes named sources from stdin, and says which are not there', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'a.jpg-2/c.jpg'])
    const { code, stdout, stderr } = await run(['build', '--json', '--sources-from', '-'], {
      cwd,
      stdin: 'b.jpg\r\na.jpg-2/c.jpg\n\nb.jpg\ngone.jpg\n',
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ sources: 2, rendered: 8 })
    expect(stderr).toContain('1 named source was not found, or is not included')
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
      '{"sources',
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
  test('that finds nothing says what it looked for, where, and how a name looks', async () => {
    const cwd = await makeProject(['Dune.jpg', 'trips/aurora.jpg'])
    await writeText(join(cwd, 'empty/notes.txt'), 'no picture')
    const say = async (args: readonly string[], stdin = '') => {
      const { code, stderr } = await run(args, { cwd, stdin })
      expect([args, code]).toEqual([args, 0])
      return stderr
    }
    const glob = 'note: No source matches --only phtos/**. Names are paths below photos, such as '
    expect(await say(['build', '--only', 'phtos/**'])).toBe(`${glob}Dune.jpg.\n`)
    expect(await say(['plan', '--only', 'phtos/**'])).toBe(`${glob}Dune.jpg.\n`)
    expect(await say(['build', '--sources-from', '-'], 'photos/trips/aurora.jpg\n')).toContain(
      'No source matches photos/trips/aurora.jpg. Names are paths below photos, such as trips/aurora.jpg.',
    )
    expect(await say(['build', '--sources-from', '-'])).toBe('note: Nothing to do: no source was named.\n')
    expect(await say(['build', '--source', './empty', '--json'])).toMatch(
      /^note: There are no pictures in empty: no path below it matches \*\*\/\*\.\{jpg,/,
    )
    await writeConfig(cwd, { exclude: ['**/*.jpg'] })
    expect(await say(['plan'])).toContain(',svg} and is not left out by **/*.jpg (`exclude`).')
    await writeConfig(cwd, { include: [] })
    expect(await say(['plan'])).toContain('There are no pictures in photos: `include` is empty.')
    await writeConfig(cwd)
    // Two of these shares are empty, as they may be.
    for (const shard of ['1/3', '2/3', '3/3']) expect(await say(['build', '--shard', shard])).toBe('')
    expect(await say(['build', '--only', 'phtos/**', '--quiet'])).toBe('')
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
    expect(verbose.stderr).toMatch(/skipped .*back.*slash\.jpg.* has a backslash/)
    expect(verbose.stderr).toContain('stored a.jpg/16w.q80.')
  })
})

test('what was done is said, though the page about it cannot be written any more', async () => {
  const cwd = await makeProject(['a.jpg'])
  await writeText(join(cwd, 'pages/other.txt'), '')
  const { code, stdout, stderr } = await runAsProcess(
    ['build', '--report', 'pages/r.html', '--json', '--verbose'],
    {
      cwd,
      interrupt: (text) => {
        if (text.includes('read a.jpg')) rmSync(join(cwd, 'pages'), { recursive: true, force: true })
        return undefined
      },
    },
  )
  expect([code, JSON.parse(stdout)]).toMatchObject([1, { sources: 1, rendered: 4, failed: 0 }])
  expect(stderr).toMatch(/^error: pages\/r\.html cannot be written/m)
})

test('a build that breaks off says why on its page and in the summary of its job', async () => {
  const cwd = await makeProject([])
  await rm(join(cwd, 'photos'), { recursive: true })
  const env = { GITHUB_STEP_SUMMARY: join(cwd, 'summary.md') }
  expect((await run(['build', '--report', 'r.html'], { cwd, env })).code).toBe(1)
  for (const name of ['r.html', 'summary.md'])
    expect(await readFile(join(cwd, name), 'utf8')).toMatch(
      /broken off by an error.*photos does not exist.*\(store-missing\)/s,
    )
})

test('the first signal ends a build in good order, and the next one finishes', async () => {
  const names = Array.from({ length: 24 }, (_, index) => `${index}.jpg`)
  const cwd = await makeProject([])
  await Promise.all(names.map((name) => writePicture(join(cwd, 'photos', name), 400, 300)))
  await writeConfig(cwd, { formats: ['avif'], sizes: { big: { widths: [400] } }, encoders: QUICKEST })
  const stopped = await runAsProcess(['build', '--concurrency', '1', '--verbose', '--json'], {
    cwd,
    interrupt: sendOn(['stored ', 'SIGINT']),
  })
  expect(stopped.code).toBe(130)
  expect(stopped.stderr).toMatch(
    /Interrupted.*Stopped before its end, with [0-9]+ sources? left of those that were looked at: the next build does the rest\./s,
  )
  const { rendered, failed } = JSON.parse(stopped.stdout)
  expect(await listOutput(cwd)).toHaveLength(rendered)
  expect(rendered).toBeLessThan(names.length)
  expect(failed).toBe(0)
  // To make all the others takes seconds.
  const done = (await listOutput(cwd)).map((key) => key.split('/')[0] ?? '')
  const [left = '', ...others] = names.filter((name) => !done.includes(name))
  await Promise.all(others.map((name) => rm(join(cwd, 'photos', name))))
  const next = JSON.parse((await run(['build', '--json'], { cwd })).stdout)
  expect(next).toMatchObject({ sources: rendered + 1, present: rendered, rendered: 1, failed: 0 })
  expect(await listOutput(cwd)).toContainEqual(expect.stringMatching(`^${left}/`))
})

test('SIGTERM is 143', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `${index}.jpg`)
  const cwd = await makeProject(names)
  const stopped = await runAsProcess(['build', '--concurrency', '1', '--verbose'], {
    cwd,
    interrupt: sendOn(['read ', 'SIGTERM']),
  })
  expect(stopped.code).toBe(143)
  expect(stopped.stdout).toMatch(/results: \d+ rendered/)
})

test('a second signal leaves at once, whatever is being encoded, and no half result behind', async () => {
  const cwd = await makeProject([], {
    formats: ['avif'],
    sizes: { big: { widths: [2000] } },
    encoders: { avif: { effort: 9 } },
  })
  // Minutes of one encode, which cannot be ended.
  await writePicture(join(cwd, 'photos/a.jpg'), 2000, 1500)
  const stopped = await runAsProcess(['build', '--concurrency', '1'], {
    cwd,
    interrupt: sendOn(['0 results stored', 'SIGINT'], ['Interrupted', 'SIGINT']),
  })
  expect(stopped).toMatchObject({ code: 130, stdout: '' })
  expect(await listOutput(cwd)).toEqual([])
})
