import { afterEach, describe, expect, test, vi } from 'vitest'
import { showBuildProgress, toBuildState } from '../../src/cli/build-progress.ts'
import { createBuildTally } from '../../src/cli/build-tally.ts'
import { checkSwitches, createFlags, shieldArguments } from '../../src/cli/flags.ts'
import {
  formatAdvice,
  formatBytes,
  formatCount,
  formatSaving,
  formatSeconds,
  formatTable,
} from '../../src/cli/format.ts'
import { chooseProgramName } from '../../src/cli/program.ts'
import { formatBar, startProgress } from '../../src/cli/progress.ts'
import { commonPrefix, parsePurgeTarget } from '../../src/cli/purge-target.ts'
import { parseSourceLines } from '../../src/cli/sources-from.ts'
import { canRedrawOn, chooseStyle } from '../../src/cli/style.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import type { SourceKey } from '../../src/core/source-key.ts'

const PLAIN = chooseStyle({}, false)

const SILENT: Terminal = {
  print: () => {},
  report: () => {},
  log: () => {},
  style: PLAIN,
  logStyle: PLAIN,
  width: 80,
  canRedraw: false,
  canAsk: false,
  confirm: async () => false,
  findFailure: async () => undefined,
  divertLog: () => () => {},
}

afterEach(() => {
  vi.useRealTimers()
})

describe('what people read', () => {
  test('counts, bytes, seconds, savings', () => {
    expect([formatCount(1, 'source'), formatCount(12345, 'source')]).toEqual(['1 source', '12,345 sources'])
    expect(formatBytes(1234567)).toBe('1.23 MB')
    expect([0.44, 12.4, 65, 7290].map(formatSeconds)).toEqual(['0.4 s', '12 s', '1 min 5 s', '2 h 2 min'])
    expect([formatSaving(100, 7), formatSaving(100, 105), formatSaving(0, 5)]).toEqual(['−93 %', '+5 %', ''])
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

  test('commands are named as they were started, and nothing else is', () => {
    const byNpx = chooseProgramName({ npm_command: 'exec' }, ['init', 'build'])
    expect(byNpx('Next: imgsizes build')).toBe('Next: npx imgsizes build')
    expect(byNpx('Run `imgsizes init` or (imgsizes --help).')).toBe(
      'Run `npx imgsizes init` or (npx imgsizes --help).',
    )
    expect(byNpx('\u001b[36mimgsizes build\u001b[39m')).toBe('\u001b[36mnpx imgsizes build\u001b[39m')
    const others = 'npx imgsizes build, /opt/imgsizes build, imgsizes 1.0, imgsizes builds, of imgsizes: init'
    expect(byNpx(others)).toBe(others)
    for (const env of [{}, { npm_command: 'run-script' }])
      expect(chooseProgramName(env, ['build'])('Next: imgsizes build')).toBe('Next: imgsizes build')
  })

  test('a bar is as full as its share', () => {
    expect(formatBar({ share: 0.5, text: 'x' }, PLAIN)).toBe(`${'━'.repeat(12)}${'╌'.repeat(12)} x`)
    expect(formatBar({ text: 'x' }, PLAIN)).toBe('x')
  })
})

describe('progress', () => {
  test('without a terminal is a line after 2 s and then every 5 s, and nothing where quiet', () => {
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
})

describe('the progress of a build', () => {
  const done = { ...createBuildTally().read(), bytesIn: 11_800_000, megapixels: 23.6, rendered: 1_108 }

  test('says files, bytes, megapixels, rate and the time left, stage by stage, in rows of 80 columns', () => {
    const tally = { ...done, finished: 1_206, failed: 2, bytesOut: 4_220_000 }
    expect(toBuildState(tally, { seconds: 8, total: 13_000 })).toEqual({
      share: 1_206 / 13_000,
      text: '1,206/13,000 sources, 2 failed, 8.0 s, 1 min 18 s left',
      detail: '11.8 MB read, 23.6 megapixels rendered (3.0/s), 1,108 results stored (4.22 MB)',
    })
    expect(toBuildState(tally, { seconds: 8, total: undefined }).text).toBe('1,206 sources, 2 failed, 8.0 s')
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
    const progress = showBuildProgress({
      project: { originals: { list } },
      scope: { selection: {} },
      common: { isQuiet: false },
      terminal: { ...SILENT, log: (text: string) => lines.push(text) },
      read: () => ({ tally, seconds: (Date.now() - startedAt) / 1_000 }),
    })
    await vi.advanceTimersByTimeAsync(2_000)
    expect([lines, listings]).toEqual([['7 sources, 2.0 s'], 0])
    tally = { ...done, finished: 1 }
    await vi.advanceTimersByTimeAsync(10_000)
    expect(lines[2]).toMatch(/^1\/2 sources, 12 s, 12 s left: 11\.8 MB read, 23\.6 megapixels rendered/)
    expect(listings).toBe(1)
    progress.stop()
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

describe('chooseStyle', () => {
  test.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('%o on a terminal %s: %s', (env, isTerminal, isColoured) => {
    expect(chooseStyle(env, isTerminal).red('x') !== 'x').toBe(isColoured)
  })
})

describe('flags', () => {
  test('durations and bytes are read as the configuration reads them', () => {
    const flags = createFlags({ a: '30m', b: '0', c: '512MB', d: '1000', e: '0.25' })
    expect([flags.durationMs('a'), flags.durationMs('b')]).toEqual([1_800_000, 0])
    expect([flags.bytes('c'), flags.bytes('d')]).toEqual([512_000_000, 1000])
    expect(flags.number('e', { min: 0, max: 1 })).toBe(0.25)
    expect(flags.durationMs('absent')).toBeUndefined()
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

describe('purge targets', () => {
  test('list no more than they must, and never less', () => {
    expect(parsePurgeTarget('a/b.jpg').prefix).toBe('a/b.jpg/')
    expect(parsePurgeTarget('a/b/x*.jpg').prefix).toBe('a/b/')
    expect(parsePurgeTarget('*.jpg').prefix).toBe('')
    expect(parsePurgeTarget('./a/*.jpg').prefix).toBe('')
    expect(commonPrefix(['a/b/c.jpg/', 'a/b/d.jpg/'])).toBe('a/b/')
    expect(commonPrefix(['a.jpg/'])).toBe('a.jpg/')
    expect(commonPrefix(['a/', 'b/'])).toBe('')
  })
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
