import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createBuildTally } from '../../src/app/batch/build-tally.ts'
import {
  createTimeLeft,
  formatTimeLeft,
  toBuildState,
  withBuildProgress,
} from '../../src/cli/build-progress.ts'
import { checkSwitches, createFlags, shieldArguments } from '../../src/cli/flags.ts'
import {
  formatAdvice,
  formatBytes,
  formatCount,
  formatRate,
  formatSaving,
  formatSeconds,
  formatTable,
  wrapText,
} from '../../src/cli/format-numbers.ts'
import { chooseProgramName } from '../../src/cli/program.ts'
import { formatBar, startProgress } from '../../src/cli/progress.ts'
import { quoteLast } from '../../src/cli/shell.ts'
import { parseSourceLines } from '../../src/cli/sources-from.ts'
import { canRedrawOn, chooseStyle, openTerminal } from '../../src/cli/terminal.ts'
import { Problem } from '../../src/core/problem.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import type { VariantKey } from '../../src/url/keyring.ts'
import { commonPrefix, parsePurgeTarget } from '../../src/wire/purge.ts'
import { SILENT } from './support.ts'

const PLAIN = chooseStyle({}, false)

afterEach(() => {
  vi.useRealTimers()
})

test('of what is written while a bar is shown, only that for a terminal goes above it', () => {
  const piped = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const [wasOut, wasErr] = [process.stdout.isTTY, process.stderr.isTTY]
  onTestFinished(() => {
    Object.assign(process.stdout, { isTTY: wasOut })
    Object.assign(process.stderr, { isTTY: wasErr })
    vi.restoreAllMocks()
  })
  Object.assign(process.stdout, { isTTY: false })
  Object.assign(process.stderr, { isTTY: true })
  const terminal = openTerminal((text) => text)
  const above: string[] = []
  const restore = terminal.divert((text) => above.push(text))
  terminal.print('data')
  terminal.log('a note')
  restore()
  terminal.log('later')
  expect([above, piped.mock.calls.map(([text]) => text)]).toEqual([['a note\n'], ['data\n']])
})

describe('what people read', () => {
  test('counts, bytes, seconds, savings', () => {
    expect([formatCount(1, 'source'), formatCount(12345, 'source')]).toEqual(['1 source', '12,345 sources'])
    expect(formatBytes(1234567)).toBe('1.23 MB')
    const seconds = { 0.44: '0.4 s', 12.4: '12 s', 65: '1 min 5 s', 3600: '1 h 0 min', 7290: '2 h 2 min' }
    expect(Object.keys(seconds).map((text) => formatSeconds(Number(text)))).toEqual(Object.values(seconds))
    expect([formatSaving(100, 7), formatSaving(100, 105), formatSaving(0, 5)]).toEqual(['−93 %', '+5 %', ''])
    const nearly = [formatSaving(695, 3), formatSaving(1e9, 1), formatSaving(5, 0), formatSaving(1000, 1001)]
    expect(nearly).toEqual(['−99.6 %', '−99.9 %', '−100 %', '±0 %'])
    expect([formatRate(24, 2), formatRate(1, 3), formatRate(1, 60)]).toEqual([
      '12 results a second',
      '0.3 results a second',
      undefined,
    ])
  })

  test('a text is wrapped at spaces, and no word is broken', () => {
    expect(wrapText('ab cd ef', 5)).toEqual(['ab cd', 'ef'])
    expect(wrapText('a longest b', 3)).toEqual(['a', 'longest', 'b'])
    expect(wrapText('', 3)).toEqual([''])
  })

  test('a table lines up without blanks at the ends', () => {
    expect(
      formatTable(
        [
          ['a', '1', 'x'],
          ['bcd', '10', ''],
        ],
        ['left', 'right', 'left'],
      ),
    ).toEqual(['a     1  x', 'bcd  10'])
  })

  test('advice is a sentence of its own', () => {
    expect(formatAdvice({ message: 'too slow (Timeout)', hint: 'Wait.' })).toBe('too slow (Timeout). Wait.')
    expect(formatAdvice({ message: 'It is broken.', hint: 'Mend it.' })).toBe('It is broken. Mend it.')
    expect(formatAdvice({ message: 'gone' })).toBe('gone')
  })

  test('the last word of a command line is no flag, and no more than one word', () => {
    expect(quoteLast('a.jpg')).toBe('a.jpg')
    expect(quoteLast('-a b.jpg')).toBe("-- '-a b.jpg'")
  })

  test('commands are named as they were started, and nothing else is', () => {
    const byNpx = chooseProgramName({ npm_command: 'exec' }, ['init', 'build'])
    expect(byNpx('Next: imgsizes build')).toBe('Next: npx imgsizes build')
    expect(byNpx('Run `imgsizes init` or (imgsizes --help).')).toBe(
      'Run `npx imgsizes init` or (npx imgsizes --help).',
    )
    expect(byNpx('\u001b[36mimgsizes build\u001b[39m')).toBe('\u001b[36mnpx imgsizes build\u001b[39m')
    const others = 'npx imgsizes build, /opt/imgsizes build, imgsizes 1.0, imgsizes builds, of imgsizes: init'
    expect(byNpx(others)).toBe(others)
    const byYarn = chooseProgramName({ npm_config_user_agent: 'yarn/4.18.1 npm/? node/v20.20.2' }, ['build'])
    expect(byYarn('Next: imgsizes build')).toBe('Next: yarn imgsizes build')
    for (const env of [{}, { npm_command: 'run-script' }])
      expect(chooseProgramName(env, ['build'])('Next: imgsizes build')).toBe('Next: imgsizes build')
  })

  test('a bar is as full as its share', () => {
    expect(formatBar({ share: 0.5, text: 'x' }, PLAIN)).toBe(`${'━'.repeat(12)}${'╌'.repeat(12)} x`)
    expect(formatBar({ text: 'x' }, PLAIN)).toBe('x')
  })
})

