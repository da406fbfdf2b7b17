import { describe, expect, test, vi } from 'vitest'
import { createFlags } from '../../src/cli/flags.ts'
import { formatBytes, formatCount, formatSaving, formatSeconds, formatTable } from '../../src/cli/format.ts'
import { formatBar, startProgress } from '../../src/cli/progress.ts'
import { commonPrefix, parsePurgeTarget } from '../../src/cli/purge-target.ts'
import { parseSourceLines } from '../../src/cli/sources-from.ts'
import { chooseStyle } from '../../src/cli/style.ts'
import type { Terminal } from '../../src/cli/terminal.ts'

const PLAIN = chooseStyle({}, false)

const SILENT: Terminal = {
  print: () => {},
  log: () => {},
  style: PLAIN,
  logStyle: PLAIN,
  canRedraw: false,
  canAsk: false,
  confirm: async () => false,
  divertLog: () => () => {},
}

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
    vi.useRealTimers()
  })
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
    expect(parseSourceLines('b\na.jpg\r\n\na.jpg-2\nb\n')).toEqual(['a.jpg-2', 'a.jpg', 'b'])
  })
})