test('progress without a terminal is a line after 2 s and then every 5 s, and nothing where quiet', () => {
  vi.useFakeTimers()
  const lines: string[] = []
  const terminal = { ...SILENT, log: (text: string) => lines.push(text) }
  const progress = startProgress(terminal, { isQuiet: false, read: () => ({ share: 0.5, text: 'half' }) })
  startProgress(terminal, { isQuiet: true, read: () => ({ text: 'never' }) })
  vi.advanceTimersByTime(1_999)
  expect(lines).toEqual([])
  vi.advanceTimersByTime(20_001)
  expect(lines).toEqual(Array.from({ length: 5 }, () => 'half'))
  progress.stop()
  vi.advanceTimersByTime(60_000)
  expect(lines).toHaveLength(5)
})

describe('the progress of a build', () => {
  const done = { ...createBuildTally().read(), bytesIn: 11_800_000, megapixels: 23.6, rendered: 1_108 }

  test('says files, bytes, megapixels, rate and the time left, stage by stage, in rows of 80 columns', () => {
    const tally = { ...done, finished: 1_206, failed: 2, bytesOut: 4_220_000 }
    expect(toBuildState(tally, { seconds: 8, total: 13_000, left: 78 })).toEqual({
      share: 1_206 / 13_000,
      text: '1,206/13,000 sources, 2 failed, 8.0 s, about 2 min left',
      detail: '11.8 MB read, 24 megapixels rendered, 1,108 results stored (4.22 MB, 139/s)',
    })
    expect(toBuildState(tally, { seconds: 8 }).text).toBe('1,206 sources, 2 failed, 8.0 s')
  })

  test('says nothing of what is nothing yet, and no rate that would be nought', () => {
    const tiny = { ...done, bytesIn: 900, megapixels: 0.003, rendered: 1, bytesOut: 80 }
    expect(toBuildState(tiny, { seconds: 30 }).detail).toBe('900 B read, 1 result stored (80 B)')
    expect(toBuildState({ ...tiny, rendered: 0, bytesOut: 0 }, { seconds: 1 }).detail).toBe(
      '900 B read, 0 results stored',
    )
  })

  test('counts sources alone, whatever else lies in the folder, and those that failed', () => {
    const tally = createBuildTally()
    const plan = (source: string, steps: number, isIncluded = true) =>
      tally.tell({
        kind: 'source-planned',
        source: source as SourceKey,
        sourceBytes: 100,
        steps: Array.from({ length: steps }, () => ({ kind: 'drop', key: 'k' as VariantKey })),
        isIncluded,
      })
    for (let i = 0; i < 300; i++) plan(`notes/${i}.txt`, 0, false)
    plan('gone.jpg', 1, false)
    for (const name of ['a', 'b', 'c']) plan(`${name}.jpg`, 2)
    plan('done.jpg', 0)
    const drop = (source: string) =>
      tally.tell({ kind: 'result-dropped', source: source as SourceKey, key: 'k' as VariantKey })
    for (const name of ['a.jpg', 'a.jpg', 'b.jpg', 'gone.jpg']) drop(name)
    tally.tell({
      kind: 'source-failed',
      source: 'c.jpg' as SourceKey,
      problem: new Problem('image-corrupt', 'x'),
    })
    const { finished, sources, work } = tally.read()
    expect([finished, sources]).toEqual([3, 4])
    expect(work).toEqual({ plannedBytes: 400, workBytes: 400, doneBytes: 300, done: 3 })
    expect(toBuildState(tally.read(), { seconds: 5, total: 4 }).text).toMatch(/^3\/4 sources/)
  })

  test('the time left never grows, and is near the truth while pictures are alike', () => {
    const timeLeft = createTimeLeft()
    const told: number[] = []
    // 1,000 sources, of which every other has work: 100 ms each, in a plan that runs ahead; then they get slow.
    for (let seconds = 0; seconds <= 60; seconds += 0.5) {
      const done = Math.floor(seconds < 40 ? seconds * 10 : 400 + (seconds - 40) * 2)
      const planned = Math.min(1_000, done * 2 + 80)
      const work = { plannedBytes: planned * 10, workBytes: planned * 5, doneBytes: done * 10, done }
      const left = timeLeft({ ...work, workBytes: planned * 5 }, { seconds, totalBytes: 10_000 })
      if (left !== undefined) told.push(left)
    }
    expect(told.length).toBeGreaterThan(100)
    expect(told).toEqual([...told].sort((a, b) => b - a))
    expect(Math.abs((told[10] ?? 0) - 42)).toBeLessThan(4)
    expect([3, 27, 61, 3_600, 5_000].map(formatTimeLeft)).toEqual([
      '5 s',
      '30 s',
      '2 min',
      '1 h 0 min',
      '1 h 20 min',
    ])
  })

  test('counts the sources once there is something to render, and not before, with or without a terminal', async () => {
    vi.useFakeTimers()
    const lines: string[] = []
    let listings = 0
    let tally = { ...done, bytesIn: 0, megapixels: 0, rendered: 0, finished: 7 }
    const list = async function* () {
      listings++
      for (const key of ['a.jpg', 'b.jpg', 'c.png'] as SourceKey[])
        yield { key, sizeBytes: 1, modifiedAt: 0, mark: undefined, isIncluded: key !== 'c.png' }
    }
    const startedAt = Date.now()
    const options = {
      project: { originals: { list } },
      scope: { selection: {} },
      common: { isQuiet: false },
      terminal: { ...SILENT, log: (text: string) => lines.push(text) },
      read: () => ({ tally, seconds: (Date.now() - startedAt) / 1_000 }),
    }
    let end = (): void => {}
    const ended = withBuildProgress(options, () => new Promise<void>((resolve) => (end = resolve)))
    await vi.advanceTimersByTimeAsync(2_000)
    expect([lines, listings]).toEqual([['7 sources, 2.0 s'], 0])
    tally = { ...done, finished: 1, work: { plannedBytes: 2, workBytes: 2, doneBytes: 1, done: 1 } }
    await vi.advanceTimersByTimeAsync(10_000)
    expect(lines[2]).toMatch(/^1\/2 sources, 12 s, about 5 s left: 11\.8 MB read, 24 megapixels rendered/)
    expect(listings).toBe(1)
    end()
    await ended
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines).toHaveLength(3)
  })
})

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: 'dumb' }, true, false],
  [{ CI: 'true' }, true, false],
  [{ CI: 'false' }, true, true],
])('a line is written over where somebody watches: %o on a terminal %s: %s', (env, isTerminal, can) => {
  expect(canRedrawOn(env, isTerminal)).toBe(can)
})

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
])('chooseStyle %o on a terminal %s: %s', (env, isTerminal, isColoured) => {
  expect(chooseStyle(env, isTerminal).red('x') !== 'x').toBe(isColoured)
})

describe('flags', () => {
  test('durations and bytes are read as the configuration reads them', () => {
    const flags = createFlags({ a: '30m', b: '0', c: '512MB', d: '1000', e: '0.25' })
    expect([flags.durationMs('a'), flags.durationMs('b')]).toEqual([1_800_000, 0])
    expect([flags.bytes('c'), flags.bytes('d')]).toEqual([512_000_000, 1000])
    expect(flags.number('e', { min: 0, max: 1 })).toBe(0.25)
    expect(flags.durationMs('absent')).toBeUndefined()
    const oneOf = (min: number, max: number) => flags.wholeNumber('d', { min, max })
    expect([oneOf(1000, 1001), oneOf(999, 1000)]).toEqual([1000, 1000])
    expect(() => oneOf(1, 999)).toThrow('--d is "1000"; allowed: a whole number 1..999')
  })

  test('a switch is given alone or as true or false; after -- nothing is a switch', () => {
    expect(() =>
      checkSwitches(['--a=true', '--b=false', '--c'], { a: true, b: false, c: true }),
    ).not.toThrow()
    expect(() => checkSwitches(['--a=1'], { a: false })).toThrow('--a is "1"')
    expect(() => checkSwitches(['--text=1', '--', '--a=1'], { text: '1', a: true })).not.toThrow()
  })

  test.each([[['-']], [['--out=-']], [['a', '--', '-x', '--', '-']], [['\u200b-', '--only=\u200bx']]])(
    'what yargs would misread comes back as it was: %j',
    (argv) => {
      const shielded = shieldArguments(argv)
      expect(shielded.some((arg) => arg === '-' || arg.endsWith('=-'))).toBe(false)
      const texts = shielded.map((arg) => /^--[a-z]+=(.*)$/s.exec(arg)?.[1] ?? arg)
      const flags = createFlags({ list: texts, ...Object.fromEntries(texts.entries()) })
      const given = argv.filter((arg, index) => arg !== '--' || index !== argv.indexOf('--'))
      const expected = given.map((arg) => arg.replace(/^--[a-z]+=/, ''))
      expect(flags.argumentList('list')).toEqual(expected)
      expect(expected.map((_, index) => flags.text(String(index)))).toEqual(expected)
    },
  )
})

test('purge targets list no more than they must, and never less', () => {
  expect(parsePurgeTarget('a/b.jpg').prefix).toBe('a/b.jpg/')
  expect(parsePurgeTarget('a/b/x*.jpg').prefix).toBe('a/b/x')
  expect(parsePurgeTarget('*.jpg').prefix).toBe('')
  expect(parsePurgeTarget('./a/*.jpg').prefix).toBe('')
  expect(commonPrefix(['a/b/c.jpg/', 'a/b/d.jpg/'])).toBe('a/b/')
  expect(commonPrefix(['a.jpg/'])).toBe('a.jpg/')
  expect(commonPrefix(['a/', 'b/'])).toBe('')
})

describe('parseSourceLines', () => {
  test('gives each source once, in the order of the plan', () => {
    const keys = ['a.jpg-2', 'a.jpg', 'b']
    expect(parseSourceLines(Buffer.from('\ufeffb\na.jpg\r\n\na.jpg-2\n./b\n'))).toEqual({ keys, skipped: [] })
  })

  test.each([
    ['"\\303\\251t\\303\\251/\\"x\\".jpg"', 'été/"x".jpg'],
    ['./a/b.jpg', 'a/b.jpg'],
    ['"half.jpg', '"half.jpg'],
    ['"a\\q.jpg', undefined],
    ['"a\\tb.jpg"', undefined],
    ['"\\377.jpg"', undefined],
    ['../b.jpg', undefined],
    ['/b.jpg', undefined],
  ])('reads %s as %s', (line, key) => {
    const { keys, skipped } = parseSourceLines(Buffer.from(`${line}\nz.jpg`))
    expect(keys).toEqual(key === undefined ? ['z.jpg'] : [key, 'z.jpg'].sort())
    expect(skipped.length).toBe(key === undefined ? 1 : 0)
  })

  test('leaves out a name whose bytes are no UTF-8, and says in which line', () => {
    const { keys, skipped } = parseSourceLines(Buffer.from('a.jpg\n\xff.jpg\n', 'latin1'))
    expect(keys).toEqual(['a.jpg'])
    expect(skipped).toMatchObject([{ reason: 'is not valid Unicode (line 2)' }])
  })
})
